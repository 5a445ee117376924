/** Asks for an approval or a gate: what would be started is resolved and the roles are read again first, so that the card shows what is so now. */

import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { superseded } from '../run/closing.ts';
import { fillFor } from '../run/context.ts';
import type { Item, Roles, RunEvent, Subject } from '../run/events.ts';
import type { Decision } from '../run/decision.ts';
import { trouble } from '../run/trouble.ts';
import type { Part } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import { changesFor } from '../run/voided.ts';
import { subjectDigest, subjectOf, whyTooLong } from '../run/subject.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { lastStepWords } from './last-step.ts';
import { lookFor } from './look.ts';
import { prepareAll } from './prepare.ts';
import { type Recheck, recheckRoles } from './recheck.ts';
import { checksOf } from './requires.ts';
import type { Session } from './session.ts';

/** Appends the request, or the trouble that keeps it from being asked. */
export async function ask(hands: Hands, session: Session, decision: Extract<Decision, { kind: 'ask' }>): Promise<Move> {
  const { step, starts, further } = decision;
  const state = session.state();
  const roles = new Set([step, ...further.map((part) => part.step)].flatMap(({ recheck }) => recheck));
  const recheck = await recheckRoles(hands, state, [...roles]);
  await session.append(await requestOrTrouble(hands, state, [{ step, starts }, ...further], recheck), hands.now());
  return AGAIN;
}

/** The step at hand first. */
type Parts = readonly [Part, ...Part[]];

async function requestOrTrouble(hands: Hands, state: RunState, parts: Parts, recheck: Recheck): Promise<readonly RunEvent[]> {
  const [{ step, starts }] = parts;
  switch (recheck.kind) {
    case 'changed':
      return [trouble(state, step, starts[0], { kind: 'rolesChanged', why: recheck.why, roles: recheck.roles })];
    case 'unseen':
      return [
        trouble(state, step, starts[0], { kind: 'blocked', why: `the roles could not be read again just before asking: ${recheck.why}` }),
      ];
    case 'same':
      return [...confirmed(step, recheck), ...(await request(hands, state, parts, recheck.roles))];
    case 'notNeeded':
      return request(hands, state, parts, {});
    default:
      return assertNever(recheck);
  }
}

function confirmed(step: CommandStep, recheck: Extract<Recheck, { kind: 'same' }>): RunEvent[] {
  return [{ kind: 'rolesConfirmed', step: step.id, roles: recheck.roles, by: recheck.by }];
}

async function request(hands: Hands, state: RunState, parts: Parts, observed: Roles): Promise<readonly RunEvent[]> {
  const [{ step, starts }] = parts;
  const stopped = (why: string): readonly RunEvent[] => [trouble(state, step, starts[0], { kind: 'blocked', why })];
  const whole = await wholeOf(hands, state, parts, observed);
  if (whole.kind === 'blocked') return stopped(whole.why);
  const { subject, steps } = whole;
  const hosts = starts.map(({ host }) => host);
  const checks = await checksOf(lookFor(hands, state), state, step, hosts);
  const changed = changesFor(state, step, subject);
  return [
    ...superseded(state, subject),
    {
      kind: 'approvalRequested',
      request: hands.id(),
      step: step.id,
      needs: step.safety.kind === 'gated' ? 'gate' : 'second',
      why: whyAsked(state, steps),
      subject,
      digest: subjectDigest(state.run, state, subject),
      evidence: [...evidenceOf(state, step), ...(await lastTimesOf(hands, state, steps))],
      expiresAt: hands.now() + state.procedure.approvalSeconds * 1000,
      ...(checks.length === 0 ? {} : { checks: [...checks] }),
      ...(changed.length === 0 ? {} : { changed: [...changed] }),
    },
  ];
}

type Whole =
  | { readonly kind: 'whole'; readonly subject: Subject; readonly steps: readonly CommandStep[] }
  | { readonly kind: 'blocked'; readonly why: string };

/** As many of the steps as can be resolved now and shown whole; the others are left for the next request. */
async function wholeOf(hands: Hands, state: RunState, parts: Parts, observed: Roles): Promise<Whole> {
  let best: Whole = { kind: 'blocked', why: 'nothing is to be started' };
  const steps: CommandStep[] = [];
  const items: Item[] = [];
  for (const part of parts) {
    const prepared = await prepareAll(hands, state, part.step, part.starts);
    if (prepared.kind === 'blocked') return steps.length === 0 ? prepared : best;
    steps.push(part.step);
    items.push(...prepared.value);
    const subject = subjectOf(steps, items, rolesOf(steps, observed));
    const tooLong = whyTooLong(subject);
    if (tooLong !== undefined) return steps.length === 1 ? { kind: 'blocked', why: tooLong } : best;
    best = { kind: 'whole', subject, steps: [...steps] };
  }
  return best;
}

function rolesOf(steps: readonly CommandStep[], observed: Roles): Roles {
  const wanted = steps.flatMap(({ recheck }) => recheck);
  return Object.fromEntries(Object.entries(observed).filter(([role]) => wanted.includes(role)));
}

/** One reason for all where it is the same, as that of a phase is. */
function whyAsked(state: RunState, steps: readonly CommandStep[]): string {
  const reasons = steps.map((step) => ({ id: step.id, why: reasonOf(state, step) }));
  const [first] = reasons;
  if (first === undefined || reasons.every(({ why }) => why === first.why)) return first?.why ?? '';
  return reasons.map(({ id, why }) => `${id}: ${why}`).join(' ');
}

function reasonOf(state: RunState, step: CommandStep): string {
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
    if (at?.kind === 'answered') return [`${earlier.id}: ${questionOf(state, earlier.id)} Answered by ${at.by.name}.`];
    if (earlier.id === step.id || at?.kind !== 'open') return [];
    return Object.entries(at.hosts).flatMap(([host, seen]) => (seen.kind === 'passed' ? [`${earlier.id} on ${host}: ${seen.seen}`] : []));
  });
}

/** In the words in which it was answered; what they were filled in from may be another by now. */
function questionOf(state: RunState, step: string): string {
  const answered = Object.values(state.questions).filter((question) => question.step === step && question.status.kind === 'answered');
  return answered.at(-1)?.text ?? '';
}

/** Of each step that is asked for, how it went when it was last tried here. */
async function lastTimesOf(hands: Hands, state: RunState, steps: readonly CommandStep[]): Promise<readonly string[]> {
  const ids = steps.map(({ id }) => id);
  const found = await hands.lastSteps(state.procedure.name, state.cluster.name, ids);
  return ids.flatMap((id) => {
    const last = found.get(id);
    if (last === undefined) return [];
    return [steps.length === 1 ? lastStepWords(last) : `${id}, ${lastStepWords(last)}`];
  });
}
