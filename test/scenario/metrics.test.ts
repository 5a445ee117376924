/** The status port of the built bot, with a real Redis and the sandbox Slack going away and coming back. */
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/redis.ts';
import { runKeyturn } from './program.ts';
import { startTown, type Town } from './town.ts';

type Report = {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
};

let town: Town;
let port: number;

beforeAll(async () => {
  port = await freePort();
  town = await startTown({ env: { KEYTURN_STATUS: String(port) } });
}, 60_000);
afterAll(() => town.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, init);

async function report(path: string): Promise<{ readonly status: number; readonly report: Report }> {
  const response = await get(path);
  return { status: response.status, report: (await response.json()) as Report };
}

async function until<T>(ask: () => Promise<T>, is: (value: T) => boolean, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await ask();
    if (is(value)) return value;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await delay(100);
  }
}

const failing = ({ report: { checks } }: { readonly report: Report }): readonly string[] =>
  checks.filter(({ ok }) => !ok).map(({ name }) => name);
const metricsText = async (): Promise<string> => (await get('/metrics')).text();
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

test('a bot that works is healthy and ready', async () => {
  const health = await report('/healthz');
  expect(health.status).toBe(200);
  expect(health.report.checks.map(({ name }) => name)).toEqual(['event-loop', 'sweep', 'outbox-lead']);
  const ready = await until(
    () => report('/readyz'),
    ({ status }) => status === 200,
  );
  expect(ready.report.checks.map(({ name }) => name)).toEqual(['process', 'redis', 'queue', 'slack', 'slack-link']);
});

test('what is not asked for by name is not there', async () => {
  expect((await get('/')).status).toBe(404);
  expect((await get('/metrics/')).status).toBe(404);
  expect((await get('/metrics', { method: 'POST', body: 'x' })).status).toBe(405);
  const head = await get('/healthz', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('clients that say nothing cannot hold the port', async () => {
  const silent = Array.from({ length: 60 }, () => createConnection({ port, host: '127.0.0.1' }));
  for (const socket of silent) socket.on('error', () => undefined).resume();
  await Promise.all(
    silent.map((socket) => Promise.race([once(socket, 'close'), delay(15_000).then(() => Promise.reject(new Error('held')))])),
  );
  expect((await get('/healthz')).status).toBe(200);
}, 30_000);

test('a run is counted once, with its steps and its wait', async () => {
  const thread = await town.begin();
  await thread.see(/approve/i);
  const waiting = await until(metricsText, (text) => valueOf(text, 'keyturn_runs_waiting_approval') === 1);
  expect(valueOf(waiting, 'keyturn_runs_open')).toBe(1);
  expect(valueOf(waiting, 'keyturn_approval_wait_seconds')).toBeGreaterThan(0);
  await thread.approveToTheEnd();
  const ended = 'keyturn_runs_ended_total{procedure="restart",cluster="atscale-prod",outcome="succeeded"}';
  const after = await until(metricsText, (text) => valueOf(text, ended) !== undefined);
  expect(valueOf(after, ended)).toBe(1);
  expect(valueOf(after, 'keyturn_runs_open')).toBe(0);
  expect(valueOf(after, 'keyturn_approval_wait_seconds')).toBe(0);
  expect(after).toMatch(/keyturn_step_duration_seconds_count\{procedure="restart",step="S3",outcome="succeeded"\} 1\n/);
  expect(valueOf(after, 'keyturn_ssh_dials_total{result="connected"}')).toBeGreaterThanOrEqual(4);
  expect(valueOf(after, 'keyturn_slack_calls_total{call="post",answer="done"}')).toBeGreaterThan(5);
  expect(valueOf(after, 'keyturn_slack_leads')).toBe(1);
  expect(after).not.toMatch(/query-01|U0DANA|run[2-9a-z]{8}/);
  // Nothing is counted again when the feed comes late or the run is looked at again.
  await delay(2_500);
  expect(valueOf(await metricsText(), ended)).toBe(1);
}, 90_000);

test('while Redis is away it is not ready, but healthy', async () => {
  await town.redis.kill9();
  const away = await until(
    () => report('/readyz'),
    (seen) => failing(seen).includes('redis'),
  );
  expect(away.status).toBe(503);
  expect(failing(away)).toEqual(expect.arrayContaining(['redis', 'queue']));
  expect(away.report.checks.find(({ name }) => name === 'redis')?.detail).toMatch(/Redis does not answer/);
  expect((await report('/healthz')).status).toBe(200);
  const text = await until(metricsText, (each) => valueOf(each, 'keyturn_state_seen') === 0);
  expect([valueOf(text, 'keyturn_runs_open'), valueOf(text, 'keyturn_ready')]).toEqual([undefined, 0]);
  await town.redis.restart();
  await until(
    () => report('/readyz'),
    ({ status }) => status === 200,
  );
  expect(valueOf(await until(metricsText, (each) => valueOf(each, 'keyturn_state_seen') === 1), 'keyturn_runs_open')).toBe(0);
}, 60_000);

test('a port in use is told with the variable', async () => {
  const ended = await runKeyturn({ env: { ...town.env, KEYTURN_STATUS: String(port) }, folder: town.folder }, 'worker');
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port} .*KEYTURN_STATUS`));
});
