/** Names that come back in Slack's payloads, and what the values of buttons say. Pure; a value is judged anew when it comes back. */
import { z } from 'zod';
import { MOST_PAGES } from '../../history/query.ts';
import type { Choice } from '../../run/events.ts';
import { choiceSchema } from '../../run/events.ts';

export const ACTION = {
  approve: 'keyturn_approve',
  reject: 'keyturn_reject',
  checkAgain: 'keyturn_check_again',
  pause: 'keyturn_pause',
  resume: 'keyturn_resume',
  cancel: 'keyturn_cancel',
  override: 'keyturn_override',
  breakGlass: 'keyturn_break_glass',
  moreHistory: 'keyturn_more_history',
  moreApprovals: 'keyturn_more_approvals',
} as const;

/** Followed by the choice. */
export const SETTLE_PREFIX = 'keyturn_settle_';

/** Followed by the word. */
export const ANSWER_PREFIX = 'keyturn_answer_';

/** What a button answers. To people's questions: `done`, `declined`. To a tool's: a line of its own, or `text` for one that is typed into a form. */
export const ANSWER_WORDS = ['done', 'declined', 'y', 'n', 'enter', 'text'] as const;
export type AnswerWord = (typeof ANSWER_WORDS)[number];

export const CALLBACK = {
  reject: 'keyturn_reject_reason',
  settle: 'keyturn_settle_reason',
  cancel: 'keyturn_cancel_reason',
  override: 'keyturn_override_reason',
  breakGlass: 'keyturn_break_glass_reason',
  decline: 'keyturn_decline_reason',
  answer: 'keyturn_answer_text',
  params: 'keyturn_params',
  approve: 'keyturn_approve_code',
  say: 'keyturn_answer_code',
} as const;

/** Where a form keeps its reason: `view.state.values.reason.text.value`. */
export const REASON = { block: 'reason', action: 'text' } as const;

/** Where a form keeps the code of the second factor. */
export const CODE = { block: 'code', action: 'totp' } as const;

/** `digest`: of what the card shows. */
export type RequestRef = { readonly run: string; readonly request: string; readonly digest: string };
export type HoldRef = { readonly run: string; readonly hold: string };
export type QuestionRef = { readonly run: string; readonly question: string; readonly word: AnswerWord };
export type TroubleRef = { readonly run: string; readonly trouble: string; readonly choice: Choice };

/** A value takes this many characters (block kit reference, button). */
const LONGEST_VALUE = 2_000;

const moreSchema = z.strictObject({
  page: z.number().int().min(2).max(MOST_PAGES),
  /** The place to go on from (`Page.older`), so that the pages stand still while runs are added. */
  older: z.number().int().positive(),
  /** Filters and words as they were typed; they are read again as if they were typed now. */
  text: z.string(),
});
export type MoreRef = z.infer<typeof moreSchema>;

/** Undefined where it does not fit into a button: then the page has to be typed. */
export function moreValue(more: MoreRef): string | undefined {
  const value = JSON.stringify(more);
  return value.length > LONGEST_VALUE || !moreSchema.safeParse(more).success ? undefined : value;
}

export function readMoreValue(value: string): MoreRef | undefined {
  try {
    return moreSchema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}

/** `<run>:<request>:<digest>`; none of them holds a colon. */
export function requestValue({ run, request, digest }: RequestRef): string {
  return `${run}:${request}:${digest}`;
}

/** A value without a digest is of no card of ours, and is answered as such by whoever compares it. */
export function readRequestValue(value: string): RequestRef | undefined {
  const [run = '', request = '', digest = ''] = value.split(':');
  return run === '' || request === '' ? undefined : { run, request, digest };
}

/** `<run>:<hold>`; neither holds a colon. */
export function holdValue({ run, hold }: HoldRef): string {
  return `${run}:${hold}`;
}

export function readHoldValue(value: string): HoldRef | undefined {
  const [run = '', hold = '', ...more] = value.split(':');
  return run === '' || hold === '' || more.length > 0 ? undefined : { run, hold };
}

/** `<run>:<trouble>:<choice>`; a trouble may hold colons. */
export function troubleValue(run: string, trouble: string, choice: Choice): string {
  return `${run}:${trouble}:${choice}`;
}

export function readTroubleValue(value: string): TroubleRef | undefined {
  const parts = threeParts(value);
  const choice = choiceSchema.safeParse(parts?.last);
  return parts !== undefined && choice.success ? { run: parts.run, trouble: parts.id, choice: choice.data } : undefined;
}

/** `<run>:<question>:<word>`; a question may hold colons. */
export function questionValue(run: string, question: string, word: AnswerWord): string {
  return `${run}:${question}:${word}`;
}

export function readQuestionValue(value: string): QuestionRef | undefined {
  const parts = threeParts(value);
  const word = ANSWER_WORDS.find((each) => each === parts?.last);
  return parts !== undefined && word !== undefined ? { run: parts.run, question: parts.id, word } : undefined;
}

function threeParts(value: string): { readonly run: string; readonly id: string; readonly last: string } | undefined {
  const first = value.indexOf(':');
  const last = value.lastIndexOf(':');
  return first < 1 || last <= first + 1
    ? undefined
    : { run: value.slice(0, first), id: value.slice(first + 1, last), last: value.slice(last + 1) };
}
