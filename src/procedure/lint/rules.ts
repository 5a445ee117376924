/** The rules of `keyturn lint`. They are about judgement: a file that breaks one can be run, and its author says why, or puts it right. */

/** Each rule, and the key with which its author answers a false alarm; docs/procedure-language.md explains them. */
export const answers = {
  'unsafe-verb': 'safe',
  /** What only looks is run for a plan and before anybody is asked: nothing answers this one. */
  'verb-in-look': undefined,
  unverified: 'unverified',
  endless: 'accept',
  unreachable: 'accept',
  'unknown-value': 'accept',
  'secret-shown': 'accept',
  'unknown-role': 'accept',
  unused: 'accept',
  /** An answer to an alarm that there is not. */
  needless: undefined,
} as const;

export type LintRule = keyof typeof answers;
