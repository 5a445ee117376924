/** `keyturn approvals --as <id>`: what waits for one person, and what they gave, for when Slack cannot be asked. Changes nothing, and proves nothing. */
import { whyNoUserId } from '../config.ts';
import { followPeople, whyBroken } from '../files/people.ts';
import { lackingSentences } from '../history/answer.ts';
import { givenBy } from '../history/given.ts';
import { ALL_RUNS } from '../history/query.ts';
import { awaitedIn, groupsOf } from '../run/awaited.ts';
import type { Standing } from '../run/authorise.ts';
import { accountsOf } from '../slack/rights.ts';
import type { Given, Waiting } from '../slack/views/index.ts';
import { read } from '../worker/run-desk.ts';
import type { ActOffice } from './act.ts';
import { approvalsJson, type GivenHere, givenLines, waitingLines } from './approvals-text.ts';
import { type Looking, lookingAt, searchHere } from './looking.ts';
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
  const known = await knownOf(office, store, as, groupsOf(open));
  if (typeof known === 'string') {
    world.complain(known);
    world.complain(`So it is not known what waits for ${as}.`);
    return EXIT.usage;
  }
  const now = office.now();
  const waiting = await Promise.all(
    awaitedIn(open, known.standing, now).map(
      async (each): Promise<Waiting> => ({ ...each, permalink: await looking.permalinkOf(each.state.run) }),
    ),
  );
  const { unsure, slack } = known;
  const damaged = office.desk.damaged();
  const told = { as, page: Number(page), unsure, slack, waiting, damaged, now };
  // Before the history, which may have to be built.
  if (!json) for (const line of [...unsure, ...waitingLines(told)]) world.say(line);
  const given = await givenHere(world, store, looking, known.standing, told.page);
  if (json) world.say(JSON.stringify(approvalsJson(told, given)));
  else for (const line of givenLines(told, given)) world.say(line);
  for (const line of given.lacking) world.complain(line);
  for (const { why } of json ? [] : damaged) world.complain(`${why}. Check: docs/troubleshooting.md, A journal is damaged.`);
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

async function givenHere(world: CliWorld, store: Store, looking: Looking, standing: Standing, page: number): Promise<GivenHere> {
  const accounts = accountsOf(standing);
  const query = { ...ALL_RUNS, page };
  const found = await searchHere(world, store, looking, { query, limit: PAGE, wait: false, approvers: accounts });
  const runs = found.rows.map(
    async (row): Promise<Given> => ({
      row,
      words: await givenBy(accounts, () => read(looking, row.run)),
      permalink: await looking.permalinkOf(row.run),
    }),
  );
  return { more: found.more, lacking: lackingSentences(found), runs: await Promise.all(runs) };
}
