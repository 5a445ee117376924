/** `npm run bench -- history`: 100,000 made-up runs in the index, searched in every way, and held to a plain scan of the same runs. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createIndex } from '../src/history/index.ts';
import { ALL_RUNS, type Query } from '../src/history/query.ts';
import type { RunSummary } from '../src/history/summary.ts';

const RUNS = Number(process.env.KEYTURN_BENCH_RUNS ?? '100000');
const TIMES = 40;
const LIMIT = 10;
const GOAL_MS = 300;
const BEGAN = Date.UTC(2020, 0, 1);
const EVERY_MS = 30 * 60_000;
/** Mulberry32: the same runs each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(20_260_531);
/** The first are frequent, the last are rare. */
const skewed = (count: number): number => Math.floor(count * random() ** 3);
const person = (number: number) => ({ team: 'T1', user: `U0PERSON${number}`, name: `Person${number} Surname${number % 40}` });
const PROCEDURES = ['restart', 'promote', 'ha-status', 'ha-setup', 'failover-drill', 'update-split', 'replace-host', 'shutdown'];
const OUTCOMES = ['failed', 'aborted', 'cancelled'] as const;

function summary(number: number): RunSummary {
  const cluster = skewed(60);
  const started = BEGAN + number * EVERY_MS + Math.floor(random() * 1000);
  const approvers = random() < 0.6 ? [person(skewed(200))] : [];
  // 120 words of a run: frequent ones as in every log, a few rare ones, and one number of its own.
  const words = Array.from({ length: 120 }, () => `word${skewed(20_000)}`);
  return {
    run: `run${number.toString(36).padStart(8, '0')}`,
    seq: 60,
    procedure: PROCEDURES[skewed(PROCEDURES.length)] ?? 'restart',
    product: 'atscale',
    cluster: `cluster-${cluster}`,
    hosts: [1, 2, 3, 4].map((host) => `node-${cluster}-${host}`),
    roles: ['leader', 'replica'],
    requester: person(skewed(200)),
    approvers,
    outcome: random() < 0.85 ? 'succeeded' : (OUTCOMES[skewed(3)] ?? 'failed'),
    started,
    ended: started + Math.floor(random() * 3_600_000),
    channel: 'C1',
    words: ['systemctl restart postgresql', ...words, random() < 0.02 ? 'no space left on device' : 'done', `pid ${number}`].join(' '),
  };
}

function matches(each: RunSummary, query: Query): boolean {
  const some = (values: readonly string[], has: (value: string) => boolean): boolean => values.length === 0 || values.some(has);
  const text = ` ${each.words} `;
  return (
    some(query.clusters, (value) => value === each.cluster) &&
    some(query.procedures, (value) => value === each.procedure) &&
    some(query.hosts, (value) => each.hosts.includes(value)) &&
    some(query.by.flat(), (value) => each.requester.user === value || each.approvers.some(({ user }) => user === value)) &&
    some(query.outcomes, (value) => value === each.outcome) &&
    (query.since === undefined || each.started >= query.since) &&
    (query.until === undefined || each.started < query.until) &&
    query.words.every((word) => text.includes(` ${word} `))
  );
}

const span = RUNS * EVERY_MS;
const pick = (count: number): number => Math.floor(random() * count);
const KINDS: Readonly<Record<string, () => Query>> = {
  everything: () => ALL_RUNS,
  'a late page': () => ({ ...ALL_RUNS, page: 1 + pick(500) }),
  cluster: () => ({ ...ALL_RUNS, clusters: [`cluster-${pick(60)}`] }),
  procedure: () => ({ ...ALL_RUNS, procedures: [PROCEDURES[pick(8)] ?? ''] }),
  host: () => ({ ...ALL_RUNS, hosts: [`node-${pick(60)}-${1 + pick(4)}`] }),
  person: () => ({ ...ALL_RUNS, by: [[`U0PERSON${pick(200)}`]] }),
  outcome: () => ({ ...ALL_RUNS, outcomes: [OUTCOMES[pick(3)] ?? 'failed'] }),
  time: () => ({ ...ALL_RUNS, since: BEGAN + pick(span), until: BEGAN + span }),
  'a frequent word': () => ({ ...ALL_RUNS, words: [`word${pick(5)}`] }),
  'a rare word': () => ({ ...ALL_RUNS, words: [`word${19_000 + pick(1000)}`] }),
  'a word of one run': () => ({ ...ALL_RUNS, words: [`${pick(RUNS)}`] }),
  'a phrase': () => ({ ...ALL_RUNS, words: ['no space left on device'] }),
  'a phrase in every run': () => ({ ...ALL_RUNS, words: ['systemctl restart postgresql'] }),
  'nothing to be found': () => ({ ...ALL_RUNS, words: ['systemctl restart postgresql', 'nowhere'] }),
  'all together': () => ({
    ...ALL_RUNS,
    clusters: [`cluster-${pick(10)}`],
    procedures: ['restart'],
    by: [[`U0PERSON${pick(20)}`]],
    outcomes: ['succeeded'],
    since: BEGAN + pick(span / 2),
    words: [`word${pick(50)}`],
  }),
};

export async function benchHistory(print: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  const file = join(folder, 'history.db');
  const index = createIndex({ file, store: 'bench', exclusive: async (work) => ({ value: work(), alone: true }) });
  try {
    await run(print, index, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(print: (line: string) => void, index: ReturnType<typeof createIndex>, file: string): Promise<void> {
  const summaries = Array.from({ length: RUNS }, (_, number) => summary(number));
  const newest = [...summaries].reverse();
  const before = process.memoryUsage().rss;
  const began = performance.now();
  for (let at = 0; at < RUNS; at += 500) await index.put(summaries.slice(at, at + 500));
  print(`${RUNS} runs written in ${((performance.now() - began) / 1000).toFixed(1)} s; file ${megabytes(statSync(file).size)}`);
  print(`memory of the process: ${megabytes(before)} before, ${megabytes(process.memoryUsage().rss)} after (the runs themselves included)`);
  let worst = 0;
  const wrong: string[] = [];
  for (const [kind, make] of Object.entries(KINDS)) {
    const times: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      const query = make();
      const start = performance.now();
      const { rows } = await index.search(query, { mayRead: () => true, accounts: [] }, LIMIT);
      times.push(performance.now() - start);
      const expected = scan(newest, query);
      if (JSON.stringify(rows.map(({ run }) => run)) !== JSON.stringify(expected)) wrong.push(`${kind}: ${JSON.stringify(query)}`);
    }
    times.sort((a, b) => a - b);
    const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
    worst = Math.max(worst, p99);
    print(`${kind.padEnd(24)} p50 ${(times[times.length >> 1] ?? 0).toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`);
  }
  print(`memory after all searches: ${megabytes(process.memoryUsage().rss)}`);
  if (wrong.length > 0) throw new Error(`the index found something else than the scan:\n${wrong.slice(0, 5).join('\n')}`);
  print(
    `every result equal to a plain scan; slowest p99 ${worst.toFixed(1)} ms, the goal is ${GOAL_MS} ms: ${worst <= GOAL_MS ? 'met' : 'NOT met'}`,
  );
}

function scan(newest: readonly RunSummary[], query: Query): readonly string[] {
  const found: string[] = [];
  const wanted = query.page * LIMIT;
  for (const each of newest) {
    if (found.length === wanted) break;
    if (matches(each, query)) found.push(each.run);
  }
  return found.slice((query.page - 1) * LIMIT);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
