/**
 * Starts an attempt and follows it to its end.
 *
 * Invariants
 * A1 The intent is in the journal before the host hears of the attempt.
 * A2 An unsafe start happens only with an approval whose digest equals that of what is resolved again here, roles read again included.
 * A3 Following never starts: the host's claim decides (see ssh/attempt.ts); a broken connection is not an end.
 */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Item, Outcome, RunEvent } from '../run/events.ts';
import { judge } from '../run/judge.ts';
import { type Decision, type Start, trouble } from '../run/next.ts';
import type { Approval, RunState } from '../run/state.ts';
import { itemFor, subjectDigest, subjectFor } from '../run/subject.ts';
import type { AttemptSpec, Ended, StillRunning, Watch } from '../ssh/attempt.ts';
import type { Outcome as SshOutcome } from '../ssh/outcome.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { tailKeeper } from './live-tail.ts';
import { recheckRoles } from './recheck.ts';
import type { Session } from './session.ts';
import { targetOf } from './target.ts';

/** One job follows for this long at most; then the next job goes on. */
const FOLLOW_MS = 5_000;
/** After the step's own limit has passed, a host that cannot be reached is given this long before its attempt counts as lost. */
const UNREACHABLE_MS = 120_000;
const READ_BYTES = 1024 * 1024;

/** Writes the intent, if what was approved is what would start; then follows. */
export async function start(
  hands: Hands,
  session: Session,
  decision: Extract<Decision, { kind: 'start' }>,
  signal: AbortSignal,
): Promise<Move> {
  const { step, start: due, approval } = decision;
  const events = await intend(hands, session.state(), step, due, approval);
  const appended = await session.append(events, hands.now());
  if (!appended || !events.some((event) => event.kind === 'attemptIntended')) return AGAIN;
  return carryOut(hands, session, step, due, { mayHaveBegun: false, since: hands.now() }, signal);
}

/** Goes on with an attempt that this or another worker intended. */
export async function follow(
  hands: Hands,
  session: Session,
  decision: Extract<Decision, { kind: 'follow' }>,
  signal: AbortSignal,
): Promise<Move> {
  return carryOut(hands, session, decision.step, decision.start, { mayHaveBegun: true, since: decision.since }, signal);
}

async function intend(hands: Hands, state: RunState, step: CommandStep, due: Start, approval: Approval | undefined): Promise<RunEvent[]> {
  if (step.run === undefined) return [{ kind: 'watchBegan', step: step.id, ...due }];
  const recheck = await recheckRoles(hands, state, step);
  if (recheck.kind === 'changed') {
    const changed = trouble(state, step, due, { kind: 'rolesChanged', why: recheck.why, roles: recheck.roles });
    return [...voided(approval, recheck.why), changed];
  }
  if (recheck.kind === 'unseen') {
    const why = `the roles could not be read again just before the start: ${recheck.why}`;
    return [...voided(approval, why), trouble(state, step, due, { kind: 'blocked', why })];
  }
  const starts = approval === undefined ? [due] : approval.subject.items.map(({ host, attempt }) => ({ host, attempt }));
  const subject = subjectFor(state, step, starts, recheck.kind === 'same' ? recheck.roles : {});
  if (subject.kind === 'blocked')
    return [...voided(approval, subject.why), trouble(state, step, due, { kind: 'blocked', why: subject.why })];
  const digest = subjectDigest(state.run, state, subject.value);
  if (approval !== undefined && approval.digest !== digest) {
    const why = `what would start now (digest ${digest.slice(0, 12)}) is not what was approved (${approval.digest.slice(0, 12)})`;
    return [...voided(approval, why), trouble(state, step, due, { kind: 'blocked', why })];
  }
  const confirmed: RunEvent[] =
    recheck.kind === 'same' ? [{ kind: 'rolesConfirmed', step: step.id, roles: recheck.roles, by: recheck.by }] : [];
  const intent: RunEvent = { kind: 'attemptIntended', step: step.id, ...due, digest, ...(approval && { approval: approval.request }) };
  return [...confirmed, intent];
}

function voided(approval: Approval | undefined, why: string): RunEvent[] {
  return approval === undefined ? [] : [{ kind: 'approvalVoided', request: approval.request, why }];
}

async function carryOut(
  hands: Hands,
  session: Session,
  step: CommandStep,
  due: Start,
  known: { readonly mayHaveBegun: boolean; readonly since: number },
  signal: AbortSignal,
): Promise<Move> {
  const state = session.state();
  const host = findHost(state.cluster, due.host);
  const item = itemFor(state, step, due);
  if (host === undefined || item.kind === 'blocked')
    return blocked(hands, session, step, due, item.kind === 'blocked' ? item.why : 'unknown host');
  const tail = tailKeeper(hands, state.run, step.id, due);
  const watch: Watch = {
    budgetMs: FOLLOW_MS,
    signal,
    onOutput: (chunk) => tail.take(chunk),
    onAnchor: (anchor) => meet(hands, session, due.host, anchor),
  };
  try {
    const spec = specOf(session, step, due, item.value, known.mayHaveBegun);
    const answer = await hands.attempts.carryOut(targetOf(state.cluster, host, hands.login), spec, watch);
    return answer.kind === 'ended'
      ? await conclude(hands, session, step, due, answer)
      : await keepFollowing(hands, session, step, due, answer, known.since);
  } catch (error) {
    if (error instanceof Overtaken) return AGAIN;
    throw error;
  } finally {
    tail.stop();
  }
}

function specOf(session: Session, step: CommandStep, due: Start, { script, env }: Item, mayHaveBegun: boolean): AttemptSpec {
  const { run, anchors } = session.state();
  const anchor = anchors[due.host];
  return {
    id: { run, step: step.id, host: due.host, attempt: due.attempt },
    sequence: session.head().seq,
    script,
    env,
    timeoutSeconds: step.timeoutSeconds,
    secrets: [],
    mayHaveBegun,
    ...(anchor === undefined ? {} : { anchor }),
  };
}

/** Somebody else's events came in between: what they mean is decided before anything is sent to the host. */
class Overtaken extends Error {}

/** The host's store is in the journal before anything starts there. */
async function meet(hands: Hands, session: Session, host: string, anchor: string): Promise<void> {
  if (!(await session.append([{ kind: 'hostMet', host, anchor }], hands.now()))) throw new Overtaken();
}

async function blocked(hands: Hands, session: Session, step: CommandStep, due: Start, why: string): Promise<Move> {
  await session.append([trouble(session.state(), step, due, { kind: 'blocked', why })], hands.now());
  return AGAIN;
}

/** Writes the end and what it means, as one. Whoever else followed the same attempt may have been first: then there is nothing left to write. */
async function conclude(hands: Hands, session: Session, step: CommandStep, due: Start, ended: Ended): Promise<Move> {
  const printed = ended.output === null ? '' : await hands.outputText(ended.output, READ_BYTES);
  const outcome = outcomeOf(ended.outcome);
  while (isUnderWay(session.state(), step, due)) {
    const state = session.state();
    const end: RunEvent = {
      kind: 'attemptEnded',
      step: step.id,
      ...due,
      outcome,
      ...(ended.output === null ? {} : { output: outputOf(ended.output) }),
      ...(ended.startedAt === undefined ? {} : { startedAt: ended.startedAt }),
      ...(ended.endedAt === undefined ? {} : { endedAt: ended.endedAt }),
    };
    const verdict = state.cancel === undefined ? judge(state, step, due, outcome, printed) : [];
    await session.append([end, ...verdict], hands.now());
  }
  return AGAIN;
}

function isUnderWay(state: RunState, step: CommandStep, due: Start): boolean {
  const at = state.steps[step.id];
  const host = at?.kind === 'open' ? at.hosts[due.host] : undefined;
  return state.ended === undefined && host?.kind === 'began' && host.attempt === due.attempt;
}

function outputOf(output: NonNullable<Ended['output']>): Extract<RunEvent, { kind: 'attemptEnded' }>['output'] {
  const { bytes, lines, sha256, head, tail, path } = output;
  return { bytes, lines, sha256, head, tail, ...(path === undefined ? {} : { path }) };
}

/** The SSH layer's outcome as the journal keeps it. */
export function outcomeOf(outcome: SshOutcome): Outcome {
  switch (outcome.kind) {
    case 'refused':
      return { kind: 'refused', code: outcome.why.code, message: outcome.why.message, check: outcome.why.check };
    case 'finished':
      return { kind: 'finished', status: outcome.status, ...(outcome.signal === undefined ? {} : { signal: outcome.signal }) };
    case 'timedOut':
    case 'cancelled':
      return { kind: outcome.kind, remaining: [...outcome.remaining] };
    case 'lost':
      return { kind: 'lost', why: outcome.why };
  }
}

async function keepFollowing(
  hands: Hands,
  session: Session,
  step: CommandStep,
  due: Start,
  answer: StillRunning,
  since: number,
): Promise<Move> {
  if (answer.why === 'budget' || answer.why === 'aborted') return AGAIN;
  const givenUp = since + step.timeoutSeconds * 1000 + UNREACHABLE_MS;
  if (hands.now() < givenUp) return { kind: 'later', ms: 2_000, key: `reach-${step.id}-${due.host}-${due.attempt}` };
  const why = 'its host could not be reached until long after the time limit of the step';
  return conclude(hands, session, step, due, { kind: 'ended', outcome: { kind: 'lost', why }, output: null });
}
