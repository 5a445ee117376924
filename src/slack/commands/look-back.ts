/** `/ha show <run>` and `/ha approvals`: what a run was, and what one person has to do with approvals. They change nothing. */
import type { Row } from '../../history/index.ts';
import { ALL_RUNS } from '../../history/query.ts';
import { wordsGiven } from '../../history/summary.ts';
import { awaitedFrom } from '../../run/awaited.ts';
import type { Standing } from '../../run/authorise.ts';
import { groupsIn } from '../../run/policy.ts';
import { isDamage } from '../../journal/lost.ts';
import type { Answer } from '../answer.ts';
import { withDamaged } from '../damaged.ts';
import { admit, type Asker, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { accountsOf, allGroups, readable, readerOf } from '../rights.ts';
import { approvalsView, type Given, type GivenPage, MOST_WAITING, showView, type Waiting } from '../views/index.ts';
import { nextOf, upTo } from './history.ts';
import { oneRun } from './one-run.ts';

export async function show(office: Office, asked: Asked, run: string): Promise<Answer> {
  const found = await oneRun(office, asked, run);
  if (found.kind === 'refused') return { kind: 'now', content: found.content };
  const { state, recorded } = found;
  return { kind: 'now', content: showView({ state, recorded, permalink: await quickLink(office, run), now: Date.now() }) };
}

/** Runs of one page of what somebody approved. */
const LATELY = 5;

/** From the second page on only what was given. `at`: of the first page, where a button asks for a further one. */
export async function approvals(office: Office, asked: Asker, page: number, at?: number): Promise<Answer> {
  const { desk } = office;
  const open = page === 1 ? await desk.open() : [];
  const groups = open.flatMap((state) => groupsIn(state, state.procedure.steps));
  const admitted = await admit(office, asked, [...new Set([...groups, ...allGroups(desk)])]);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const now = Date.now();
  const waiting = readable(open, standing)
    .flatMap((state) => awaitedFrom(state, standing, now).map((awaited) => ({ state, awaited })))
    .toSorted((a, b) => a.awaited.since - b.awaited.since);
  const shown = await Promise.all(
    waiting.slice(0, MOST_WAITING).map(async (each): Promise<Waiting> => ({ ...each, permalink: await quickLink(office, each.state.run) })),
  );
  const given = await givenBy(office, standing, page, at);
  const next = { ...nextOf({ page }, given?.runs.map(({ row }) => row) ?? [], at === undefined ? undefined : { at }), text: '' };
  const view = approvalsView(page === 1 ? { shown, more: waiting.length - shown.length } : undefined, given, next, now);
  return { kind: 'now', content: withDamaged(view, page === 1 ? desk.damaged() : []) };
}

async function givenBy(office: Office, standing: Standing, page: number, at: number | undefined): Promise<GivenPage | undefined> {
  if (office.history === undefined) return undefined;
  const accounts = accountsOf(standing);
  const query = upTo({ ...ALL_RUNS, page }, at);
  const { rows, ...rest } = await office.history.search(query, readerOf(office.desk, standing), LATELY, accounts);
  return { ...rest, runs: await Promise.all(rows.map((row) => givenIn(office, row, accounts))) };
}

async function givenIn(office: Office, row: Row, accounts: readonly string[]): Promise<Given> {
  const [journal, permalink] = await Promise.all([readWhole(office, row.run), quickLink(office, row.run)]);
  return { row, words: journal && wordsGiven(journal).filter(({ by }) => accounts.includes(by.user)), permalink };
}

/** One damaged journal must not keep the others from being told. */
async function readWhole({ desk }: Office, run: string) {
  try {
    return (await desk.journal(run))?.recorded;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
