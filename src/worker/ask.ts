/** Asks for an approval or a gate: what would be started is resolved and the roles are read again first, so that the card shows what is so now. */

import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { superseded } from '../run/closing.ts';
import { fillFor } from '../run/context.ts';
import type { Roles, RunEvent, Subject } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { trouble } from '../run/trouble.ts';
import type { Start } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import { subjectDigest, subjectOf, whyTooLong } from '../run/subject.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { prepareAll } from './prepare.ts';
import { type Recheck, recheckRoles } from './recheck.ts';
import type { Session } from './session.ts';

/** Appends the request, or the trouble that keeps it from being asked. */
export async function ask(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'ask' }>): Promise<Move> {
  const { step, starts } = decision;
  const state = session.state();
  const recheck = await recheckRoles(hands, state, step);
  await session.append(await requestOrTrouble(hands, state, step, starts, recheck), hands.now());
  return AGAIN;
}

async function requestOrTrouble(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  starts: readonly Start[],
  recheck: Recheck,
): Promise<readonly RunEvent[]> {
  switch (recheck.kind) {
    case 'changed':
      return [trouble(state, step, starts[0], { kind: 'rolesChanged', why: recheck.why, roles: recheck.roles })];
    case 'unseen':
      return [
        trouble(state, step, starts[0], { kind: 'blocked', why: `the roles could not be read again just before asking: ${recheck.why}` }),
      ];
    case 'same':
      return [...confirmed(step, recheck), ...(await request(hands, state, step, starts, recheck.roles))];
    case 'notNeeded':
      return request(hands, state, step, starts, {});
    default:
      return assertNever(recheck);
  }
}

function confirmed(step: CommandStep, recheck: Extract<Recheck, { kind: 'same' }>): RunEvent[] {
  return [{ kind: 'rolesConfirmed', step: step.id, roles: recheck.roles, by: recheck.by }];
}

async function request(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  starts: readonly Start[],
  observed: Roles,
): Promise<readonly RunEvent[]> {
  const items = await prepareAll(hands, state, step, starts);
  if (items.kind === 'blocked') return [trouble(state, step, starts[0], { kind: 'blocked', why: items.why })];
  const subject: Subject = subjectOf(step, items.value, observed);
  const tooLong = whyTooLong(subject);
  if (tooLong !== undefined) return [trouble(state, step, starts[0], { kind: 'blocked', why: tooLong })];
  return [
    ...superseded(state, subject),
    {
      kind: 'approvalRequested',
      request: hands.id(),
      step: step.id,
      needs: step.safety.kind === 'gated' ? 'gate' : 'second',
      why: whyAsked(state, step),
      subject,
      digest: subjectDigest(state.run, state, subject),
      evidence: [...evidenceOf(state, step), ...(await lastTimeOf(hands, state, step))],
      expiresAt: hands.now() + state.procedure.approvalSeconds * 1000,
    },
  ];
}

function whyAsked(state: RunState, step: CommandStep): string {
  switch (step.safety.kind) {
    case 'unsafe':
      return fillFor(state, step.safety.why);
    case 'gated':
      return fillFor(state, step.safety.ask);
    case 'safe':
      return '';
    default:
      return assertNever(step.safety);
  }
}

/** What was seen so far that the approver can lean on: each step that has passed, and how. */
function evidenceOf(state: RunState, step: CommandStep): readonly string[] {
  return state.procedure.steps.flatMap((earlier) => {
    const at = state.steps[earlier.id];
    if (at?.kind === 'answered') return [`${earlier.id}: ${questionOf(state, earlier.id)} (${at.by.name})`];
    if (earlier.id === step.id || at?.kind !== 'open') return [];
    return Object.entries(at.hosts).flatMap(([host, seen]) => (seen.kind === 'passed' ? [`${earlier.id} on ${host}: ${seen.seen}`] : []));
  });
}

/** In the words in which it was answered; what they were filled in from may be another by now. */
function questionOf(state: RunState, step: string): string {
  const answered = Object.values(state.questions).filter((question) => question.step === step && question.status.kind === 'answered');
  return answered.at(-1)?.text ?? '';
}

async function lastTimeOf(hands: Hands, state: RunState, step: CommandStep): Promise<readonly string[]> {
  const last = await hands.lastTime(state.procedure.name, state.cluster.name);
  const ms = last?.steps[step.id];
  return last === undefined || ms === undefined ? [] : [`last time it took ${Math.max(1, Math.round(ms / 1000))} s (${last.run})`];
}
