import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import { createLeases, type Leases } from '../../src/journal/leases.ts';
import { createNudges, type Nudges } from '../../src/queue/nudges.ts';
import { type Due, startSweeper } from '../../src/queue/sweeper.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { quiet } from '../journal/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { latch } from './latch.ts';

type Nudged = { readonly run: string; readonly key: string; readonly delayMs: number | undefined };

type SweepOver = { beating?: string[]; pending?: () => boolean; log?: Logger; mayList?: () => boolean };

/** A sweeper over a table of runs, with nudges that are only noted. */
function sweepOver(
  runs: Readonly<Record<string, Due | Error>>,
  { beating = [], pending = () => false, log = quiet, mayList = () => true }: SweepOver = {},
) {
  const nudged: Nudged[] = [];
  const sweeper = startSweeper({
    openRuns: async () => {
      if (!mayList()) throw new Error('Redis is away');
      return Object.keys(runs);
    },
    due: async (run) => {
      const due = runs[run] ?? 'nothing';
      if (due instanceof Error) throw due;
      return due;
    },
    isBeating: async (run) => beating.includes(run),
    nudges: {
      nudge: async (run, key, options) => {
        nudged.push({ run, key, delayMs: options?.delayMs });
      },
      isPending: async () => pending(),
    },
    intervalMs: 1_000_000,
    now: () => 1000,
    log,
    name: 'p1',
  });
  return { nudged, sweeper };
}

test('due runs are nudged, timers armed, broken runs passed over', async () => {
  const runs = { due: 'now', waits: 'nothing', later: { at: 1500 }, past: { at: 900 }, broken: new Error('x'), driven: 'now' } as const;
  const { nudged, sweeper } = sweepOver(runs, { beating: ['driven'] });
  await sweeper.sweep();
  await sweeper.stop();
  expect(nudged.sort((a, b) => a.run.localeCompare(b.run))).toEqual([
    { run: 'due', key: 'sweep.p1.1', delayMs: undefined },
    { run: 'later', key: 'timer.1500', delayMs: 500 },
    { run: 'past', key: 'sweep.p1.1', delayMs: undefined },
  ]);
});

test('what goes on failing is told once, and once when it is over', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const runs: Record<string, Due | Error> = { one: new Error('forged'), two: 'nothing' };
  let isAway = false;
  const { sweeper } = sweepOver(runs, { log, mayList: () => !isAway });
  const sweeps = async (): Promise<readonly string[]> => {
    lines.splice(0);
    for (let at = 0; at < 3; at += 1) await sweeper.sweep();
    return [...lines];
  };
  const unread = 'a run could not be looked at';
  expect(await sweeps()).toEqual([unread]);
  isAway = true;
  expect(await sweeps()).toEqual(['a sweep of the open runs failed; trying again every few seconds']);
  isAway = false;
  expect(await sweeps()).toEqual(['sweeps of the open runs go through again']);
  runs.one = new Error('forged in another way');
  expect(await sweeps()).toEqual([unread]);
  runs.one = 'nothing';
  expect(await sweeps()).toEqual([]);
  runs.one = new Error('forged');
  expect(await sweeps()).toEqual([unread]);
  await sweeper.stop();
});

test('each sweep nudges under a new name, unless the last waits', async () => {
  let waiting = false;
  const { nudged, sweeper } = sweepOver({ r: 'now' }, { pending: () => waiting });
  await sweeper.sweep();
  await sweeper.sweep();
  waiting = true;
  await sweeper.sweep();
  await sweeper.stop();
  expect(nudged.map(({ key }) => key)).toEqual(['sweep.p1.1', 'sweep.p1.2']);
});

describe('with a worker that is killed', () => {
  let server: TestRedis;
  let nudges: Nudges;
  let redis: RedisClient;
  let leases: Leases;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    server = await startRedis();
    nudges = await createNudges({ url: server.url, log: quiet, lockMs: 60_000, stalledMs: 60_000, graceMs: 500 });
    redis = await connectRedis(server.url, { role: 'journal', log: quiet });
    leases = createLeases(redis);
  });

  afterAll(async () => {
    child?.kill('SIGKILL');
    await nudges.close();
    await disconnectRedis(redis);
    await server.stop();
  });

  async function startHolder(): Promise<{ readonly holding: Promise<string> }> {
    const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    child = spawn(process.execPath, ['--import', path('run-ts.mjs'), path('hold-run.ts'), server.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (child.stdout === null) throw new Error('no output');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('ready');
    return { holding: lines.next().then(({ value }) => String(value)) };
  }

  test('another resumes the run at once, whatever the queue thinks', async () => {
    const { holding } = await startHolder();
    await nudges.nudge('r1', 'seq.1');
    expect(await holding).toBe('holding r1');
    expect(await leases.isBeating('r1')).toBe(true);
    const gone = child === undefined ? undefined : once(child, 'exit');
    child?.kill('SIGKILL');
    await gone;
    const resumed = latch(1);
    const working = await nudges.work(async () => resumed.count());
    const { isBeating } = leases;
    const options = { openRuns: async () => ['r1'], due: async () => 'now' as const, isBeating, nudges, log: quiet, name: 'p2' };
    const sweeper = startSweeper({ ...options, intervalMs: 100, now: Date.now });
    await resumed.done;
    await sweeper.stop();
    await working.close();
    expect(await nudges.isPending('r1', 'seq.1')).toBe(false);
  });
});
