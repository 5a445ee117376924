/** Before anybody is asked: on which hosts is the step needed at all, and which of them may be silent? */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { fillFor } from '../run/context.ts';
import type { RunEvent } from '../run/events.ts';
import { examineUntil } from '../run/judge.ts';
import { type Decision, trouble } from '../run/next.ts';
import type { Start } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { type Looked, lookFor, whyNot } from './look.ts';
import type { Session } from './session.ts';

/** One look may take this long. */
const LOOK_SECONDS = 30;

type Verdict =
  | { readonly kind: 'needed' }
  | { readonly kind: 'notNeeded'; readonly why: string }
  | { readonly kind: 'unclear'; readonly why: string };

/** Appends which hosts are left out and which were looked at; one that should answer and does not is a trouble. */
export async function precheck(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'precheck' }>): Promise<Move> {
  const { step, starts } = decision;
  const state = session.state();
  const seen = await Promise.all(starts.map(async (start) => ({ start, verdict: await verdictOn(hands, state, step, start) })));
  const unclear = seen.find(({ verdict }) => verdict.kind === 'unclear');
  if (unclear?.verdict.kind === 'unclear') {
    const why = `whether it is needed could not be seen: ${unclear.verdict.why}`;
    await session.append([trouble(state, step, unclear.start, { kind: 'blocked', why })], hands.now());
    return AGAIN;
  }
  const skipped = seen.flatMap(({ start, verdict }): RunEvent[] =>
    verdict.kind === 'notNeeded' ? [{ kind: 'hostSkipped', step: step.id, ...start, why: verdict.why }] : [],
  );
  const needed = seen.flatMap(({ start, verdict }) => (verdict.kind === 'needed' ? [start.host] : []));
  const looked: RunEvent[] = needed.length === 0 ? [] : [{ kind: 'hostsLookedAt', step: step.id, hosts: needed }];
  await session.append([...skipped, ...looked], hands.now());
  return AGAIN;
}

async function verdictOn(hands: Hands, state: RunState, step: CommandStep, start: Start): Promise<Verdict> {
  const host = findHost(state.cluster, start.host);
  if (host === undefined) return { kind: 'unclear', why: `${start.host} is not in the cluster file` };
  const answer = await lookFor(hands, state)(host, step, step.unless?.run ?? ':', LOOK_SECONDS);
  switch (answer.kind) {
    case 'answered':
      return step.unless === undefined ? { kind: 'needed' } : judged(state, step.unless, start.host, answer);
    case 'refused':
      return silent(state, step, start.host, answer);
    case 'lost':
    case 'timedOut':
    case 'blocked':
      return { kind: 'unclear', why: whyNot(answer) };
    default:
      return assertNever(answer);
  }
}

/** A look that cannot be read speaks for the step: it is needed, and asked for like any other. */
function judged(
  state: RunState,
  unless: NonNullable<CommandStep['unless']>,
  hostName: string,
  answer: Extract<Looked, { kind: 'answered' }>,
): Verdict {
  const look = examineUntil(state, unless, hostName, answer);
  if (!look.holds) return { kind: 'needed' };
  return { kind: 'notNeeded', why: `${fillFor(state, unless.saying, findHost(state.cluster, hostName))}. Seen: ${look.seen}` };
}

/** Gone, or another machine by now: nothing was sent there either way. */
function silent(state: RunState, step: CommandStep, hostName: string, answer: Extract<Looked, { kind: 'refused' }>): Verdict {
  const { code, message } = answer.why;
  if (step.unreachable === undefined || (code !== 'UNREACHABLE' && code !== 'HOST_KEY_CHANGED' && code !== 'HOST_KEY_UNKNOWN')) {
    return { kind: 'unclear', why: whyNot(answer) };
  }
  return { kind: 'notNeeded', why: `${fillFor(state, step.unreachable, findHost(state.cluster, hostName))}. ${message}` };
}
