/**
 * Which ways a run went, read from its journal: nothing is decided here a second time. Where the journal only holds a sentence (an `expect` that
 * did not hold), it is compared with what the procedure says, filled in with the same reading.
 */
import { read } from '../capture/read.ts';
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep, Expectation, Step } from '../procedure/model.ts';
import { fillFor } from '../run/context.ts';
import type { EventOf, Outcome, Recorded, RunEvent } from '../run/events.ts';
import { evolve, fold } from '../run/evolve.ts';
import { DONE, type RunState } from '../run/state.ts';
import type { Hands } from '../worker/hands.ts';
import { branchKeys } from './branch-keys.ts';

/** Keys of the branches that were taken. */
export async function takenIn(run: string, recorded: readonly Recorded[], outputText: Hands['outputText']): Promise<ReadonlySet<string>> {
  const [first, ...rest] = recorded;
  const taken = new Set<string>();
  if (first === undefined) return taken;
  let state = fold(run, [first]);
  const ends = new Map<string, EventOf<'attemptEnded'>>();
  for (const each of rest) {
    const { event } = each;
    if (event.kind === 'attemptEnded') ends.set(event.step, event);
    const step = stepOf(state, event);
    const ended = step === undefined ? undefined : ends.get(step.id);
    const printed = ended?.output === undefined ? '' : await outputText({ ...ended.output, dropped: 0 }, ALL);
    if (step !== undefined) for (const key of taking(state, step, event, ended && { ended, printed })) taken.add(key);
    state = evolve(state, each);
  }
  return taken;
}

const ALL = 1024 * 1024;

function stepOf(state: RunState, event: RunEvent): Step | undefined {
  const id = event.kind === 'questionAnswered' ? state.questions[event.question]?.step : 'step' in event ? event.step : undefined;
  return state.procedure.steps.find((step) => step.id === id);
}

type Printed = { readonly ended: EventOf<'attemptEnded'>; readonly printed: string };

function taking(state: RunState, step: Step, event: RunEvent, last: Printed | undefined): readonly string[] {
  if (event.kind === 'announced') return [branchKeys.done(step)];
  if (event.kind === 'stepSkipped') return [skipping(step, event.why)];
  if (step.kind === 'person') return answering(step, event);
  return step.kind === 'command' ? onHost(state, step, event, last) : [];
}

/** The reason names the condition, unless it is that nobody is in the role. */
function skipping(step: Step, why: string): string {
  return step.kind !== 'command' || (step.when !== undefined && why.includes(step.when)) ? branchKeys.left(step) : branchKeys.nobody(step);
}

function answering(step: Step, event: RunEvent): readonly string[] {
  if (event.kind === 'troubleRaised') return [branchKeys.declined(step)];
  return event.kind === 'questionAnswered' && event.answer === DONE ? [branchKeys.done(step)] : [];
}

function onHost(state: RunState, step: CommandStep, event: RunEvent, last: Printed | undefined): readonly string[] {
  switch (event.kind) {
    case 'hostPassed':
      return [branchKeys.done(step), ...warned(state, step, event, last)];
    case 'hostPassedOver':
      return [branchKeys.passedOver(step)];
    case 'hostsLookedAt':
      return step.unless === undefined ? [] : [branchKeys.needed(step)];
    case 'approvalRequested':
      return notReady(state, step, event);
    case 'hostSkipped':
      return [leftOut(state, step, event)];
    case 'attemptEnded':
      return isBad(step, event.outcome) ? [branchKeys.fails(step)] : [];
    case 'promptSeen':
      return event.answer === undefined ? [] : [branchKeys.prompt(step, event.answer)];
    case 'troubleRaised':
      return troubled(state, step, event, last);
    default:
      return [];
  }
}

/** Each requirement of which a check was not ok, known by the words of the check. */
function notReady(state: RunState, step: CommandStep, { checks = [] }: EventOf<'approvalRequested'>): readonly string[] {
  const bad = checks.filter(({ ok }) => !ok);
  return (step.requires ?? []).flatMap(({ says }, index) =>
    bad.some(({ what, host }) => what === fillFor(state, says, findHost(state.cluster, host))) ? [branchKeys.notReady(step, index)] : [],
  );
}

function isBad({ statuses }: CommandStep, outcome: Outcome): boolean {
  return outcome.kind !== 'finished' || !statuses.includes(outcome.status);
}

function leftOut(state: RunState, step: CommandStep, { host, why }: EventOf<'hostSkipped'>): string {
  const said = step.unreachable === undefined ? undefined : fillFor(state, step.unreachable, findHost(state.cluster, host));
  return said !== undefined && why.startsWith(said) ? branchKeys.unreachable(step) : branchKeys.unless(step);
}

function troubled(
  state: RunState,
  step: CommandStep,
  { what, host }: EventOf<'troubleRaised'>,
  last: Printed | undefined,
): readonly string[] {
  switch (what.kind) {
    case 'rolesChanged':
      return [branchKeys.moved(step)];
    case 'checkFailed':
      return [branchKeys.tooLong(step)];
    case 'failed':
      return saidBy(state, step, step.expect, host, last, [what.why]).map((index) => branchKeys.expect(step, index));
    case 'unknown':
    case 'rejected':
    case 'expired':
    case 'blocked':
    case 'declined':
      return [];
  }
}

function warned(
  state: RunState,
  step: CommandStep,
  { host, warnings }: EventOf<'hostPassed'>,
  last: Printed | undefined,
): readonly string[] {
  return saidBy(state, step, step.warn, host, last, warnings ?? []).map((index) => branchKeys.warn(step, index));
}

/** Places of the expectations whose sentence was said. */
function saidBy(
  state: RunState,
  step: CommandStep,
  expectations: readonly Expectation[],
  hostName: string | undefined,
  last: Printed | undefined,
  said: readonly string[],
): readonly number[] {
  if (last === undefined || hostName === undefined || last.ended.outcome.kind !== 'finished') return [];
  const reading = read(step, { stdout: last.printed, stderr: '', status: last.ended.outcome.status });
  if (reading.kind === 'unreadable') return [];
  const host = findHost(state.cluster, hostName);
  return expectations.flatMap(({ otherwise }, index) => {
    const sentence = fillFor(state, otherwise, host, reading.values);
    return said.some((text) => text === sentence || text.startsWith(`${sentence} (`)) ? [index] : [];
  });
}
