/** `/ha history [filters]`: runs of the past and those that go on, as far as the person may read them. */
import type { Page } from '../../history/index.ts';
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
  const parsed = parseQuery(text, { ...asking, now: Date.now() });
  if (parsed.kind === 'mistake') return { kind: 'now', content: note(parsed.sentences) };
  const query = from === undefined ? parsed.query : { ...parsed.query, page: 1, older: from.older };
  const page = await office.history.search(query, readerOf(desk, standing), HISTORY_PAGE);
  const links = new Map(await Promise.all(page.rows.map(async ({ run }) => [run, await quickLink(office, run)] as const)));
  const shown = { ...query, page: from?.page ?? query.page };
  return { kind: 'now', content: historyView(page, shown, (run) => links.get(run), nextPage(shown, page, text)) };
}

/** What the button for the page after this one carries; undefined where there is none. */
export function nextPage({ page }: { readonly page: number }, { older }: Pick<Page, 'older'>, text: string): MoreRef | undefined {
  return older === undefined ? undefined : { page: page + 1, older, text };
}
