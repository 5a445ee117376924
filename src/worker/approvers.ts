/**
 * Whether those who approved may still do so, asked again just before a start: a card may lie for half an hour, and a step on ten hosts may take hours,
 * while somebody is deactivated or leaves the group.
 *
 * Invariants
 * B1 What is known of an approver at a start is at most `GOOD_MS` old.
 * B2 Slack's silence is no yes: the start waits, and begins by itself when Slack answers (or the approval has grown too old).
 */
import { aboutRun, authorise, type Standing } from '../run/authorise.ts';
import { actionFor } from '../run/decided.ts';
import type { Person } from '../run/events.ts';
import { groupsIn, missingIn, rulesFor } from '../run/policy.ts';
import { approverIn } from '../run/stand.ts';
import { type Approval, type RunState, stepsOf } from '../run/state.ts';

export type StillGood =
  | { readonly kind: 'good' }
  | { readonly kind: 'bad'; readonly why: string }
  /** It could not be asked. */
  | { readonly kind: 'unknown'; readonly why: string };

/** Never rejects; `groups` are ids of the user groups that matter. */
export type WhoIs = (who: { readonly team: string; readonly user: string }, groups: readonly string[]) => Promise<Standing>;

export type Approvers = (state: RunState, approval: Approval) => Promise<StillGood>;

/** Between a click and the start that follows at once, Slack is not asked a second time. */
const GOOD_MS = 2_000;
/** What is forgotten is only asked again. */
const MOST_KEPT = 1_000;

export function createApprovers(whoIs: WhoIs, now: () => number): Approvers {
  /** When each request's approvers were last found good; only of requests that start things just now. */
  const seen = new Map<string, number>();
  return async (state, approval) => {
    const people = peopleOf(approval);
    const last = Math.max(seen.get(approval.request) ?? 0, ...people.map(({ at }) => at).slice(0, 1));
    const asked = now();
    // A click that a clock running ahead dates into the future is not of a moment ago.
    if (asked >= last && asked - last <= GOOD_MS) return GOOD;
    const groups = groupsIn(state, aboutRun(state, stepsOf(approval)).steps);
    const standings = await Promise.all(people.map(({ by }) => whoIs(by, groups)));
    const verdict = judge(state, approval, standings);
    if (seen.size >= MOST_KEPT) seen.clear();
    if (verdict.kind === 'good') seen.set(approval.request, asked);
    else seen.delete(approval.request);
    return verdict;
  };
}

const GOOD: StillGood = { kind: 'good' };

type Approver = { readonly by: Person; readonly at: number };

/** The longest standing first: of several, the first said so longest ago. */
function peopleOf({ backers, status }: Approval): readonly Approver[] {
  // Whoever broke the glass stands for it alone, whoever had said yes before.
  if (status.kind === 'given' && status.glass !== undefined) return [status];
  if (backers.length > 0) return backers;
  return status.kind === 'given' ? [status] : [];
}

function judge(state: RunState, approval: Approval, standings: readonly Standing[]): StillGood {
  const silent = standings.find(({ kind }) => kind.kind === 'unverified');
  if (silent?.kind.kind === 'unverified') return { kind: 'unknown', why: `${silent.person.name}: ${silent.kind.why}` };
  const barred = standings.find(({ kind }) => kind.kind === 'barred');
  if (barred !== undefined) return bad(`${barred.person.name}, who approved it, is no active full member of the workspace any more`);
  const action = isGlass(approval) ? 'breakGlass' : actionFor(approval);
  const about = aboutRun(state, stepsOf(approval));
  const refused = standings.find((standing) => authorise(action, standing, about).kind === 'refused');
  if (refused !== undefined) return bad(`${refused.person.name}, who approved it, may not do so any more`);
  if (action !== 'approve') return GOOD;
  const missing = missingIn(rulesFor(about, about.steps), standings.map(approverIn));
  return missing.length === 0 ? GOOD : bad('those who approved it are not enough any more: some left the groups that must approve');
}

function isGlass({ status }: Approval): boolean {
  return status.kind === 'given' && status.glass !== undefined;
}

function bad(why: string): StillGood {
  return { kind: 'bad', why };
}
