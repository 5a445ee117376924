/** What a person's choice in a trouble comes to, and one person's word for what several must stand for. Pure. */
import type { Standing } from './authorise.ts';
import { closing } from './closing.ts';
import { type Decided, moot, permitted, stoodFor } from './decided.ts';
import type { Choice, Person, RunEvent, Stands } from './events.ts';
import { whyNotReopened } from './reopening.ts';
import { settlingNeedsSecond } from './second.ts';
import { backingKey, type HostState, type OpenTrouble, openTroubles, type RunState } from './state.ts';

/** One person's word for a choice or an answer that several must stand for. */
export function backing(state: RunState, about: string, choice: string, reason: string, { person: by }: Standing) {
  return {
    matter: { backers: state.backings[backingKey(about, choice)]?.backers ?? [], about },
    backed: (stands: Stands): RunEvent => ({ kind: 'choiceBacked', about, choice, reason, by, stands }),
  };
}

/** Takes the choice if the trouble is open and offers it, and the person may. */
export function settle(state: RunState, id: string, choice: Choice, reason: string, standing: Standing): Decided {
  const trouble = openTroubles(state).find((each) => each.trouble === id);
  if (trouble === undefined) return moot('This question is settled already; see the newest message in the thread.');
  if (!trouble.choices.includes(choice)) return moot(`That is not offered here; the choices are: ${trouble.choices.join(', ')}.`);
  const wait = whyNotReopened(state, trouble, choice);
  if (wait !== undefined) return moot(wait);
  const told = `Noted for ${trouble.step} of ${state.run}.`;
  if (!settlingNeedsSecond(state, trouble.step, choice)) {
    const events = settlement(state, trouble, choice, reason, standing.person);
    return permitted(state, choice === 'abort' ? 'stop' : 'settle', standing, () => ({ kind: 'taken', told, events }));
  }
  const said = backing(state, id, choice, reason, standing);
  return stoodFor(state, { steps: [trouble.step], ...said.matter }, standing, {
    told,
    backed: said.backed,
    done: (stands) => settlement(state, trouble, choice, reason, standing.person, stands),
  });
}

function settlement(
  state: RunState,
  trouble: OpenTrouble,
  choice: Choice,
  reason: string,
  by: Person,
  stands?: Stands,
): readonly RunEvent[] {
  const how = stands === undefined ? {} : { stands };
  const settled: RunEvent = { kind: 'troubleSettled', trouble: trouble.trouble, choice, by, reason, ...how };
  if (choice !== 'abort') return [settled];
  const why = `aborted by ${by.name} at ${trouble.step}${reason === '' ? '' : `: ${reason}`}`;
  // Nothing may be left running, nor what nobody knows the end of: it is ended first, and the run with it.
  if (trouble.what.kind === 'unknown' || isRunningElsewhere(state, trouble)) return [settled, { kind: 'cancelRequested', by, reason: why }];
  return [settled, ...closing(state, 'the run was aborted'), { kind: 'runEnded', outcome: 'aborted', why }];
}

/** For certain, or as far as anybody knows: an end that is unknown is none. */
function isRunningElsewhere(state: RunState, mine: OpenTrouble): boolean {
  const { step, host } = mine;
  if (openTroubles(state).some((each) => each !== mine && each.what.kind === 'unknown')) return true;
  return Object.entries(state.steps).some(
    ([id, at]) => at.kind === 'open' && Object.entries(at.hosts).some(([name, each]) => mayRun(each) && (id !== step || name !== host)),
  );
}

/** With a trouble open, a lost end waits for its verdict (worker/conclude.ts). */
function mayRun(at: HostState): boolean {
  return at.kind === 'began' || (at.kind === 'ended' && at.outcome.kind === 'lost');
}
