/** What deciding an intent comes to, and the ways to it: too late, not allowed, taken, or taken as one word of several. Pure. */
import { assertNever } from './assert-never.ts';
import { type Action, aboutRun, authorise, type Standing } from './authorise.ts';
import type { RunEvent, Stands } from './events.ts';
import { type Matter, stand } from './stand.ts';
import type { Approval, RunState } from './state.ts';

export type Decided =
  /** To be appended as one; `told` is what the person reads in private. */
  | { readonly kind: 'taken'; readonly events: readonly RunEvent[]; readonly told: string }
  /** The person may not; recorded as `refused`, the first times in the run and each time in the register (as far as that lets itself be filled). */
  | { readonly kind: 'refused'; readonly action: Action; readonly events: readonly RunEvent[]; readonly told: string }
  /** Too late, or there is nothing to do; nothing is recorded. */
  | { readonly kind: 'moot'; readonly told: string };

/** Each append makes a worker decide again: somebody without rights must not be able to keep a run from going on by clicking. */
const MOST_REFUSALS = 20;

export function moot(told: string): Decided {
  return { kind: 'moot', told };
}

/** What one must be allowed to do to decide a request. */
export function actionFor({ needs }: Pick<Approval, 'needs'>): 'approve' | 'press' {
  return needs === 'second' ? 'approve' : 'press';
}

/** Takes the events if the person may, else records the refusal. */
export function permitted(
  state: RunState,
  action: Action,
  standing: Standing,
  taken: () => Decided,
  steps: readonly string[] = [],
): Decided {
  const verdict = authorise(action, standing, aboutRun(state, steps));
  return verdict.kind === 'allowed' ? taken() : refused(state, action, standing, verdict.why);
}

export function refused(state: RunState, action: Action, standing: Standing, why: string): Decided {
  const event: RunEvent = { kind: 'refused', person: standing.person, action, why };
  const isRecorded = (state.refusals[standing.person.user] ?? 0) < MOST_REFUSALS;
  return { kind: 'refused', action, events: isRecorded ? [event] : [], told: why };
}

/** Something that needs a second person, or several: `backed` where more are wanted, `done` where this one is enough. */
export function stoodFor(
  state: RunState,
  matter: Matter,
  standing: Standing,
  what: {
    readonly told: string;
    readonly backed: (stands: Stands) => RunEvent;
    readonly done: (stands: Stands) => readonly RunEvent[];
  },
): Decided {
  const stood = stand(state, matter, standing);
  switch (stood.kind) {
    case 'moot':
      return moot(stood.told);
    case 'refused':
      return refused(state, 'approve', standing, stood.why);
    case 'more':
      return { kind: 'taken', events: [what.backed(stood.stands)], told: `${what.told} Still wanted: ${stood.wanted}.` };
    case 'enough':
      return { kind: 'taken', events: what.done(stood.stands), told: what.told };
    default:
      return assertNever(stood);
  }
}
