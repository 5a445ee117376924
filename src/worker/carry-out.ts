/**
 * Carries out one attempt that is intended already: brings the file that it places, sends it, answers its questions, follows it to its end.
 *
 * Invariants
 * A3 Following never starts: the host's claim decides (see ssh/attempt.ts); a broken connection is not an end.
 * A4 A file step that may have begun is looked at first: only one that has not begun is resolved again, and only if it is what was intended.
 * A5 What needs an approval and was intended long ago, or is looked at again, does not begin any more: the host forbids it, and it is asked for anew.
 * A7 What begins is what was intended, byte for byte: another host of the step may have captured something in between that the script speaks of.
 */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Item } from '../run/events.ts';
import { CONTENT } from '../run/file-scripts.ts';
import { trouble } from '../run/trouble.ts';
import { sendable } from '../run/send.ts';
import type { Start } from '../run/start.ts';
import { type RunState, storeKey, talkKey } from '../run/state.ts';
import { itemFor } from '../run/subject.ts';
import type { AttemptSpec, StillRunning, Watch } from '../ssh/attempt.ts';
import type { Target } from '../ssh/target.ts';
import { conclude } from './conclude.ts';
import { FOLLOW_MS, type Work } from './following.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { tailKeeper } from './live-tail.ts';
import type { Prepared } from './prepare.ts';
import type { Session } from './session.ts';
import { targetOf } from './target.ts';
import { intended, isIntended, stageKey, transferred } from './transfer.ts';

/** After the step's own limit has passed, a host that cannot be reached is given this long before its attempt counts as lost. */
const UNREACHABLE_MS = 120_000;

export async function carryOut(hands: Hands, session: Session, work: Work, signal: AbortSignal): Promise<Move> {
  const { step, due } = work;
  const { cluster } = session.state();
  const host = findHost(cluster, due.host);
  if (host === undefined) return blocked(hands, session, work, `${due.host} is not in the cluster file`);
  const target = targetOf(cluster, host, hands.login, step.become);
  const ready = await readied(hands, session, work, target, signal);
  switch (ready.kind) {
    case 'blocked':
      return blocked(hands, session, work, ready.why);
    case 'move':
      return ready.move;
    case 'ready':
      return send(hands, session, work, target, ready, signal);
  }
}

type Readied =
  /** `hasBegun`: nothing of `prepared` is to begin. */
  | { readonly kind: 'ready'; readonly prepared: Prepared; readonly hasBegun?: true }
  | { readonly kind: 'move'; readonly move: Move }
  | { readonly kind: 'blocked'; readonly why: string };

type Ready = Extract<Readied, { kind: 'ready' }>;

/** A script is ready as it was intended; a file is resolved once more and brought, unless its attempt has begun. */
async function readied(hands: Hands, session: Session, work: Work, target: Target, signal: AbortSignal): Promise<Readied> {
  const { step, due } = work;
  const state = session.state();
  const isFile = step.copy !== undefined || step.edit !== undefined;
  const item = itemFor(state, step, due);
  if (item.kind === 'blocked') return item;
  if (!isFile) return script(state, work, item.value);
  const going = hands.stager.going(stageKey(session.run, step, due));
  if (work.prepared === undefined && going === undefined) {
    const begun = await hasBegun(hands, session, work, target);
    if (begun === 'unseen') return { kind: 'move', move: await unreached(hands, session, work) };
    if (begun === 'yes') return { kind: 'ready', prepared: { item: item.value }, hasBegun: true };
  }
  const prepared = work.prepared ?? going ?? (await unchanged(hands, state, step, due));
  if ('kind' in prepared) return prepared;
  const move = await transferred(hands, session, work, prepared, signal);
  return move === undefined ? { kind: 'ready', prepared } : { kind: 'move', move };
}

/** A7. */
function script(state: RunState, { step, due, prepared }: Work, item: Item): Ready {
  if (prepared !== undefined) return { kind: 'ready', prepared };
  const ready = { kind: 'ready', prepared: { item } } as const;
  return isIntended(state, step, due, item) ? ready : { ...ready, hasBegun: true };
}

async function unchanged(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  due: Start,
): Promise<Prepared | Extract<Readied, { kind: 'blocked' }>> {
  const prepared = await intended(hands, state, step, due);
  return prepared.kind === 'blocked' ? prepared : prepared.value;
}

/** What the host says of the attempt; a host that cannot be reached says nothing. */
async function hasBegun(hands: Hands, session: Session, { step, due }: Work, target: Target): Promise<'yes' | 'no' | 'unseen'> {
  const anchor = session.state().anchors[storeKey(due.host, target.become)];
  const id = { run: session.run, step: step.id, ...due };
  const looked = await hands.attempts.look(target, id, anchor === undefined ? {} : { anchor });
  if (looked.kind === 'refused') return 'unseen';
  return looked.kind === 'none' ? 'no' : 'yes';
}

function lookLater({ step, due }: Work): Move {
  return { kind: 'later', ms: 2_000, key: `reach-${step.id}-${due.host}-${due.attempt}` };
}

async function send(hands: Hands, session: Session, work: Work, target: Target, ready: Ready, signal: AbortSignal): Promise<Move> {
  const { step, due } = work;
  const { prepared } = ready;
  const state = session.state();
  const sending = sendable(prepared.item, (name) => hands.secrets(state.cluster, name), Object.keys(state.procedure.secrets));
  if (sending.kind === 'blocked') {
    // What has begun is followed even if a secret is gone by now: nothing of it is sent again.
    const begun = work.prepared === undefined ? await hasBegun(hands, session, work, target) : 'no';
    if (begun === 'unseen') return unreached(hands, session, work);
    if (begun === 'no') return blocked(hands, session, work, sending.why);
  }
  const sent = sending.kind === 'sent' ? sending.sent : { script: 'exit 1', env: {}, secrets: sending.secrets };
  const env = prepared.content === undefined ? sent.env : { ...sent.env, [CONTENT]: prepared.content };
  const onlyFollow = ready.hasBegun === true || sending.kind === 'blocked' || isTooLate(state, work, hands.now());
  const spec = { ...specOf(session, work, target, { ...sent, env }), ...(onlyFollow ? { onlyFollow } : {}) };
  const tail = tailKeeper(hands, state.run, step.id, due);
  const talk =
    step.answers === undefined
      ? undefined
      : hands.talks.join(hands, { session, step, due, target, anchor: () => session.state().anchors[storeKey(due.host, target.become)] });
  const watch: Watch = {
    budgetMs: FOLLOW_MS,
    signal,
    onOutput: (chunk, position, bytes) => {
      tail.take(chunk);
      talk?.hear(chunk, position, bytes);
    },
    onAnchor: (anchor) => meet(hands, session, due.host, target.become, anchor),
  };
  try {
    const answer = await hands.attempts.carryOut(target, spec, watch);
    await talk?.leave();
    if (answer.kind !== 'ended') return await keepFollowing(hands, session, work, answer);
    hands.talks.forget(`${session.run}/${talkKey({ step: step.id, ...due })}`);
    return await conclude(hands, session, step, due, answer);
  } catch (error) {
    if (error instanceof Overtaken) return AGAIN;
    throw error;
  } finally {
    tail.stop();
    await talk?.leave();
  }
}

/** A5: looked at again by people, or intended for as long as a yes may lie unused. Roles and files may be others by now. */
function isTooLate({ steps, procedure }: RunState, { step, due, since, prepared }: Work, now: number): boolean {
  if (prepared !== undefined || step.safety.kind === 'safe') return false;
  const at = steps[step.id];
  const host = at?.kind === 'open' ? at.hosts[due.host] : undefined;
  return (host?.kind === 'began' && host.approval === undefined) || now - since > procedure.approvalSeconds * 1000;
}

function specOf(
  session: Session,
  { step, due, prepared }: Work,
  target: Target,
  sent: Pick<AttemptSpec, 'script' | 'env' | 'secrets'>,
): AttemptSpec {
  const { run, anchors } = session.state();
  const anchor = anchors[storeKey(due.host, target.become)];
  return {
    id: { run, step: step.id, host: due.host, attempt: due.attempt },
    sequence: session.head().seq,
    ...sent,
    timeoutSeconds: step.timeoutSeconds,
    mayHaveBegun: prepared === undefined,
    ...(step.answers === undefined ? {} : { interactive: true }),
    ...(anchor === undefined ? {} : { anchor }),
  };
}

/** Somebody else's events came in between: what they mean is decided before anything is sent to the host. */
class Overtaken extends Error {}

/** The host's store is in the journal before anything starts there. */
async function meet(hands: Hands, session: Session, host: string, as: string | undefined, anchor: string): Promise<void> {
  const met = { kind: 'hostMet' as const, host, anchor, ...(as === undefined ? {} : { as }) };
  if (!(await session.append([met], hands.now()))) throw new Overtaken();
}

async function blocked(hands: Hands, session: Session, { step, due }: Work, why: string): Promise<Move> {
  await session.append([trouble(session.state(), step, due, { kind: 'blocked', why })], hands.now());
  return AGAIN;
}

async function keepFollowing(hands: Hands, session: Session, work: Work, answer: StillRunning): Promise<Move> {
  return answer.why === 'budget' || answer.why === 'aborted' ? AGAIN : unreached(hands, session, work);
}

async function unreached(hands: Hands, session: Session, work: Work): Promise<Move> {
  const { step, due, since } = work;
  const givenUp = since + step.timeoutSeconds * 1000 + UNREACHABLE_MS + stoodStill(session, step, due, hands.now());
  if (hands.now() < givenUp) return lookLater(work);
  const why = 'its host could not be reached until long after the time limit of the step';
  return conclude(hands, session, step, due, { kind: 'ended', outcome: { kind: 'lost', why }, output: null });
}

/** How long the attempt's clock stood still for people, in milliseconds. */
function stoodStill(session: Session, step: CommandStep, due: Start, now: number): number {
  const asked = Object.values(session.state().questions).filter(
    (each) => each.about === 'prompt' && each.step === step.id && each.host === due.host && each.attempt === due.attempt,
  );
  return asked.reduce((sum, { askedAt, status }) => sum + (status.kind === 'open' ? now : status.at) - askedAt, 0);
}
