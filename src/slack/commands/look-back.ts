/** `/ha show <run>` and `/ha approvals`: what a run was, and what one person has to do with approvals. They change nothing. */
import { parseQuery } from '../../history/query.ts';
import { aboutRun, authorise } from '../../run/authorise.ts';
import { actionFor } from '../../run/decided.ts';
import { stepsOf } from '../../run/state.ts';
import type { Answer } from '../answer.ts';
import { admit, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { allGroups, readable } from '../rights.ts';
import { approvalsView, showView, type Waiting } from '../views/index.ts';
import { accountsOf, readerOf } from './history.ts';
import { oneRun } from './one-run.ts';

/** Runs that somebody approved in, of one answer. */
const LATELY = 10;

export async function show(office: Office, asked: Asked, run: string): Promise<Answer> {
  const found = await oneRun(office, asked, run);
  if (found.kind === 'refused') return { kind: 'now', content: found.content };
  const [journal, permalink] = await Promise.all([office.desk.journal(run), quickLink(office, run)]);
  return { kind: 'now', content: showView(journal?.state ?? found.state, journal?.recorded ?? [], permalink) };
}

/** By the one function that decides at the click as well, so that what is listed here can be approved as things stand. */
export async function approvals(office: Office, asked: Asked): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, allGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const mine = new Set(accountsOf(standing));
  const open = readable(await desk.open(), standing).flatMap((state) =>
    Object.values(state.approvals)
      .filter((approval) => approval.status.kind === 'open' && !approval.backers.some(({ by }) => mine.has(by.user)))
      .filter((approval) => authorise(actionFor(approval), standing, aboutRun(state, stepsOf(approval))).kind === 'allowed')
      .map((approval) => ({ state, approval })),
  );
  const waiting = await Promise.all(
    open.map(async (each): Promise<Waiting> => ({ ...each, permalink: await quickLink(office, each.state.run) })),
  );
  const all = parseQuery('', { now: Date.now(), me: [...mine], clusters: [], procedures: [] });
  const page = all.kind === 'query' ? await office.history?.search(all.query, readerOf(desk, standing), LATELY, [...mine]) : undefined;
  const given = await Promise.all((page?.rows ?? []).map(async (row) => ({ ...row, permalink: await quickLink(office, row.run) })));
  return { kind: 'now', content: approvalsView(waiting, given) };
}
