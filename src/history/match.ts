/**
 * How a run is written into the full-text index and how a query reads it. Pure. Names of clusters, hosts and people become words of their own (a letter
 * and hex), so that one intersection by the index answers every filter, and nothing that somebody typed is ever read as its query language.
 */
import type { Query } from './query.ts';
import type { RunSummary } from './summary.ts';

/** c cluster, p procedure, h host, u person (any part), q requester, a approver, o outcome, s the pair of cluster and procedure. */
type Facet = 'c' | 'p' | 'h' | 'u' | 'q' | 'a' | 'o' | 's';

function facet(kind: Facet, value: string): string {
  return kind + Buffer.from(value.toLowerCase(), 'utf8').toString('hex');
}

export function facetsOf(summary: RunSummary): string {
  const stood = [...summary.approvers, ...(summary.glass ?? [])];
  const people = [summary.requester, ...stood];
  return [
    ...new Set([
      facet('c', summary.cluster),
      facet('p', summary.procedure),
      facet('o', summary.outcome),
      facet('s', subjectOf(summary.cluster, summary.procedure)),
      facet('q', summary.requester.user),
      ...summary.hosts.map((host) => facet('h', host)),
      ...stood.map(({ user }) => facet('a', user)),
      ...people.flatMap(calledBy).map((name) => facet('u', name)),
    ]),
  ].join(' ');
}

/** By what a person is found: id, the whole name, and each word of it. */
export function calledBy({ user, name }: { readonly user: string; readonly name: string }): readonly string[] {
  return [user, name, ...name.split(/[\s.]+/).filter((word) => word !== '')];
}

export function subjectOf(cluster: string, procedure: string): string {
  return `${cluster}\n${procedure}`;
}

/** Which runs somebody may see. */
export type Reach =
  | { readonly kind: 'all' }
  /** Those of these pairs of cluster and procedure, and those that one of the accounts requested. */
  | { readonly kind: 'some'; readonly subjects: readonly string[]; readonly requesters: readonly string[] };

/** The expression for FTS5; undefined: every run matches. */
export function matchOf(query: Query, reach: Reach, approvers: readonly string[] = []): string | undefined {
  const groups = [
    query.clusters.map((value) => facet('c', value)),
    query.procedures.map((value) => facet('p', value)),
    query.hosts.map((value) => facet('h', value)),
    query.by.flat().map((value) => facet('u', value)),
    query.outcomes.map((value) => facet('o', value)),
    approvers.map((value) => facet('a', value)),
    ...(reach.kind === 'all' ? [] : [within(reach)]),
  ].filter((group) => group.length > 0);
  const facets = groups.map((group) => `{facets} : (${group.map(quoted).join(' OR ')})`);
  const words = query.words.map((word) => `{words} : ${quoted(word)}`);
  const all = [...facets, ...words];
  return all.length === 0 ? undefined : all.join(' AND ');
}

/** A word that no run has, where nothing may be seen. */
function within({ subjects, requesters }: Extract<Reach, { kind: 'some' }>): readonly string[] {
  return [...subjects.map((subject) => facet('s', subject)), ...requesters.map((user) => facet('q', user)), 'nothing'];
}

/** A string of FTS5: only a quote ends it, and that is doubled (SQLite, FTS5, section 3.1). NUL ends a text in C. */
function quoted(text: string): string {
  return `"${text.replaceAll('\0', ' ').replaceAll('"', '""')}"`;
}
