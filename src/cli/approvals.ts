/** `keyturn approvals --as <id>`: what waits for one person, and what they gave, for when Slack cannot be asked. Changes nothing, and proves nothing. */
import { whyNoUserId } from '../config.ts';
import { followPeople, whyBroken } from '../files/people.ts';
import type { Row } from '../history/index.ts';
import { ALL_RUNS } from '../history/query.ts';
import { wordsGiven } from '../history/summary.ts';
import { isDamage } from '../journal/lost.ts';
import { type Awaited, awaitedFrom } from '../run/awaited.ts';
import { assertNever } from '../run/assert-never.ts';
import type { Standing } from '../run/authorise.ts';
import { groupsIn } from '../run/policy.ts';
import { stepsOf } from '../run/state.ts';
import type { Damaged } from '../slack/ports.ts';
import { accountsOf } from '../slack/rights.ts';
import { type Given, givenLine, redOf, type Waiting, waitingLine } from '../slack/views/index.ts';
import type { ActOffice } from './act.ts';
import { rowJson } from './history.ts';
import { type Looking, lookingAt, searchHere } from './looking.ts';
import { plainWords } from './plain-words.ts';
import { iso, runJson } from './show-json.ts';
import type { Store } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type ApprovalsOptions = { readonly as: string; readonly json: boolean; readonly page: string };

/** Runs of one page of what was given. */
const PAGE = 20;

export async function approvals(world: CliWorld, office: ActOffice, store: Store, { as, json, page }: ApprovalsOptions): Promise<Exit> {
  const wrong = whyNoUserId(as) ?? (/^[1-9]\d{0,3}$/.test(page) ? undefined : `--page ${page} is no page. Allowed: 1 to 9999.`);
  if (wrong !== undefined) {
    world.complain(wrong);
    return EXIT.usage;
  }
  const looking = lookingAt(store);
  const open = await office.desk.open();
  const known = await knownOf(office, store, as, [...new Set(open.flatMap((state) => groupsIn(state, state.procedure.steps)))]);
  if (typeof known === 'string') {
    world.complain(known);
    world.complain(`So it is not known what waits for ${as}.`);
    return EXIT.usage;
  }
  const now = office.now();
  const waiting = await Promise.all(
    open
      .flatMap((state) => awaitedFrom(state, known.standing, now).map((awaited) => ({ state, awaited })))
      .toSorted((a, b) => a.awaited.since - b.awaited.since)
      .map(async (each): Promise<Waiting> => ({ ...each, permalink: await looking.permalinkOf(each.state.run) })),
  );
  const given = await givenBy(store, looking, known.standing, Number(page));
  const told = { as, page: Number(page), known, waiting, given, damaged: office.desk.damaged(), now };
  if (json) world.say(JSON.stringify(jsonOf(told)));
  else for (const line of linesOf(told)) world.say(line);
  for (const { why } of json ? [] : told.damaged) world.complain(`${why}. Check: docs/troubleshooting.md, A journal is damaged.`);
  return waiting.length === 0 ? EXIT.ok : EXIT.found;
}

/** Who somebody is as far as it is known here. `unsure`: what was taken for granted, or why nothing can be theirs, a sentence each. */
type Known = { readonly standing: Standing; readonly slack: boolean; readonly unsure: readonly string[] };

/** Where Slack cannot be asked, the person is taken for a member in no group: that is said, and permits nothing. A sentence: it cannot be told at all. */
async function knownOf({ whoIs }: ActOffice, { config }: Store, as: string, groups: readonly string[]): Promise<Known | string> {
  const asked = await whoIs({ team: '', user: as }, groups);
  const { person, kind } = asked;
  if (kind.kind === 'barred')
    return { standing: asked, slack: true, unsure: [`${as} may approve nothing; they would be told: ${kind.why}`] };
  if (kind.kind !== 'unverified') return { standing: asked, slack: true, unsure: [] };
  if (kind.silent !== true) return `It could not be confirmed who ${as} is: ${kind.why}.`;
  const people = followPeople(config.people, config.peopleNamed)();
  if (people.kind === 'broken') return `It is not known which accounts are one person: ${whyBroken(people)}`;
  const identity = people.identities.get(as);
  const unsure = [
    `Slack could not be asked about ${as} (${kind.why}). Taken for granted: it is an active member of this workspace.`,
    ...(groups.length === 0
      ? []
      : [`Not known: whether they are in the user groups ${groups.join(', ')}. What only those may approve is missing here.`]),
  ];
  const standing: Standing = { person, memberOf: [], kind: { kind: 'member' }, ...(identity === undefined ? {} : { identity }) };
  return { standing, slack: false, unsure };
}

type GivenPage = { readonly runs: readonly Given[]; readonly more: boolean };

async function givenBy(store: Store, looking: Looking, standing: Standing, page: number): Promise<GivenPage> {
  const accounts = accountsOf(standing);
  const { rows, more } = await searchHere(store, looking, { ...ALL_RUNS, page }, PAGE, accounts);
  return { more, runs: await Promise.all(rows.map((row) => givenIn(looking, row, accounts))) };
}

async function givenIn({ journal, permalinkOf }: Looking, row: Row, accounts: readonly string[]): Promise<Given> {
  const permalink = await permalinkOf(row.run);
  try {
    const recorded = await journal.read(row.run);
    return { row, permalink, words: wordsGiven(recorded).filter(({ by }) => accounts.includes(by.user)) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { row, permalink, words: undefined };
  }
}

type Told = {
  readonly as: string;
  readonly page: number;
  readonly known: Known;
  readonly waiting: readonly Waiting[];
  readonly given: GivenPage;
  readonly damaged: readonly Damaged[];
  readonly now: number;
};

function linesOf({ as, page, known, waiting, given, now }: Told): readonly string[] {
  const linked = (line: string, permalink: string | undefined): readonly string[] => [
    `  ${plainWords(line)}`,
    ...(permalink === undefined ? [] : [`    ${permalink}`]),
  ];
  const red = waiting.filter(({ awaited }) => redOf(awaited) !== undefined);
  const open = waiting.filter((each) => !red.includes(each));
  const waits = (all: readonly Waiting[]) =>
    all.flatMap((each) => linked(waitingLine({ ...each, permalink: undefined }, now), each.permalink));
  const gave = given.runs.flatMap((each) => linked(givenLine({ ...each, permalink: undefined }, 'gave'), each.permalink));
  const which = page === 1 ? '' : `, page ${page}`;
  return [
    ...known.unsure,
    open.length === 0 ? `Nothing waits for ${as}.` : `Waits for ${as}, the longest first; each is decided in Slack, in its thread:`,
    ...waits(open),
    ...(red.length === 0 ? [] : ['Would be theirs, but cannot be approved now, because a check is NOT OK:', ...waits(red)]),
    gave.length === 0
      ? `No run is on record in which they approved something${which}.`
      : `Runs in which they approved something, the newest first${which}:`,
    ...gave,
    ...(given.more ? [`There are more: the same with --page ${page + 1}.`] : []),
  ];
}

function jsonOf({ as, page, known, waiting, given, damaged, now }: Told): object {
  const runs = given.runs.map(({ row, words, permalink }) => ({
    ...rowJson({ ...row, permalink }),
    gave: words?.map(({ steps, what, at }) => ({ what, steps, at: iso(at) })) ?? null,
  }));
  return {
    as,
    slackAsked: known.slack,
    unsure: known.unsure,
    waiting: waiting.map((each) => waitingJson(each, now)),
    given: { page, more: given.more, runs },
    damaged,
  };
}

function waitingJson({ state, awaited, permalink }: Waiting, now: number): object {
  const { since } = awaited;
  return { ...runJson(state), ...whatJson(awaited), since: iso(since), waitsMs: now - since, permalink: permalink ?? null };
}

function whatJson(awaited: Awaited): object {
  switch (awaited.kind) {
    case 'approval': {
      const { approval, red } = awaited;
      const { request, digest, expiresAt, subject } = approval;
      const hosts = [...new Set(subject.items.map(({ host }) => host))];
      return { kind: 'approval', request, steps: stepsOf(approval), hosts, digest, until: iso(expiresAt), red: red ?? null };
    }
    case 'question': {
      const { question, step, host, text } = awaited.question;
      return { kind: 'question', question, steps: [step], hosts: host === undefined ? [] : [host], text };
    }
    case 'trouble': {
      const { trouble, step, host, what } = awaited.trouble;
      return { kind: 'trouble', trouble, steps: [step], hosts: host === undefined ? [] : [host], text: what.why, choices: awaited.choices };
    }
    default:
      return assertNever(awaited);
  }
}
