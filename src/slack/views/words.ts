/** The words that the views share. Pure; what comes out is escaped. */

import type { CommandStep, Step } from '../../procedure/model.ts';
import { assertNever } from '../../run/assert-never.ts';
import { anyHost, fillFor } from '../../run/context.ts';
import type { Choice, Outcome, Trouble } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { cutText } from './cut.ts';
import { escapeLine } from './escape.ts';

/** A foreign name inside a sentence. */
export function name(text: string): string {
  return escapeLine(cutText(text, 120));
}

/** A foreign sentence. */
export function words(text: string, longest = 600): string {
  return escapeLine(cutText(text, longest));
}

/** Text of the procedure with its `{{ }}` filled in; where it is about no one host, they are "the host". */
export function filled(state: RunState, text: string, hostName?: string, longest = 600): string {
  const host = state.cluster.hosts.find((each) => each.name === hostName) ?? anyHost(state.cluster);
  return words(fillFor(state, text, host), longest);
}

/** `Restart AtScale · atscale-prod`. */
export function heading(state: RunState): string {
  return `${name(state.procedure.title)} · ${name(state.cluster.name)}`;
}

/** A sentence with an end, so that what follows does not run into it. */
export function ended(sentence: string): string {
  return /[.:?!…][*_`)”]*$/.test(sentence) ? sentence : `${sentence}.`;
}

/** First sentence of every top-level text: what search looks for. */
export function about(state: RunState): string {
  return `${heading(state)} (${name(state.procedure.name)}, run ${state.run})`;
}

export function stepOf(state: RunState, id: string): Step | undefined {
  return state.procedure.steps.find((step) => step.id === id);
}

export function commandOf(state: RunState, id: string): CommandStep | undefined {
  const step = stepOf(state, id);
  return step?.kind === 'command' ? step : undefined;
}

/** `S4 Stop the engine`, with what its title speaks of filled in as far as it is known. */
export function stepName(state: RunState, id: string): string {
  const step = stepOf(state, id);
  return step === undefined ? name(id) : `${name(id)} ${name(fillFor(state, step.title))}`;
}

/** `good`: the exit statuses that the step takes for a success. */
export function outcomeWord(outcome: Outcome, good: readonly number[] = [0]): string {
  switch (outcome.kind) {
    case 'finished':
      return good.includes(outcome.status) && outcome.signal === undefined ? 'succeeded' : 'failed';
    case 'refused':
      return 'refused';
    case 'timedOut':
      return 'timed out';
    case 'cancelled':
      return 'cancelled';
    case 'lost':
      return 'end unknown';
    default:
      return assertNever(outcome);
  }
}

/** What the outcome says beside its word. */
export function outcomeDetail(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'finished':
      return `exit status ${outcome.status}${outcome.signal === undefined ? '' : `, ended by signal ${name(outcome.signal)}`}`;
    case 'refused':
      return `it never began: ${words(outcome.message)} Check: ${words(outcome.check)}`;
    case 'timedOut':
      return `it took longer than its limit and was ended; ${remaining(outcome.remaining)}`;
    case 'cancelled':
      return `it was ended by a cancel; ${remaining(outcome.remaining)}`;
    case 'lost':
      return `it began, and its end cannot be seen: ${words(outcome.why)}`;
    default:
      return assertNever(outcome);
  }
}

function remaining(left: readonly string[]): string {
  return left.length === 0 ? 'nothing of it is left running' : `still running: ${words(left.join(', '), 300)}`;
}

/** `trouble` in two words, for the card. */
export function troubleWord(what: Trouble): string {
  switch (what.kind) {
    case 'failed':
      return 'failed';
    case 'unknown':
      return 'end unknown';
    case 'checkFailed':
      return 'check failed';
    case 'rolesChanged':
      return 'roles changed';
    case 'rejected':
      return 'rejected';
    case 'expired':
      return 'request expired';
    case 'blocked':
      return 'cannot go on as written';
    case 'declined':
      return 'declined';
    default:
      return assertNever(what);
  }
}

/** What is certain, in a sentence of its own. */
export function certainty(what: Trouble): string {
  switch (what.kind) {
    case 'failed':
      return 'Certain: the command has ended or never began; nothing is in doubt.';
    case 'unknown':
      return 'Certain: the command began. Not known: whether it did its work, and whether it still runs.';
    case 'checkFailed':
      return 'Certain: the command ended well; what must hold afterwards does not.';
    case 'rolesChanged':
      return 'Certain: nothing was started with the old roles since they were last confirmed.';
    case 'rejected':
    case 'expired':
    case 'declined':
      return 'Certain: nothing was started.';
    case 'blocked':
      return 'Certain: nothing was started for this step.';
    default:
      return assertNever(what);
  }
}

/** Words of a button. */
export function choiceLabel(choice: Choice, what: Trouble): string {
  switch (choice) {
    case 'retry':
      return 'Retry';
    case 'skip':
      return 'Skip';
    case 'abort':
      return 'Abort';
    case 'askAgain':
      return what.kind === 'rolesChanged' ? 'Use New Roles' : 'Ask Again';
    case 'lookAgain':
      return what.kind === 'checkFailed' ? 'Check Again' : 'Look Again';
    case 'settleDone':
      return 'Settle as Done';
    case 'settleFailed':
      return 'Settle as Failed';
    default:
      return assertNever(choice);
  }
}

/** Roles of one list; the rest is counted. */
export const MOST_ROLES = 30;

/** `main: engine-01`, in the order of the roles' names. */
export function boundRoles(roles: Readonly<Record<string, string>>): readonly string[] {
  const all = Object.entries(roles).sort(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([role, host]) => `${name(role)}: ${name(host)}`);
}

/** The same as a list; nothing where no role is bound. */
export function roleLines(roles: Readonly<Record<string, string>>): string {
  const all = boundRoles(roles);
  const lines = all.slice(0, MOST_ROLES).map((line) => `• ${line}`);
  return [...lines, ...(all.length > MOST_ROLES ? [`• and ${all.length - MOST_ROLES} more`] : [])].join('\n');
}

/** `1 step`, `12 steps`. */
export function counted(count: number, word: string, many = `${word}s`): string {
  return `${count} ${count === 1 ? word : many}`;
}

/** A list that is counted where it is too long. */
export function listed(items: readonly string[], most: number): string {
  const rest = items.length - most;
  return items.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
