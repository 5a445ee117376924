/**
 * Freeze windows: what keeps a run from beginning to act, and for how long. Pure.
 *
 * H1 A run that has begun to act is never held: a cluster that is stopped by half is worse than one that is restarted in the wrong hour.
 * H2 An override counts for the windows that it was asked about: until all of them are over, and no longer.
 */
import { frozenAt, untilWords } from '../inventory/freeze.ts';
import type { Freeze } from '../inventory/model.ts';
import type { Step } from '../procedure/model.ts';
import { type Decision, record, stepState } from './decision.ts';
import type { Recorded, RunEvent } from './events.ts';
import type { Hold, RunState } from './state.ts';

/** Windows begin with a minute, so that none is seen late by more than the work at hand takes. */
const LOOK_MS = 60_000;

/** Whether the step does something to hosts or to people, rather than look. */
export function isActing(step: Step): boolean {
  if (step.kind !== 'command') return true;
  return !step.readOnly && (step.run !== undefined || step.copy !== undefined || step.edit !== undefined);
}

/** Whether the run has begun to act: an attempt was intended, an announcement made, people asked to do something by hand. */
export function hasActed(state: RunState): boolean {
  return state.procedure.steps.some((step) => {
    const at = stepState(state, step);
    if (step.kind === 'announce') return at.kind === 'announced';
    if (step.kind === 'person') return step.about === 'manual' && (at.kind === 'asked' || at.kind === 'answered');
    return isActing(step) && Object.hasOwn(state.intended, step.id);
  });
}

/** The hold that waits for its window's end or for an override. */
export function openHold({ hold }: RunState): Hold | undefined {
  return hold?.status.kind === 'open' ? hold : undefined;
}

/** The name of the window that held the run then; of a hold that is not there, its own. */
export function windowOf(hold: string, recorded: readonly Recorded[]): string {
  for (const { event } of recorded) if (event.kind === 'runHeld' && event.hold === hold) return event.window;
  return hold;
}

/** While a hold is open nothing but this is done; undefined where none is. */
export function whileHeld(state: RunState, now: number): Decision | undefined {
  const hold = openHold(state);
  const { freeze } = state.cluster;
  if (hold === undefined || freeze === undefined) return undefined;
  const frozen = frozenAt(freeze, now);
  if (frozen === undefined) return record([{ kind: 'holdEnded', hold: hold.hold, why: 'no window is on any more' }]);
  if (now >= hold.expiresAt) return record(givenUp(state, freeze, hold));
  return { kind: 'wait', until: Math.min(nextLook(now), frozen.until ?? hold.expiresAt, hold.expiresAt) };
}

function givenUp(state: RunState, freeze: Freeze, hold: Hold): readonly RunEvent[] {
  const within = `within ${Math.round(state.procedure.approvalSeconds / 60)} min`;
  const window = `the freeze window ${hold.window}, on ${untilWords(freeze, endOf(freeze, hold))}`;
  return [
    { kind: 'holdEnded', hold: hold.hold, why: `nobody overrode it ${within}` },
    { kind: 'runEnded', outcome: 'cancelled', why: `held by ${window}; nobody overrode it ${within}. Nothing that acts was started.` },
  ];
}

/** For a step that acts: the run is held if a window is on. What was asked of people or given by them is asked again afterwards. */
export function holdBefore(state: RunState, step: Step, now: number): Decision | undefined {
  const { freeze } = state.cluster;
  if (freeze === undefined || state.procedure.readOnly || !isActing(step) || hasActed(state)) return undefined;
  const frozen = frozenAt(freeze, now);
  if (frozen === undefined || isOverridden(state, freeze, now)) return undefined;
  const { window } = frozen;
  const asked = Object.values(state.approvals).filter(({ status }) => status.kind === 'open' || status.kind === 'given');
  return record([
    ...asked.map(({ request }): RunEvent => ({ kind: 'approvalVoided', request, why: `a freeze window is on: ${window}` })),
    { kind: 'runHeld', hold: `h${state.seq + 1}`, window, expiresAt: now + state.procedure.approvalSeconds * 1000 },
  ]);
}

function isOverridden({ hold }: RunState, freeze: Freeze, now: number): boolean {
  if (hold?.status.kind !== 'overridden') return false;
  const end = endOf(freeze, hold);
  return end === undefined || now < end;
}

/** When the windows end that held the run; undefined where they do not within a year. Milliseconds since 1970. */
export function endOf(freeze: Freeze, hold: Hold): number | undefined {
  const frozen = frozenAt(freeze, hold.since);
  return frozen === undefined ? hold.since : frozen.until;
}

/** A wait in which a window may begin ends with the minute, as long as the window would hold the run. */
export function watchful(state: RunState, decision: Decision, now: number): Decision {
  if (decision.kind !== 'wait' || decision.until === undefined) return decision;
  if (state.cluster.freeze === undefined || state.procedure.readOnly || hasActed(state)) return decision;
  return { kind: 'wait', until: Math.min(decision.until, nextLook(now)) };
}

function nextLook(now: number): number {
  return (Math.floor(now / LOOK_MS) + 1) * LOOK_MS;
}
