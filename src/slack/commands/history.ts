/** `/ha history [filters]`: runs of the past and those that go on, as far as the person may read them. */
import { parseQuery } from '../../history/query.ts';
import type { Answer } from '../answer.ts';
import { note } from '../note.ts';
import { admit, type Asker, type Office, quickLink } from '../office.ts';
import { accountsOf, readerOf, readingGroups, visibleTo } from '../rights.ts';
import { HISTORY_PAGE, historyView, type MoreRef } from '../views/index.ts';

/** `from`: a further page, asked for by the button under an earlier one. Everything else is read and judged as if it were typed now. */
export async function history(office: Office, asked: Asker, text: string, from?: Omit<MoreRef, 'text'>): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, readingGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  if (office.history === undefined) return { kind: 'now', content: note('There is no history here: this Keyturn keeps none.') };
  const { known } = visibleTo(desk, standing);
  const names = (all: readonly { readonly name: string }[]): readonly string[] => all.map(({ name }) => name);
  const asking = { me: accountsOf(standing), clusters: names(known.clusters), procedures: names(known.procedures) };
  const parsed = parseQuery(text, { ...asking, now: from?.at ?? Date.now() });
  if (parsed.kind === 'mistake') return { kind: 'now', content: note(parsed.sentences) };
  const query = { ...parsed.query, page: from?.page ?? parsed.query.page };
  const page = await office.history.search(upTo(query, from?.at), readerOf(desk, standing), HISTORY_PAGE);
  const links = new Map(await Promise.all(page.rows.map(async ({ run }) => [run, await quickLink(office, run)] as const)));
  return { kind: 'now', content: historyView(page, query, (run) => links.get(run), { ...nextOf(query, page.rows, from), text }) };
}

/** What began since the first page does not push anything from one page to the next. */
export function upTo<Q extends { readonly until: number | undefined }>(query: Q, at: number | undefined): Q {
  return at === undefined ? query : { ...query, until: Math.min(query.until ?? Number.POSITIVE_INFINITY, at + 1) };
}

/** The first page reaches to the newest run on it, also where that began by another clock. */
export function nextOf(
  query: { readonly page: number },
  rows: readonly { readonly started: number }[],
  from: { readonly at: number } | undefined,
): Omit<MoreRef, 'text'> {
  return { page: query.page + 1, at: from?.at ?? Math.max(Date.now(), Math.ceil(rows[0]?.started ?? 0)) };
}
