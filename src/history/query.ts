/** `cluster:x by:me since:7d words "a phrase"`: what somebody looks for, from what they typed. Pure. */
import { listed, shown } from '../slack/suggest.ts';
import { utcMinute } from '../utc.ts';
import { OUTCOMES, type SummaryOutcome } from './summary.ts';

export type Query = {
  readonly clusters: readonly string[];
  readonly procedures: readonly string[];
  readonly hosts: readonly string[];
  /** Ids, or names as displayed; `me` is already the ids of whoever asks. Several accounts of one person stand together. */
  readonly by: readonly (readonly string[])[];
  readonly outcomes: readonly SummaryOutcome[];
  /** Milliseconds since 1970, inclusive; of the moment at which a run began. */
  readonly since: number | undefined;
  /** Exclusive. */
  readonly until: number | undefined;
  /** Words and phrases, all of which must occur. */
  readonly words: readonly string[];
  /** Counts from 1. */
  readonly page: number;
  /** Only what follows this place of the list (`Page.older`): however many runs are added, none is shown twice and none left out. */
  readonly older: number | undefined;
};

/** Nothing in particular is looked for. */
export const ALL_RUNS: Query = {
  clusters: [],
  procedures: [],
  hosts: [],
  by: [],
  outcomes: [],
  since: undefined,
  until: undefined,
  words: [],
  page: 1,
  older: undefined,
};

export type Asking = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Accounts of whoever asks; empty where nobody in particular does. */
  readonly me: readonly string[];
  readonly clusters: readonly string[];
  readonly procedures: readonly string[];
};

export type ParsedQuery =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'mistake'; readonly sentences: readonly string[] };

export const FILTERS = ['cluster', 'procedure', 'host', 'by', 'outcome', 'since', 'until', 'page', 'older'] as const;
type Filter = (typeof FILTERS)[number];
/** Of these one value says everything. */
const ONCE: readonly Filter[] = ['since', 'until', 'page', 'older'];

/** Longer ones are no question of a person. */
const MOST_TERMS = 30;
export const MOST_PAGES = 10_000;

export const QUERY_HELP =
  'Filters: `cluster:<name>`, `procedure:<name>`, `host:<name>`, `by:<person or me>`, `outcome:<how it ended>`, `since:` and `until:` with a day (`2026-05-31`), a moment (`2026-05-31T14:00`) or an age (`7d`, `12h`, `8w`), `page:<number>`; everything else is a word or a "phrase" that must occur in commands, notes, reasons or output.';

type Draft = { -readonly [K in keyof Query]: Query[K] extends readonly (infer T)[] ? T[] : Query[K] };

/** Several values of one filter: any of them; different filters and words: all of them. */
export function parseQuery(typed: string, asking: Asking): ParsedQuery {
  const cut = terms(typed);
  if (cut === undefined)
    return { kind: 'mistake', sentences: ['A quote (") is opened and never closed. Write a phrase as `"two words"`.'] };
  if (cut.length > MOST_TERMS) return { kind: 'mistake', sentences: [`More than ${MOST_TERMS} words and filters at once. Use fewer.`] };
  const draft: Draft = { ...ALL_RUNS, clusters: [], procedures: [], hosts: [], by: [], outcomes: [], words: [] };
  const wrong: string[] = twice(cut).map((filter) => `\`${filter}:\` stands there more than once. Keep one.`);
  for (const term of cut) {
    const mistake = term.filter === undefined ? bare(draft, term, asking) : take(draft, term.filter, term.text, asking);
    if (mistake !== undefined) wrong.push(mistake);
  }
  if (draft.since !== undefined && draft.until !== undefined && draft.since >= draft.until)
    wrong.push('`since:` is not before `until:`, so nothing lies between them.');
  if (draft.page > 1 && draft.older !== undefined)
    wrong.push('`page:` and `older:` do not go together. Keep `older:` to go on from an answer.');
  return wrong.length > 0 ? { kind: 'mistake', sentences: [...wrong, QUERY_HELP] } : { kind: 'query', query: draft };
}

function twice(all: readonly Term[]): readonly Filter[] {
  return ONCE.filter((filter) => all.filter((term) => term.filter === filter).length > 1);
}

type Term = { readonly filter: string | undefined; readonly text: string; readonly quoted: boolean };

/** Undefined: a quote without its end. Keyboards' own quotes and Slack's wrapping of mentions and links are taken as what was meant. */
function terms(typed: string): readonly Term[] | undefined {
  const text = typed
    .replace(/[“”„‟«»]/g, '"')
    .replace(/<[@#]([A-Z0-9]+)(?:\|[^<>]*)?>/g, '$1')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
  const found: Term[] = [];
  for (const match of text.matchAll(/(?:([A-Za-z]+):(?=\S))?(?:"([^"]*)"|(\S+))/g)) {
    const [, filter, phrase, word] = match;
    if (word?.startsWith('"') === true) return undefined;
    const isFilter = filter !== undefined && (phrase !== undefined || !word?.startsWith('//'));
    if (isFilter) found.push({ filter: filter.toLowerCase(), text: phrase ?? word ?? '', quoted: phrase !== undefined });
    else
      found.push({
        filter: undefined,
        text: phrase ?? (filter === undefined ? (word ?? '') : `${filter}:${word ?? ''}`),
        quoted: phrase !== undefined,
      });
  }
  return found;
}

/** The name of a cluster or a procedure; else a word. */
function bare(draft: Draft, { text, quoted }: Term, asking: Asking): string | undefined {
  const [, alone] = quoted ? [] : (/^([A-Za-z]+):$/.exec(text) ?? []);
  if (alone !== undefined && isFilter(alone.toLowerCase())) return withoutValue(alone.toLowerCase());
  const cluster = quoted ? undefined : named(text, asking.clusters);
  const procedure = quoted ? undefined : named(text, asking.procedures);
  if (cluster !== undefined) draft.clusters.push(cluster);
  else if (procedure !== undefined) draft.procedures.push(procedure);
  else if (/[\p{L}\p{N}]/u.test(text)) draft.words.push(text);
  else if (text.trim() !== '') return `\`${shown(text)}\` holds no letter and no digit, so it is found nowhere.`;
  return undefined;
}

function named(word: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === word.toLowerCase());
}

function isFilter(word: string): word is Filter {
  return FILTERS.some((filter) => filter === word);
}

function withoutValue(filter: string): string {
  return `\`${filter}:\` has no value. Write it without a space, as in \`${filter}:…\`.`;
}

function take(draft: Draft, filter: string, value: string, asking: Asking): string | undefined {
  if (!isFilter(filter))
    return `There is no filter \`${shown(filter)}:\`. Allowed: ${listed(FILTERS)}. To look for the text itself, put it into quotes.`;
  if (value.trim() === '') return withoutValue(filter);
  switch (filter) {
    case 'cluster':
      draft.clusters.push(value);
      return undefined;
    case 'procedure':
      draft.procedures.push(value);
      return undefined;
    case 'host':
      draft.hosts.push(value);
      return undefined;
    case 'by':
      return takeBy(draft, value, asking);
    case 'outcome':
      return takeOutcome(draft, value);
    case 'since':
    case 'until':
      return takeTime(draft, filter, value, asking.now);
    case 'page':
      if (!/^[1-9]\d{0,4}$/.test(value) || Number(value) > MOST_PAGES)
        return `\`page:${shown(value)}\` is no page. Allowed: 1 to ${MOST_PAGES}.`;
      draft.page = Number(value);
      return undefined;
    case 'older':
      if (!/^[0-9a-z]{1,10}$/i.test(value)) return `\`older:${shown(value)}\` is no place of an answer. Copy it from the answer before.`;
      draft.older = Number.parseInt(value, 36);
      return undefined;
  }
}

function takeBy(draft: Draft, value: string, { me }: Asking): string | undefined {
  if (value.toLowerCase() !== 'me') draft.by.push([value.replace(/^@/, '')]);
  else if (me.length > 0) draft.by.push([...me]);
  else return '`by:me`: nobody is known here. Write `by:` with the id or the name of a person, or say with --as <id> who you are.';
  return undefined;
}

function takeOutcome(draft: Draft, value: string): string | undefined {
  const outcome = OUTCOMES.find((each) => each === value.toLowerCase());
  if (outcome === undefined) return `\`outcome:${shown(value)}\` is none. Allowed: ${listed(OUTCOMES)}.`;
  draft.outcomes.push(outcome);
  return undefined;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

function takeTime(draft: Draft, filter: 'since' | 'until', value: string, now: number): string | undefined {
  const at = timeOf(value, now);
  if (at === undefined)
    return `\`${filter}:${shown(value)}\` is no time. Allowed: a day as \`2026-05-31\` (UTC), a moment as \`2026-05-31T14:00\` (UTC), or an age as \`7d\`, \`12h\`, \`8w\`.`;
  // The day that is named belongs to what is asked for.
  draft[filter] = filter === 'until' && /^\d{4}-\d\d-\d\d$/.test(value) ? at + 86_400_000 : at;
  return undefined;
}

function timeOf(value: string, now: number): number | undefined {
  const [, amount, unit] = /^(\d{1,5})([hdw])$/i.exec(value) ?? [];
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (UNITS[unit.toLowerCase()] ?? 0);
  const [, day, clock, zone] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/i.exec(value) ?? [];
  // 31 February is taken for 3 March otherwise.
  if (day === undefined || !isDay(day)) return undefined;
  const at = Date.parse(`${day}T${clock ?? '00:00'}${zone?.toUpperCase() ?? 'Z'}`);
  return Number.isFinite(at) ? at : undefined;
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(day);
}

/** How an answer says where the next one begins. */
export function olderWords(place: number): string {
  return `older:${place.toString(36)}`;
}

/** What was searched, in words; for answers, and above all for those that found nothing. */
export function queryWords(query: Query): string {
  const any = (what: string, values: readonly string[]): readonly string[] =>
    values.length === 0 ? [] : [`${what} ${values.join(' or ')}`];
  const parts = [
    ...any('cluster', query.clusters),
    ...any('procedure', query.procedures),
    ...any('host', query.hosts),
    ...any('by', query.by.flat()),
    ...any('outcome', query.outcomes),
    ...(query.since === undefined ? [] : [`since ${utcMinute(query.since)}`]),
    ...(query.until === undefined ? [] : [`before ${utcMinute(query.until)}`]),
    ...query.words.map((word) => `“${word}”`),
    ...(query.older === undefined ? [] : [olderWords(query.older)]),
  ];
  return parts.length === 0 ? 'all runs' : parts.join(', ');
}
