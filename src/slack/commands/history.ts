/** `/ha history [filters]`: runs of the past and those that go on, as far as the person may read them. */
import { parseQuery } from '../../history/query.ts';
import type { Reader } from '../../history/index.ts';
import { aboutCluster, authorise, type Standing } from '../../run/authorise.ts';
import type { Answer } from '../answer.ts';
import { note } from '../note.ts';
import { admit, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import type { Desk } from '../ports.ts';
import { isRestricted, readingGroups, visibleTo } from '../rights.ts';
import { HISTORY_PAGE, historyView } from '../views/index.ts';

export async function history(office: Office, asked: Asked, text: string): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, readingGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  if (office.history === undefined) return { kind: 'now', content: note('There is no history here: this Keyturn keeps none.') };
  const { known } = visibleTo(desk, standing);
  const accounts = accountsOf(standing);
  const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
  const parsed = parseQuery(text, { now: Date.now(), me: accounts, clusters: names(known.clusters), procedures: names(known.procedures) });
  if (parsed.kind === 'mistake') return { kind: 'now', content: note(parsed.sentences) };
  const page = await office.history.search(parsed.query, readerOf(desk, standing), HISTORY_PAGE);
  const links = new Map(await Promise.all(page.rows.map(async ({ run }) => [run, await quickLink(office, run)] as const)));
  return { kind: 'now', content: historyView(page, parsed.query, (run) => links.get(run)) };
}

export function accountsOf({ person, identity }: Standing): readonly string[] {
  return [...new Set([person.user, ...(identity?.accounts ?? [])])];
}

/** By the files as they are now. A run whose cluster or procedure is gone is for everybody only where nothing is kept from anybody. */
export function readerOf(desk: Desk, standing: Standing): Reader {
  const restricted = isRestricted(desk);
  const [clusters, procedures] = [desk.clusters(), desk.procedures()];
  return {
    accounts: accountsOf(standing),
    mayRead: (subject) => {
      const cluster = clusters.find(({ name }) => name === subject.cluster);
      const procedure = procedures.find(({ name, product }) => name === subject.procedure && product === cluster?.product);
      if (cluster === undefined || procedure === undefined) return !restricted;
      return authorise('read', standing, aboutCluster(cluster, procedure)).kind === 'allowed';
    },
  };
}
