/** Heartbeats, checks, label bounds, and what is seen of runs, without a bot around them. */
import pino from 'pino';
import { createBound } from '../../src/health/bound.ts';
import { createEventLoop } from '../../src/health/event-loop.ts';
import { createHeartbeats } from '../../src/health/heartbeats.ts';
import { createMetrics } from '../../src/health/metrics.ts';
import { observer } from '../../src/health/observe-runs.ts';
import { createReadiness } from '../../src/health/readiness.ts';
import { healthOf } from '../../src/health/report.ts';
import { createRunsSeen } from '../../src/health/runs-seen.ts';
import { createJournal, type Journal } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { type RunEvent, runEventSchema } from '../../src/run/events.ts';
import { key } from '../journal/samples.ts';
import { command, journal as sampleJournal } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const log = pino({ level: 'silent' });
const nobody = { onRun: () => undefined, onEvent: () => undefined };
const keyturn = { kind: 'keyturn' } as const;

test('a loop that hangs makes the process ill, by name', () => {
  let now = 0;
  const beats = createHeartbeats(() => now);
  const sweep = beats.loop('sweep', 1_000);
  beats.loop('outbox-lead', 60_000);
  const well = { heldUpMs: () => 0 };
  now = 900;
  sweep();
  now = 1_800;
  expect(healthOf(well, beats).ok).toBe(true);
  now = 2_000;
  const ill = healthOf(well, beats);
  expect(ill.ok).toBe(false);
  expect(ill.checks.filter(({ ok }) => !ok)).toEqual([
    { name: 'sweep', ok: false, detail: 'last round 1.1 s ago; more than 1.0 s means that it hangs' },
  ]);
  sweep();
  expect(healthOf(well, beats).ok).toBe(true);
});

test('an event loop that stutters makes the process ill, one pause does not', () => {
  let now = 0;
  const eventLoop = createEventLoop(() => now);
  const seconds = (late: number, times: number): boolean => {
    for (let at = 0; at < times; at += 1) {
      now += 1_000 + late;
      eventLoop.tick();
    }
    return healthOf(eventLoop, createHeartbeats()).ok;
  };
  expect(seconds(0, 60)).toBe(true);
  // The machine slept for an hour, or was moved to another one.
  expect(seconds(3_600_000, 1)).toBe(true);
  expect(seconds(0, 60)).toBe(true);
  expect(seconds(2_500, 12)).toBe(true);
  expect(seconds(2_500, 1)).toBe(false);
  expect(healthOf(eventLoop, createHeartbeats()).checks[0]).toEqual({
    name: 'event-loop',
    ok: false,
    detail: 'held up for 32.5 s of the last minute',
  });
  expect(seconds(0, 60)).toBe(true);
});

test('a check that hangs is a no after its time', async () => {
  const readiness = createReadiness({ explain: String, limitMs: 50 });
  readiness.add({ name: 'slow', look: () => new Promise(() => undefined) });
  readiness.add({ name: 'quick', look: async () => undefined });
  expect(await readiness.look()).toEqual({
    ok: false,
    checks: [
      { name: 'slow', ok: false, detail: 'no answer within 0.05 s' },
      { name: 'quick', ok: true, detail: 'answers' },
    ],
  });
});

test('however many ask, a check is made once', async () => {
  let asked = 0;
  const readiness = createReadiness({ explain: String });
  readiness.add({
    name: 'counted',
    look: async () => {
      asked += 1;
      return undefined;
    },
  });
  await Promise.all(Array.from({ length: 100 }, () => readiness.look()));
  expect(asked).toBe(1);
});

test('label values are finitely many', async () => {
  const bound = createBound(2);
  expect(['a', 'b', 'c', 'a', 'd'].map(bound)).toEqual(['a', 'b', 'other', 'a', 'other']);
  const metrics = createMetrics();
  for (let at = 0; at < 1_500; at += 1)
    metrics.attemptEnded({ product: 'atscale', procedure: 'p', step: `S${at}`, outcome: 'failed', seconds: 1 });
  const text = await metrics.text();
  metrics.stop();
  expect(text.match(/^keyturn_step_duration_seconds_count/gm)).toHaveLength(1_001);
  expect(text).toContain('keyturn_step_duration_seconds_count{product="atscale",procedure="p",step="other",outcome="failed"} 500');
});

test('counters are there at 0 before they count, and are not put back', async () => {
  const metrics = createMetrics();
  const run = { product: 'amp', procedure: 'promote', cluster: 'amp-prod', steps: ['P1', 'P2'] };
  metrics.expect(run);
  metrics.attemptEnded({ ...run, step: 'P1', outcome: 'succeeded', seconds: 2 });
  metrics.attemptEnded({ ...run, step: 'P1', outcome: 'lost', seconds: undefined });
  metrics.expect(run);
  const workers = await metrics.text();
  metrics.expectSlack();
  const bots = await metrics.text();
  metrics.stop();
  for (const line of [
    'keyturn_runs_ended_total{product="amp",procedure="promote",cluster="amp-prod",outcome="failed"} 0',
    'keyturn_attempts_ended_total{product="amp",procedure="promote",outcome="refused"} 0',
    'keyturn_attempts_ended_total{product="amp",procedure="promote",outcome="lost"} 1',
    'keyturn_step_duration_seconds_count{product="amp",procedure="promote",step="P1",outcome="succeeded"} 1',
    'keyturn_step_duration_seconds_count{product="amp",procedure="promote",step="P2",outcome="succeeded"} 0',
    'keyturn_ssh_dials_total{result="HOST_KEY_CHANGED"} 0',
  ])
    expect(workers.split('\n')).toContain(line);
  expect(workers).not.toMatch(/^keyturn_slack/m);
  expect(bots.match(/^keyturn_slack_calls_total\{.*\} 0$/gm)).toHaveLength(24);
  expect(bots.match(/^keyturn_slack_retries_total\{.*\} 0$/gm)).toHaveLength(6);
});

test('names and kinds of metrics are as Prometheus wants them', async () => {
  const metrics = createMetrics();
  const kinds = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => ({ name, kind }));
  metrics.stop();
  expect(kinds.length).toBeGreaterThan(30);
  // What `promtool check metrics` finds as well.
  expect(kinds.filter(({ name, kind }) => name.endsWith('_total') !== (kind === 'counter'))).toEqual([]);
});

describe('runs', () => {
  let server: TestRedis;
  let redis: RedisClient;
  let journal: Journal<RunEvent>;

  beforeAll(async () => {
    server = await startRedis();
    redis = await connectRedis(server.url, { role: 'journal', log });
  });
  beforeEach(async () => {
    await redis.flushall();
    journal = newJournal();
  });
  afterAll(async () => {
    await disconnectRedis(redis);
    await server.stop();
  });

  const newJournal = (): Journal<RunEvent> => createJournal({ redis, decode: (value) => runEventSchema.parse(value), key });

  async function begin(run: string): Promise<void> {
    const first = sampleJournal([command('S1')], [])[0]?.event;
    if (first?.kind !== 'runRequested') throw new Error('no request');
    await journal.create(run, [{ ...first, requestId: run }], { at: Date.now(), actor: keyturn, requestId: run });
  }

  async function append(run: string, ...events: readonly RunEvent[]): Promise<void> {
    const head = await journal.head(run);
    if (head === undefined) throw new Error(`no run ${run}`);
    const ends = events.some(({ kind }) => kind === 'runEnded');
    await journal.append(run, head, events, { at: Date.now(), actor: keyturn, ...(ends ? { closes: {} } : {}) });
  }

  const ended: RunEvent = { kind: 'runEnded', outcome: 'aborted', why: 'a test' };
  const attempt = { step: 'S1', host: 'one', attempt: 1 };

  test('what was there before is old, and news are told once', async () => {
    await begin('run-old');
    await append('run-old', { kind: 'stepOpened', step: 'S1', hosts: ['one'] });
    const told: string[] = [];
    const seen = createRunsSeen({
      journal,
      log,
      onRun: ({ run }) => told.push(`${run} met`),
      onEvent: (_before, { event }) => told.push(event.kind),
    });
    await seen.begin();
    await begin('run-new');
    await append('run-old', ended);
    // The feed comes late, twice, and for what a look has found already.
    expect((await seen.look()).open).toHaveLength(1);
    seen.news({ kind: 'entries', entries: [{ id: '1-0', run: 'run-old', seq: 3 }] });
    seen.news({ kind: 'gap' });
    await seen.look();
    await seen.stop();
    expect(told.sort()).toEqual(['run-new met', 'run-old met', 'runEnded', 'runRequested']);
  });

  test('of a run that was met before only what is new is read', async () => {
    const run = 'run-long';
    await begin(run);
    const asked: unknown[] = [];
    const read: Journal<RunEvent>['read'] = (name, options) => {
      asked.push(options?.from);
      return journal.read(name, options);
    };
    const told: string[] = [];
    const onEvent = (_before: unknown, { event }: { readonly event: RunEvent }) => told.push(event.kind);
    const seen = createRunsSeen({ journal: { ...journal, read }, log, onRun: () => undefined, onEvent });
    await seen.begin();
    await append(run, { kind: 'stepOpened', step: 'S1', hosts: ['one'] });
    await seen.look();
    await append(run, ended);
    await seen.look();
    await seen.stop();
    expect([asked, told]).toEqual([
      [1, 2, 3],
      ['stepOpened', 'runEnded'],
    ]);
  });

  test('a damaged journal is told until it is whole', async () => {
    await begin('run-whole');
    await begin('run-damaged');
    const seen = createRunsSeen({ journal: newJournal(), log, ...nobody });
    const [entry] = await redis.xrange(keys.journal('run-damaged'), '-', '+');
    const fields = entry?.[1] ?? [];
    await redis.del(keys.journal('run-damaged'));
    await seen.begin();
    expect((await seen.look()).damaged).toBe(1);
    await redis.xadd(keys.journal('run-damaged'), entry?.[0] ?? '', ...fields);
    const after = await seen.look();
    await seen.stop();
    expect([after.damaged, after.open.length]).toEqual([0, 2]);
  });

  test('a step counts by the clock of its host', async () => {
    await begin('run-one');
    const outcome = { kind: 'finished', status: 3 } as const;
    await append(
      'run-one',
      { kind: 'stepOpened', step: 'S1', hosts: ['one'] },
      { kind: 'attemptIntended', ...attempt, digest: 'd' },
      { kind: 'attemptEnded', ...attempt, outcome, startedAt: 1_000, endedAt: 43_500 },
    );
    const ends: unknown[] = [];
    const counts = { expect: () => undefined, runEnded: () => undefined, attemptEnded: (end: unknown) => ends.push(end) };
    const seen = createRunsSeen({ journal, log, ...observer(counts) });
    await seen.look();
    await seen.stop();
    expect(ends).toEqual([expect.objectContaining({ step: 'S1', outcome: 'failed', seconds: 42.5 })]);
  });

  test('five hundred open runs cost little to look at', async () => {
    await Promise.all(Array.from({ length: 500 }, (_, at) => begin(`run-${at}`)));
    const seen = createRunsSeen({ journal, log, ...nobody });
    await seen.begin();
    const began = performance.now();
    const look = await seen.look();
    const took = performance.now() - began;
    await seen.stop();
    expect(look.open).toHaveLength(500);
    process.stdout.write(`a look at 500 open runs took ${took.toFixed(0)} ms\n`);
    expect(took).toBeLessThan(1_000);
  }, 30_000);
});
