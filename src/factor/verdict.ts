/** What becomes of a code that somebody typed, as a value and in words. Pure. */
import { assertNever } from '../run/assert-never.ts';
import { utcMinute } from '../utc.ts';

export type CodeVerdict =
  /** `about`: what the code was typed for, and the only thing that it proves anything for. */
  | { readonly kind: 'proved'; readonly about: string }
  /** `left`: how many more wrong ones until the person is locked. */
  | { readonly kind: 'wrong'; readonly left: number }
  /** Right, but it, or a later one, was accepted before. */
  | { readonly kind: 'used' }
  /** Not looked at. `until` in milliseconds since 1970. */
  | { readonly kind: 'locked'; readonly until: number }
  | { readonly kind: 'notEnrolled' }
  /** Redis did not answer, or the stored secret does not open; refused, for nothing can be proved. `why` is a sentence's end. */
  | { readonly kind: 'unavailable'; readonly why: string };

export type NotProved = Exclude<CodeVerdict, { readonly kind: 'proved' }>;

/**
 * Whoever checks codes for the Slack edge. Never rejects. `sending` names the form that was sent: Slack may deliver one twice, and the second
 * delivery is answered as the first one was.
 */
export type Prover = { verify(user: string, code: string, about: string, sending: string): Promise<CodeVerdict> };

/** A code as it is typed: six digits, blanks between them or not. Undefined: it is none, so it need not be checked. */
export function codeIn(typed: string): string | undefined {
  const digits = typed.replace(/\s/g, '');
  return /^[0-9]{6}$/.test(digits) ? digits : undefined;
}

export const NO_CODE = 'A code has six digits. Type the one that the authenticator app shows now.';

/** For the person who typed it, without markup: it stands at the field of a form, or on a terminal. */
export function sayNotProved(verdict: NotProved): string {
  switch (verdict.kind) {
    case 'wrong':
      return `This code is wrong. Type the one that your app shows now${verdict.left === 0 ? '.' : `; ${tries(verdict.left)} before you are locked for a while.`} Check: the app's entry for Keyturn, and the clock of your phone.`;
    case 'used':
      return 'This code was used already; each counts once. Wait until your app shows the next one, at most 30 seconds.';
    case 'locked':
      return `Too many wrong codes: no code of yours is looked at until ${utcMinute(verdict.until)}. If those were not yours, tell an administrator of Keyturn: somebody else may be using your Slack session.`;
    case 'notEnrolled':
      return 'You have no second factor here, so nothing was done. An administrator of Keyturn enrols you on its machine, with you beside them: keyturn factor enrol.';
    case 'unavailable':
      return `The code could not be checked (${verdict.why}), so nothing was done. Try again with the next code; if it stays so, the log of Keyturn says more.`;
    default:
      return assertNever(verdict);
  }
}

function tries(left: number): string {
  return left === 1 ? 'one more wrong one is possible' : `${left} more wrong ones are possible`;
}
