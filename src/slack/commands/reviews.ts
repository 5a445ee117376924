/** `/ha reviews` and `/ha review <run> <words>`: what was done in an emergency, and that somebody else has looked at it. */
import { isDamage } from '../../journal/lost.ts';
import type { Standing } from '../../run/authorise.ts';
import { groupsIn } from '../../run/policy.ts';
import type { DueReview } from '../../run/reviews.ts';
import type { RunState } from '../../run/state.ts';
import type { Answer } from '../answer.ts';
import { note } from '../note.ts';
import { admit, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { readable, readingGroups, visibleTo } from '../rights.ts';
import { MOST_REVIEWS, reviewsView } from '../views/index.ts';

export async function reviews(office: Office, asked: Asked): Promise<Answer> {
  const admitted = await admit(office, asked, readingGroups(office.desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const due = await seenBy(office, await office.desk.reviews(), admitted.standing);
  const runs = [...new Set(due.slice(0, MOST_REVIEWS).map(({ event }) => event.run))];
  const links = new Map(await Promise.all(runs.map(async (run) => [run, await quickLink(office, run)] as const)));
  return { kind: 'now', content: reviewsView(due, (run) => links.get(run)) };
}

/** Of the runs that the person may see; where a journal cannot be read any more, of the clusters. */
async function seenBy(office: Office, due: readonly DueReview[], standing: Standing): Promise<readonly DueReview[]> {
  const { clusters } = visibleTo(office.desk, standing);
  const runs = [...new Set(due.map(({ event }) => event.run))];
  const states = new Map(await Promise.all(runs.map(async (run) => [run, await stateOf(office, run)] as const)));
  return due.filter(({ event }) => {
    const state = states.get(event.run);
    return state === undefined ? clusters.some(({ name }) => name === event.cluster) : readable([state], standing).length > 0;
  });
}

async function stateOf(office: Office, run: string): Promise<RunState | undefined> {
  try {
    return await office.desk.state(run);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

export async function review(office: Office, asked: Asked, run: string, words: string): Promise<Answer> {
  const state = await office.desk.state(run);
  const groups = state === undefined ? [] : groupsIn(state, state.procedure.steps);
  const admitted = await admit(office, asked, [...groups, ...readingGroups(office.desk)]);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const isSeen = state !== undefined && readable([state], standing).length > 0;
  const done = isSeen ? await office.desk.review(run, words, standing) : undefined;
  return { kind: 'now', content: note(done?.told ?? `Keyturn knows no run \`${run}\`; \`/ha reviews\` lists what waits for a review.`) };
}
