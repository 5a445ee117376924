/**
 * Drives runs: a nudge says "look at this run"; the drive folds the journal, decides, acts, appends, and goes on while its time lasts.
 *
 * Owns: the loop, its time budget, the heartbeat that tells other workers that somebody drives.
 * Leaves: what to do (run/next.ts), each act (its own file), when to look again (the queue).
 *
 * Invariants
 * D1 Nothing but the journal says what is done: a drive that starts anew from any moment does the same.
 * D2 When the journal moved on without us (`news`), what we wait for is let go and decided again.
 * D3 A run stands in the list of runs before anything is done for it.
 */
import { explain } from '../errors.ts';
import { assertNever } from '../run/assert-never.ts';
import type { RunEvent } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { next } from '../run/next.ts';
import { ask } from './ask.ts';
import { endAttempt } from './end-attempt.ts';
import { createExchanges } from './exchanges.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { judgeAgain } from './judge-again.ts';
import { precheck } from './precheck.ts';
import { openSession, type Session } from './session.ts';
import { follow, start } from './start.ts';
import { watch } from './watch.ts';

/** A job ends after about this long, so that its lock is never in doubt; the next one goes on. */
const DRIVE_MS = 5_000;
/** Events that only open the way for the next decision: written with the next append. */
export const DEFERRED: ReadonlySet<RunEvent['kind']> = new Set(['stepOpened', 'stepSkipped', 'planResolved']);
/** Waits shorter than this are not worth a job. */
const INLINE_MS = 1_000;

export interface Driver {
  /** Works on the run for a few seconds at most; says what is to be armed next. */
  drive(run: string, signal: AbortSignal): Promise<Move>;
  /** The journal of a run has grown to this sequence number. */
  news(run: string, seq: number): void;
}

type Driven = { readonly reach: () => number; letGo: AbortController };

export function createDriver(hands: Hands): Driver {
  const driven = new Map<string, Driven>();
  const exchanges = createExchanges(hands);

  async function drive(run: string, signal: AbortSignal): Promise<Move> {
    const session = await openSession(hands.journal, run);
    // D3
    await hands.listing.ensure(run, 'began');
    const mine: Driven = { reach: session.reach, letGo: new AbortController() };
    driven.set(run, mine);
    try {
      const move = await loop(session, mine, signal);
      if (session.state().ended !== undefined) await listEnd(run);
      return move;
    } finally {
      if (driven.get(run) === mine) driven.delete(run);
    }
  }

  /** The outbox and the sweep make up for what fails here. */
  async function listEnd(run: string): Promise<void> {
    await hands.listing
      .ensure(run, 'ended')
      .catch((error: unknown) =>
        hands.log.warn({ run, reason: explain(error) }, 'the end of a run could not be noted in the list of runs'),
      );
  }

  async function loop(session: Session, mine: Driven, signal: AbortSignal): Promise<Move> {
    const until = hands.now() + DRIVE_MS;
    let either = AbortSignal.any([signal, mine.letGo.signal]);
    while (!signal.aborted) {
      exchanges.notice(session.state());
      const move = await act(hands, session, next(session.state(), hands.now()), either);
      const written = move.kind === 'again' || (await session.flush(hands.now()));
      const wait = written ? await shortWait(hands, move, either) : AGAIN;
      if (wait.kind !== 'again') return wait;
      if (mine.letGo.signal.aborted) {
        // News that come while we read are for the next turn.
        mine.letGo = new AbortController();
        either = AbortSignal.any([signal, mine.letGo.signal]);
        await session.refresh();
      }
      if (hands.now() >= until) return { kind: 'later', ms: 0, key: `on-${session.head().seq}` };
    }
    return AGAIN;
  }

  return {
    drive,
    news(run, seq) {
      const known = driven.get(run);
      if (known !== undefined && known.reach() < seq) known.letGo.abort();
    },
  };
}

/** A wait too short for a job is waited here; news end it. */
async function shortWait(hands: Pick<Hands, 'after'>, move: Move, signal: AbortSignal): Promise<Move> {
  if (move.kind === 'rest' && signal.aborted) return AGAIN;
  if (move.kind !== 'later' || move.ms > INLINE_MS) return move.kind === 'later' && signal.aborted ? AGAIN : move;
  await new Promise<void>((resolve) => {
    const callOff = hands.after(move.ms, done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      callOff();
      signal.removeEventListener('abort', done);
      resolve();
    }
    if (signal.aborted) done();
  });
  return AGAIN;
}

async function act(hands: Hands, session: Session, decision: Decision, signal: AbortSignal): Promise<Move> {
  switch (decision.kind) {
    case 'record':
      return record(hands, session, decision.events);
    case 'ask':
      return ask(hands, session, decision);
    case 'start':
      return start(hands, session, decision, signal);
    case 'follow':
      return follow(hands, session, decision, signal);
    case 'watch':
      return watch(hands, session, decision);
    case 'endAttempt':
      return endAttempt(hands, session, decision, signal);
    case 'precheck':
      return precheck(hands, session, decision);
    case 'judge':
      return judgeAgain(hands, session, decision);
    case 'together':
      return soonest(await Promise.all(decision.decisions.map((each) => apart(hands, session, each, signal))));
    case 'wait':
      return decision.until === undefined
        ? { kind: 'rest' }
        : { kind: 'later', ms: Math.max(0, decision.until - hands.now()), key: 'expiry' };
    case 'over':
      await hands.emergencies.note(session.state());
      return { kind: 'rest' };
    default:
      return assertNever(decision);
  }
}

/** One host of several goes on by itself for as long as there is something to do on it: it does not wait for the others. */
async function apart(hands: Hands, session: Session, first: Decision, signal: AbortSignal): Promise<Move> {
  const until = hands.now() + DRIVE_MS;
  let decision: Decision | undefined = first;
  while (decision !== undefined && !signal.aborted && hands.now() < until) {
    const move = await act(hands, session, decision, signal);
    if (move.kind !== 'again') return move;
    decision = sameHost(first, next(session.state(), hands.now()));
  }
  return AGAIN;
}

/** What is due on that host now, if it is a matter of this host alone. */
function sameHost(first: Decision, now: Decision): Decision | undefined {
  const all = now.kind === 'together' ? now.decisions : [now];
  return all.find((each) => 'start' in each && 'start' in first && each.step.id === first.step.id && each.start.host === first.start.host);
}

/** Of what several hosts wish for, that which comes first. */
function soonest(moves: readonly Move[]): Move {
  return moves.reduce((first, move) => {
    if (first.kind === 'again' || move.kind === 'rest') return first;
    if (move.kind === 'again' || first.kind === 'rest') return move;
    return move.ms < first.ms ? move : first;
  });
}

/** What opens the way for the next decision waits for the next append; what people are to see or what ends the run is written now. */
async function record(hands: Hands, session: Session, events: readonly RunEvent[]): Promise<Move> {
  if (events.every((event) => DEFERRED.has(event.kind))) session.defer(events, hands.now());
  else await session.append(events, hands.now());
  return AGAIN;
}
