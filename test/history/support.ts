/** Summaries as plain records, and the scan that the index is compared with. */
import type { Exclusive } from '../../src/history/exclusive.ts';
import type { Query } from '../../src/history/query.ts';
import type { RunSummary } from '../../src/history/summary.ts';

/** As the only process. */
export const ALONE: Exclusive = async (work) => ({ value: work(), alone: true });

/** A run that ended well. */
export function one(run: string, fields: Partial<RunSummary> = {}): RunSummary {
  return {
    run,
    seq: 1,
    procedure: 'restart',
    product: 'atscale',
    cluster: 'atscale-prod',
    hosts: ['engine-01'],
    roles: [],
    requester: { team: 'T1', user: 'U0DANA0001', name: 'Dana Reyes' },
    approvers: [],
    outcome: 'succeeded',
    started: 1_790_000_000_000,
    ended: 1_790_000_060_000,
    channel: 'C1',
    words: 'stop start',
    ...fields,
  };
}

const tokens = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function holds(all: readonly string[], phrase: readonly string[]): boolean {
  return all.some((_, at) => phrase.every((word, place) => all[at + place] === word));
}

/** One look at every summary, in the plainest way. */
export function plainScan(summaries: readonly RunSummary[], query: Query, words = tokens): readonly RunSummary[] {
  const some = (values: readonly string[], has: (value: string) => boolean): boolean => values.length === 0 || values.some(has);
  const phrases = query.words.map((word) => tokens(word));
  return summaries
    .filter((each) => {
      const people = [each.requester, ...each.approvers];
      return (
        some(query.clusters, (value) => same(value, each.cluster)) &&
        some(query.procedures, (value) => same(value, each.procedure)) &&
        some(query.hosts, (value) => each.hosts.some((host) => same(host, value))) &&
        some(query.by.flat(), (value) => people.some(({ user, name }) => [user, name, ...name.split(' ')].some((it) => same(it, value)))) &&
        some(query.outcomes, (value) => value === each.outcome) &&
        (query.since === undefined || each.started >= query.since) &&
        (query.until === undefined || each.started < query.until) &&
        (phrases.length === 0 || phrases.every((phrase) => holds(words(each.words), phrase)))
      );
    })
    .sort((a, b) => b.started - a.started);
}
