/**
 * What of a run waits for one person's word as a second person, as things stand. Pure.
 *
 * No rule is written here a second time: each thing is what it is because `decide` would take this person's word for it now, a code of the second
 * factor given. So what is being cancelled, has expired, was said already or would not help is none, nor is anything of the person's own run.
 */
import type { Standing } from './authorise.ts';
import { whyNotReady } from './checks.ts';
import type { Choice } from './events.ts';
import { decide, type Intent } from './intents.ts';
import { groupsIn } from './policy.ts';
import { proofWanted } from './proof.ts';
import { settlingNeedsSecond } from './second.ts';
import { hasSaid } from './stand.ts';
import { type Approval, DECLINED, DONE, type OpenTrouble, openTroubles, type Question, type RunState } from './state.ts';

export type Awaited =
  /** `red`: what is not as it must be, so that nobody can approve it now; once that is put right it is this person's. */
  | { readonly kind: 'approval'; readonly since: number; readonly approval: Approval; readonly red: string | undefined }
  | { readonly kind: 'question'; readonly since: number; readonly question: Question }
  /** `choices`: of those that are offered, the ones that only a second person has. */
  | { readonly kind: 'trouble'; readonly since: number; readonly trouble: OpenTrouble; readonly choices: readonly Choice[] };

/** What waits in all of these runs, the longest first. `now` in milliseconds since 1970. */
export function awaitedIn(
  states: readonly RunState[],
  standing: Standing,
  now: number,
): readonly { readonly state: RunState; readonly awaited: Awaited }[] {
  return states
    .flatMap((state) => awaitedFrom(state, standing, now).map((awaited) => ({ state, awaited })))
    .toSorted((a, b) => a.awaited.since - b.awaited.since);
}

/** Every user group that decides in these runs, of the files that they began with. */
export function groupsOf(states: readonly RunState[]): readonly string[] {
  return [...new Set(states.flatMap((state) => groupsIn(state, state.procedure.steps)))];
}

/** Of one run. `since` in milliseconds since 1970. */
export function awaitedFrom(state: RunState, standing: Standing, now: number): readonly Awaited[] {
  const could = (intent: Intent, seen = state): boolean => isTaken(seen, intent, standing, now);
  return [...approvalsFor(state, could), ...questionsFor(state, standing, could), ...troublesFor(state, standing, could)].toSorted(
    (a, b) => a.since - b.since,
  );
}

type Could = (intent: Intent, seen?: RunState) => boolean;

function isTaken(state: RunState, intent: Intent, standing: Standing, now: number): boolean {
  const about = proofWanted(state, intent);
  return decide(state, intent, about === undefined ? standing : { ...standing, proof: { about } }, now).kind === 'taken';
}

/** A gate is not among them: that is the requester's to press. */
function approvalsFor(state: RunState, could: Could): readonly Awaited[] {
  return Object.values(state.approvals).flatMap((approval): readonly Awaited[] => {
    if (approval.needs !== 'second' || approval.status.kind !== 'open') return [];
    const { request, digest, askedAt: since } = approval;
    const putRight = { ...state, approvals: { ...state.approvals, [request]: { ...approval, checks: [] } } };
    return could({ kind: 'approve', request, digest }, putRight)
      ? [{ kind: 'approval', since, approval, red: whyNotReady(approval.checks) }]
      : [];
  });
}

function questionsFor(state: RunState, standing: Standing, could: Could): readonly Awaited[] {
  return Object.values(state.questions).flatMap((question): readonly Awaited[] => {
    const { question: id, askedAt: since } = question;
    if (question.second === undefined || saidOf(state, id, standing)) return [];
    const answers = question.about === 'prompt' ? [...choicesSaid(state, id), 'y'] : [DONE, DECLINED];
    return answers.some((answer) => could({ kind: 'answer', question: id, answer, note: '' }))
      ? [{ kind: 'question', since, question }]
      : [];
  });
}

function troublesFor(state: RunState, standing: Standing, could: Could): readonly Awaited[] {
  return openTroubles(state).flatMap((trouble): readonly Awaited[] => {
    const { trouble: id, step, at: since } = trouble;
    const choices = [...new Set(trouble.choices)].filter(
      (choice) => settlingNeedsSecond(state, step, choice) && could({ kind: 'settle', trouble: id, choice, reason: '' }),
    );
    return choices.length === 0 || saidOf(state, id, standing) ? [] : [{ kind: 'trouble', since, trouble, choices }];
  });
}

/** Whoever has said one thing of it could still say another; it does not wait for them. */
function saidOf(state: RunState, about: string, standing: Standing): boolean {
  return Object.values(state.backings).some((backing) => backing.about === about && hasSaid(backing.backers, standing));
}

function choicesSaid(state: RunState, about: string): readonly string[] {
  return Object.values(state.backings).flatMap((backing) => (backing.about === about ? [backing.choice] : []));
}
