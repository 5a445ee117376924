/**
 * The thread of a run as it should stand in Slack, read from the journal. Pure.
 *
 * 1. The same journal gives the same messages with the same keys; more journal never takes a message away.
 * 2. What was `final` once never changes again.
 */
import type { EventOf, Recorded } from '../../run/events.ts';
import type { ApprovalStatus, RunState } from '../../run/state.ts';
import type { SignedHead } from '../../signature.ts';
import type { Live } from '../ports.ts';
import { approvalDraft } from './approval.ts';
import { attemptDraft } from './attempt.ts';
import { cardDraft } from './card.ts';
import { compose, type Draft } from './compose.ts';
import { endDraft } from './end.ts';
import { type Episode, episodes } from './episodes.ts';
import { glassDrafts } from './glass.ts';
import { holdDraft, overrideDraft } from './hold.ts';
import type { Message } from './message.ts';
import { announceDrafts, decisionDraft, exchangedDraft, notNeededDraft, rolesDraft, skippedDraft, valuesDraft } from './notices.ts';
import { type Plans, planDrafts } from './plan-reply.ts';
import { fileDrafts } from './output-file.ts';
import { promptDraft } from './prompt.ts';
import { withheldDraft } from './withheld.ts';
import { questionDraft } from './question.ts';
import { reminderDrafts } from './reminder.ts';
import { type Settled, troubleDraft } from './trouble.ts';

/**
 * In journal order, the card first. `live` is what attempts print now; what belongs to no attempt under way is ignored. `now`, in milliseconds, is
 * for what goes on only; `plans` is kept by whoever asks again for the same run; `end` is where the journal of a run that is over ended.
 */
export function thread(
  state: RunState,
  recorded: readonly Recorded[],
  live: readonly Live[],
  now: number,
  plans: Plans = new Map(),
  end?: SignedHead,
): readonly Message[] {
  const attempts = episodes(recorded).map((episode) => attemptDraft(state, episode, liveOf(state.run, episode, live), now));
  const replies = recorded.flatMap((each) => draftsOf(state, each, recorded, end));
  const [plan, ...scripts] = planDrafts(state, recorded, plans);
  const files = recorded.flatMap((each) => fileDrafts(state, each));
  const ordered = [...scripts, ...attempts, ...replies, ...files].sort((a, b) => a.seq - b.seq);
  return unique([cardDraft(state, recorded), plan, ...ordered]).map((draft) => compose(state.run, draft));
}

/** The newest; an attempt with its verdict is no longer alive. */
function liveOf(run: string, episode: Episode, live: readonly Live[]): Live | undefined {
  if (episode.verdict !== undefined) return undefined;
  return live
    .filter((each) => each.run === run && each.step === episode.step && each.host === episode.host && each.attempt === episode.attempt)
    .reduce<Live | undefined>((newest, each) => (newest === undefined || each.at >= newest.at ? each : newest), undefined);
}

function draftsOf(state: RunState, each: Recorded, recorded: readonly Recorded[], end: SignedHead | undefined): readonly Draft[] {
  const { event, seq } = each;
  switch (event.kind) {
    case 'announced':
      return announceDrafts(state, event, each);
    case 'rolesBound':
      return [rolesDraft(state, event, each)];
    case 'stepSkipped':
      return [skippedDraft(state, event, seq)];
    case 'hostSkipped':
      return [notNeededDraft(state, event, seq)];
    case 'hostExchanged':
      return [exchangedDraft(state, event, each)];
    case 'valuesCaptured':
      return [valuesDraft(state, event, seq)];
    case 'questionAsked':
      return [questionDraft(state, event, seq, recorded)];
    case 'promptAnswered':
      return promptDraft(state, event, each, recorded);
    case 'answerWithheld':
      return [withheldDraft(state, event, each, recorded)];
    case 'approvalRequested':
      return requested(state, event, each, recorded);
    case 'approvalReminded':
      return reminderDrafts(state, event, each);
    case 'troubleRaised':
      return [troubleDraft(state, event, seq, settledOf(event, recorded))];
    case 'glassBroken':
      return glassDrafts(state, event, each);
    case 'runHeld':
      return [holdDraft(state, event, each, recorded)];
    case 'holdOverridden':
      return [overrideDraft(state, event, each, recorded)];
    case 'runEnded':
      return [endDraft(state, recorded, event, each, end)];
    case 'approvalBacked':
    case 'approvalGiven':
    case 'approvalRejected':
    case 'approvalExpired':
    case 'approvalVoided':
    case 'paused':
    case 'resumed':
    case 'cancelRequested':
    case 'troubleSettled':
      return [decisionDraft(state, event, each, recorded)];
    // Their words stand in the messages of the trouble, the question or the hold.
    case 'choiceBacked':
    case 'holdEnded':
    case 'runRequested':
    case 'stepOpened':
    case 'rolesConfirmed':
    case 'hostMet':
    case 'planResolved':
    case 'hostsLookedAt':
    case 'copyStaged':
    case 'promptSeen':
    case 'questionAnswered':
    case 'questionWithdrawn':
    case 'attemptIntended':
    case 'attemptEnded':
    case 'watchBegan':
    case 'hostPassed':
    case 'hostPassedOver':
    // They stand in the thread already, as their writers' own messages.
    case 'noted':
    case 'noteEdited':
    case 'noteDeleted':
    case 'refused':
      return [];
  }
}

function requested(state: RunState, event: EventOf<'approvalRequested'>, each: Recorded, recorded: readonly Recorded[]): readonly Draft[] {
  const approval = state.approvals[event.request];
  if (approval === undefined) return [];
  const readings = recorded.filter((earlier) => earlier.seq < each.seq && isReading(earlier));
  return [
    approvalDraft(state, approval, {
      seq: each.seq,
      rolesSeenAt: readings.at(-1)?.at ?? each.at,
      status: firstStatus(event.request, recorded),
    }),
  ];
}

function isReading({ event }: Recorded): boolean {
  return event.kind === 'rolesBound' || event.kind === 'rolesConfirmed';
}

/** An approval that was given may still be voided; its card stays as it was decided. */
function firstStatus(request: string, recorded: readonly Recorded[]): ApprovalStatus {
  for (const { event, at } of recorded) {
    if (!('request' in event) || event.request !== request) continue;
    if (event.kind === 'approvalGiven') return { kind: 'given', by: event.by, at };
    if (event.kind === 'glassBroken') return { kind: 'given', by: event.by, at, glass: event.reason };
    if (event.kind === 'approvalRejected') return { kind: 'rejected', by: event.by, at, reason: event.reason };
    if (event.kind === 'approvalExpired') return { kind: 'expired', at };
    if (event.kind === 'approvalVoided') return { kind: 'voided', at, why: event.why };
  }
  return { kind: 'open' };
}

function settledOf(raised: EventOf<'troubleRaised'>, recorded: readonly Recorded[]): Settled | undefined {
  for (const { event, at } of recorded) if (event.kind === 'troubleSettled' && event.trouble === raised.trouble) return { event, at };
  return undefined;
}

/** An id that comes twice is told apart by its place in the journal; the first keeps its key. */
function unique(drafts: readonly Draft[]): readonly Draft[] {
  const taken = new Set<string>();
  return drafts.map((draft) => {
    const key = taken.has(draft.key) ? `${draft.key}:again:${draft.seq}` : draft.key;
    taken.add(key);
    return key === draft.key ? draft : { ...draft, key };
  });
}
