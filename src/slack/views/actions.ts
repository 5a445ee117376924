/** Names that come back in Slack's payloads, and what the values of buttons say. Pure; a value is judged anew when it comes back. */
import type { Choice } from '../../run/events.ts';
import { choiceSchema } from '../../run/events.ts';

export const ACTION = {
  approve: 'keyturn_approve',
  reject: 'keyturn_reject',
  pause: 'keyturn_pause',
  resume: 'keyturn_resume',
  cancel: 'keyturn_cancel',
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
export type QuestionRef = { readonly run: string; readonly question: string; readonly word: AnswerWord };
export type TroubleRef = { readonly run: string; readonly trouble: string; readonly choice: Choice };

/** `<run>:<request>:<digest>`; none of them holds a colon. */
export function requestValue({ run, request, digest }: RequestRef): string {
  return `${run}:${request}:${digest}`;
}

/** A value without a digest is of no card of ours, and is answered as such by whoever compares it. */
export function readRequestValue(value: string): RequestRef | undefined {
  const [run = '', request = '', digest = ''] = value.split(':');
  return run === '' || request === '' ? undefined : { run, request, digest };
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
