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

export const CALLBACK = {
  reject: 'keyturn_reject_reason',
  settle: 'keyturn_settle_reason',
  cancel: 'keyturn_cancel_reason',
} as const;

/** Where a form keeps its reason: `view.state.values.reason.text.value`. */
export const REASON = { block: 'reason', action: 'text' } as const;

export type RequestRef = { readonly run: string; readonly request: string };
export type TroubleRef = { readonly run: string; readonly trouble: string; readonly choice: Choice };

/** `<run>:<request>`; a run id holds no colon, a request may. */
export function requestValue(run: string, request: string): string {
  return `${run}:${request}`;
}

export function readRequestValue(value: string): RequestRef | undefined {
  const colon = value.indexOf(':');
  if (colon < 1 || colon === value.length - 1) return undefined;
  return { run: value.slice(0, colon), request: value.slice(colon + 1) };
}

/** `<run>:<trouble>:<choice>`; a trouble may hold colons. */
export function troubleValue(run: string, trouble: string, choice: Choice): string {
  return `${run}:${trouble}:${choice}`;
}

export function readTroubleValue(value: string): TroubleRef | undefined {
  const first = value.indexOf(':');
  const last = value.lastIndexOf(':');
  if (first < 1 || last <= first + 1) return undefined;
  const choice = choiceSchema.safeParse(value.slice(last + 1));
  return choice.success ? { run: value.slice(0, first), trouble: value.slice(first + 1, last), choice: choice.data } : undefined;
}
