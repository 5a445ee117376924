/**
 * A decision with everybody who stands for it as they are at this moment. A trouble or a question may wait for days: somebody who stood for a choice
 * then and was deactivated, or left the group since, is none of those who are wanted (approvals are looked at again by worker/approvers.ts).
 *
 * N1 Slack's silence is no yes: whoever comes last is told so, and can do it again.
 * N2 A person is who the file of people says now, so that two accounts of one person never are two.
 */
import { aboutRun, authorise, type Standing, standsOf } from '../run/authorise.ts';
import { type Decided, moot } from '../run/decided.ts';
import { groupsIn } from '../run/policy.ts';
import { decide, type Intent } from '../run/intents.ts';
import { type Backer, type Backing, backingKey, openTroubles, questionIn, type RunState } from '../run/state.ts';
import type { WhoIs } from './approvers.ts';

/** `whoIs` undefined: Slack cannot be asked here, and what was known of them when they said so counts. `now` in milliseconds. */
export async function decideNow(
  whoIs: WhoIs | undefined,
  state: RunState,
  intent: Intent,
  standing: Standing,
  now: number,
): Promise<Decided> {
  const decided = decide(state, intent, standing, now);
  const said = earlier(state, intent);
  if (whoIs === undefined || decided.kind !== 'taken' || said === undefined) return decided;
  const { key, step, backing } = said;
  const about = aboutRun(state, [step]);
  const groups = groupsIn(about, about.steps);
  const standings = await Promise.all(backing.backers.map(({ by }) => whoIs(by, groups)));
  const silent = standings.find(({ kind }) => kind.kind === 'unverified');
  if (silent?.kind.kind === 'unverified')
    return moot(
      `It could not be confirmed that ${silent.person.name}, who said so before, still may: ${silent.kind.why}. Nothing was done.`,
    );
  const still = backing.backers.flatMap((backer, index): readonly Backer[] => {
    const known = standings[index];
    if (known === undefined || authorise('approve', known, about).kind === 'refused') return [];
    return [
      { ...backer, stands: { ...standsOf(known), ...(backer.stands?.factor === undefined ? {} : { factor: backer.stands.factor }) } },
    ];
  });
  return decide({ ...state, backings: { ...state.backings, [key]: { ...backing, backers: still } } }, intent, standing, now);
}

/** Who stood before for what is wanted now, where several must. */
function earlier(state: RunState, intent: Intent): { readonly key: string; readonly step: string; readonly backing: Backing } | undefined {
  const matter = matterOf(state, intent);
  const backing = matter === undefined ? undefined : state.backings[matter.key];
  return matter === undefined || backing === undefined ? undefined : { ...matter, backing };
}

function matterOf(state: RunState, intent: Intent): { readonly key: string; readonly step: string } | undefined {
  if (intent.kind === 'settle') {
    const trouble = openTroubles(state).find((each) => each.trouble === intent.trouble);
    return trouble === undefined ? undefined : { key: backingKey(intent.trouble, intent.choice), step: trouble.step };
  }
  const question = intent.kind === 'answer' ? questionIn(state, intent.question) : undefined;
  return intent.kind !== 'answer' || question === undefined
    ? undefined
    : { key: backingKey(intent.question, intent.answer), step: question.step };
}
