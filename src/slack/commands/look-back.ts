/** `/ha show <run>` and `/ha approvals`: what a run was, and what one person has to do with approvals. They change nothing. */
import { explain } from '../../errors.ts';
import { givenBy } from '../../history/given.ts';
import type { Row } from '../../history/index.ts';
import { ALL_RUNS, type Query } from '../../history/query.ts';
import { type After, aftersIn } from '../../history/retold.ts';
import { awaitedIn, groupsOf } from '../../run/awaited.ts';
import type { Standing } from '../../run/authorise.ts';
import type { Answer } from '../answer.ts';
import { withDamaged } from '../damaged.ts';
import { admit, type Asker, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { accountsOf, allGroups, readable, readerOf } from '../rights.ts';
import { approvalsView, type Given, type GivenPage, MOST_WAITING, showView, type Waiting } from '../views/index.ts';
import { nextPage } from './history.ts';
import { oneRun } from './one-run.ts';

export async function show(office: Office, asked: Asked, run: string): Promise<Answer> {
  const found = await oneRun(office, asked, run);
  if (found.kind === 'refused') return { kind: 'now', content: found.content };
  const { state, recorded } = found;
  const [permalink, afters] = await Promise.all([quickLink(office, run), aftersOf(office, run)]);
  return { kind: 'now', content: showView({ state, recorded, afters, permalink, now: Date.now() }) };
}

/** A damaged register must keep nobody from reading a sound journal. */
async function aftersOf({ afterwardsOf, log }: Office, run: string): Promise<readonly After[] | undefined> {
  try {
    return aftersIn((await afterwardsOf?.(run)) ?? []);
  } catch (error) {
    log.warn({ run, reason: explain(error) }, 'what came after the end of a run could not be read');
    return undefined;
  }
}

/** Runs of one page of what somebody approved. */
const LATELY = 5;

/** From the second page on only what was given. `older`: the place to go on from, where a button asks for a further page. */
export async function approvals(office: Office, asked: Asker, page: number, older?: number): Promise<Answer> {
  const { desk } = office;
  const open = page === 1 ? await desk.open() : [];
  const admitted = await admit(office, asked, [...new Set([...groupsOf(open), ...allGroups(desk)])]);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const now = Date.now();
  const waiting = awaitedIn(readable(open, standing), standing, now);
  const shown = await Promise.all(
    waiting.slice(0, MOST_WAITING).map(async (each): Promise<Waiting> => ({ ...each, permalink: await quickLink(office, each.state.run) })),
  );
  const given = await givenTo(office, standing, older === undefined ? { ...ALL_RUNS, page } : { ...ALL_RUNS, older });
  const next = typeof given === 'string' ? undefined : nextPage({ page }, given, '');
  const view = approvalsView(page === 1 ? { shown, more: waiting.length - shown.length } : undefined, given, { page, next }, now);
  return { kind: 'now', content: withDamaged(view, page === 1 ? desk.damaged() : []) };
}

/** What waits must be told also while the history cannot be searched; then a sentence says why. */
async function givenTo(office: Office, standing: Standing, query: Query): Promise<GivenPage | string> {
  if (office.history === undefined) return 'What you approved is not known here: this Keyturn keeps no history.';
  const accounts = accountsOf(standing);
  try {
    const { rows, ...rest } = await office.history.search(query, readerOf(office.desk, standing), LATELY, accounts);
    return { ...rest, runs: await Promise.all(rows.map((row) => givenIn(office, row, accounts))) };
  } catch (error) {
    office.log.warn({ reason: explain(error) }, 'what somebody approved could not be searched');
    return 'What you approved cannot be searched just now; the log of Keyturn says why. Try again in a moment.';
  }
}

async function givenIn(office: Office, row: Row, accounts: readonly string[]): Promise<Given> {
  const read = async () => (await office.desk.journal(row.run))?.recorded;
  const [words, permalink] = await Promise.all([givenBy(accounts, read), quickLink(office, row.run)]);
  return { row, words, permalink };
}
