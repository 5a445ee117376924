/** The lists of the register: refusals, emergencies with their reviews, notes after the end of a run, changes of second factors; the newest first, page by page. */
import type { Register, RegisterEntry } from '../journal/register.ts';
import type { RegisterEvent } from '../journal/register-events.ts';
import type { Person } from '../run/events.ts';

export const LISTS = ['refusals', 'emergencies', 'notes', 'factors'] as const;
export type ListName = (typeof LISTS)[number];

const KINDS: Readonly<Record<ListName, readonly RegisterEvent['kind'][]>> = {
  refusals: ['refused'],
  emergencies: ['glassBroken', 'holdOverridden'],
  notes: ['lateNote'],
  factors: ['factorEnrolled', 'factorReset'],
};

/** `review`: of an emergency; undefined where nobody has looked at it yet. */
export type Listed = RegisterEntry & { readonly review: Review | undefined };
export type Review = { readonly by: Person; readonly at: number; readonly note: string };

export type ListAsk = {
  /** All of them unless told. */
  readonly list?: ListName | undefined;
  /** Milliseconds since 1970; `to` is not included. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

const PAGE = 500;

/**
 * A review is newer than what it is about, so it was met before. Only reviews that still wait for theirs are kept in memory. Throws KeyturnError
 * `REGISTER_FORGED` at the first entry that is not what Keyturn wrote.
 */
export async function* listed(
  register: Pick<Register, 'read'>,
  { list, from = 0, to = Number.POSITIVE_INFINITY }: ListAsk,
): AsyncGenerator<Listed> {
  const reviews = new Map<string, Review>();
  const kinds = list === undefined ? Object.values(KINDS).flat() : KINDS[list];
  for (let place: number | undefined; ; ) {
    const page = await register.read({ limit: PAGE, newestFirst: true, ...(place === undefined ? {} : { from: place }) });
    for (const entry of page) {
      const { event, at } = entry;
      if (event.kind === 'reviewed') reviews.set(event.about, { by: event.by, at, note: event.note });
      if (!kinds.includes(event.kind) || at < from || at >= to) continue;
      const review = reviews.get(entry.id);
      reviews.delete(entry.id);
      yield { ...entry, review };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE || last.seq <= 1) return;
    place = last.seq - 1;
  }
}
