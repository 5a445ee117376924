/**
 * The code of a form that was sent: checked for whoever sent it, for exactly what the form was opened for.
 *
 * 1. What does not hold is said at the field, while the form is still open; nothing was done then, and what was typed is still there.
 * 2. A code counts for one thing: the same form delivered twice is answered as it was, and one with anything else in it is refused.
 * 3. A code never reaches a log, a message or the desk: only that it was right, and for what.
 */
import { digestOf } from '../canonical.ts';
import { codeIn, NO_CODE, sayNotProved } from '../factor/verdict.ts';
import { assertNever } from '../run/assert-never.ts';
import type { Standing } from '../run/authorise.ts';
import type { Errand } from './modals.ts';
import type { Office } from './office.ts';
import type { Submission } from './payloads.ts';
import { CODE } from './views/index.ts';
import { within } from './waiting.ts';

export type CodeSent =
  /** No proof: the form asked for no code; whether one is wanted is for the desk. */
  | { readonly kind: 'right'; readonly proof: Standing['proof'] }
  /** By block, as Slack shows them. */
  | { readonly kind: 'wrong'; readonly errors: Readonly<Record<string, string>> };

/** Leaves the rest of Slack's three seconds to what the code is for. */
const CHECK_MS = 1_200;

/** Never rejects. */
export async function codeSent({ factors }: Pick<Office, 'factors'>, submission: Submission, errand: Errand): Promise<CodeSent> {
  const typed = typedIn(submission);
  const about = aboutOf(errand);
  if (typed === undefined || about === undefined) return { kind: 'right', proof: undefined };
  const code = codeIn(typed);
  if (code === undefined) return wrong(NO_CODE);
  const checked = await within(
    factors.verify(submission.user, code, about, sendingOf(submission)).catch(() => FAULT),
    CHECK_MS,
  );
  const verdict = checked.kind === 'late' ? LATE : checked.value;
  return verdict.kind === 'proved' ? { kind: 'right', proof: { about: verdict.about } } : wrong(sayNotProved(verdict));
}

const FAULT = { kind: 'unavailable', why: 'a fault in Keyturn itself' } as const;
const LATE = { kind: 'unavailable', why: 'Redis took too long' } as const;

/** One sending of one form: whoever changes a choice, an answer or the run in it has sent another one, for which the code is used already. */
function sendingOf({ view, metadata, values }: Submission): string {
  const rest = Object.fromEntries(Object.entries(values).filter(([block]) => block !== CODE.block));
  return digestOf({ view, metadata, values: rest });
}

function typedIn({ values }: Submission): string | undefined {
  return Object.hasOwn(values, CODE.block) ? values[CODE.block]?.[CODE.action] : undefined;
}

function wrong(sentence: string): CodeSent {
  return { kind: 'wrong', errors: { [CODE.block]: sentence } };
}

/** What the form was opened for; the desk compares it with what is asked for now. */
function aboutOf(errand: Errand): string | undefined {
  switch (errand.kind) {
    case 'approve':
    case 'breakGlass':
      return errand.digest;
    case 'override':
      return errand.hold;
    case 'settle':
      return errand.trouble;
    case 'answer':
    case 'decline':
    case 'say':
      return errand.question;
    case 'reject':
    case 'cancel':
      return undefined;
    default:
      return assertNever(errand);
  }
}
