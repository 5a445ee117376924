/** Writes how an attempt ended and what that means, as one. */
import type { CommandStep } from '../procedure/model.ts';
import type { Outcome, RunEvent } from '../run/events.ts';
import { judge } from '../run/judge.ts';
import { openQuestion } from '../run/prompts.ts';
import type { Start } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import type { Ended } from '../ssh/attempt.ts';
import type { Outcome as SshOutcome } from '../ssh/outcome.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { READ_BYTES } from './judge-again.ts';
import type { Session } from './session.ts';

/** Whoever else followed the same attempt may have been first: then there is nothing left to write. */
export async function conclude(hands: Hands, session: Session, step: CommandStep, due: Start, ended: Ended): Promise<Move> {
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
    // With another host's trouble open, the verdict waits until people have settled that: one trouble at a time.
    const verdict = state.cancel === undefined && state.trouble === undefined ? judge(state, step, due, outcome, printed) : [];
    await session.append([...withdrawn(state, step, due), end, ...verdict], hands.now());
  }
  return AGAIN;
}

/** A tool that has ended asks nothing any more. */
export function withdrawn(state: RunState, step: CommandStep, due: Start): readonly RunEvent[] {
  const question = openQuestion(state, step, due);
  return question === undefined ? [] : [{ kind: 'questionWithdrawn', question, why: 'the tool has ended' }];
}

/** Intended, and its end is not in the journal. */
export function isUnderWay(state: RunState, step: CommandStep, due: Start): boolean {
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
