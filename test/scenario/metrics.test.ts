/** The status port of the built bot, with a real Redis and the sandbox Slack going away and coming back. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { freePort } from '../support/redis.ts';
import { runKeyturn } from './program.ts';
import { startTown, type Town } from './town.ts';

type Report = {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
};

const MAIN = join(resolve(import.meta.dirname, '../..'), 'dist', 'src', 'main.js');

let town: Town;
let port: number;
let slackPort: number;
let secondSlack: SandboxSlack | undefined;

beforeAll(async () => {
  port = await freePort();
  slackPort = await freePort();
  town = await startTown({ slack: { port: slackPort }, env: { KEYTURN_STATUS: String(port) } });
}, 60_000);
afterAll(async () => {
  await secondSlack?.close();
  await town.close();
});

const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);

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
const sample = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

test('a bot that works is healthy and ready', async () => {
  const health = await report('/healthz');
  expect(health.status).toBe(200);
  expect(health.report.checks.map(({ name }) => name)).toEqual(['event-loop', 'archive', 'sweep', 'outbox-lead']);
  const ready = await until(
    () => report('/readyz'),
    ({ status }) => status === 200,
  );
  expect(ready.report.checks.map(({ name }) => name)).toEqual(['process', 'redis', 'queue', 'disk', 'slack', 'slack-link']);
});

test('a run is counted once, with its steps and its wait', async () => {
  const thread = await town.begin();
  await thread.see(/approve/i);
  const waiting = await until(metricsText, (text) => sample(text, 'keyturn_runs_waiting_approval') === 1);
  expect(sample(waiting, 'keyturn_runs_open')).toBe(1);
  // Prometheus sees no rise in a counter that begins at 1.
  const ended = 'keyturn_runs_ended_total{product="atscale",procedure="restart",cluster="atscale-prod",outcome="succeeded"}';
  expect(sample(waiting, ended)).toBe(0);
  expect(sample(waiting, 'keyturn_approval_wait_seconds')).toBeGreaterThan(0);
  await thread.approveToTheEnd();
  const after = await until(metricsText, (text) => sample(text, ended) !== 0);
  expect(sample(after, ended)).toBe(1);
  expect(sample(after, 'keyturn_runs_open')).toBe(0);
  expect(sample(after, 'keyturn_approval_wait_seconds')).toBe(0);
  expect(after).toMatch(/keyturn_step_duration_seconds_count\{product="atscale",procedure="restart",step="S3",outcome="succeeded"\} 1\n/);
  expect(sample(after, 'keyturn_ssh_dials_total{result="connected"}')).toBeGreaterThanOrEqual(4);
  expect(sample(after, 'keyturn_slack_calls_total{call="post",answer="done"}')).toBeGreaterThan(5);
  expect(sample(after, 'keyturn_slack_leads')).toBe(1);
  expect(after).not.toMatch(/query-01|U0DANA|run[2-9a-z]{8}/);
  // Nothing is counted again when the feed comes late or the run is looked at again.
  await delay(2_500);
  expect(sample(await metricsText(), ended)).toBe(1);
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
  const text = await until(metricsText, (each) => sample(each, 'keyturn_state_seen') === 0);
  expect([sample(text, 'keyturn_runs_open'), sample(text, 'keyturn_ready')]).toEqual([undefined, 0]);
  await town.redis.restart();
  await until(
    () => report('/readyz'),
    ({ status }) => status === 200,
  );
  expect(sample(await until(metricsText, (each) => sample(each, 'keyturn_state_seen') === 1), 'keyturn_runs_open')).toBe(0);
}, 60_000);

test('a worker tells of itself, and nothing of Slack', async () => {
  const own = await freePort();
  const child = spawn(process.execPath, [MAIN, 'worker'], {
    env: { ...town.env, KEYTURN_STATUS: String(own) },
    cwd: town.folder,
    stdio: 'ignore',
  });
  try {
    const ask = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${own}${path}`).catch(() => undefined))?.text() ?? '';
    const ready = await until(
      () => ask('/readyz'),
      (text) => /"ok": true,\n {2}"checks"/.test(text),
    );
    expect([...ready.matchAll(/"name": "([^"]+)"/g)].map(([, name]) => name)).toEqual(['process', 'redis', 'queue', 'disk']);
    const text = await ask('/metrics');
    expect(text).toMatch(/^keyturn_loop_age_seconds\{loop="sweep"\} /m);
    expect(text).not.toMatch(/^keyturn_slack_\w+[ {]/m);
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
}, 60_000);

test('a port in use is told with the variable', async () => {
  const ended = await runKeyturn({ env: { ...town.env, KEYTURN_STATUS: String(port) }, folder: town.folder }, 'worker');
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port} .*KEYTURN_STATUS`));
});

test('a thread that Slack holds up is behind, and caught up', async () => {
  town.slack.fail('chat.postMessage', { rateLimited: 3, times: 2 });
  await town.type('dana', '/ha restart atscale-prod');
  const late = await until(metricsText, (text) => (sample(text, 'keyturn_slack_thread_lag_seconds') ?? 0) > 1.5);
  expect(sample(late, 'keyturn_slack_threads_behind')).toBe(1);
  expect(sample(late, 'keyturn_slack_retries_total{call="post"}')).toBeGreaterThanOrEqual(1);
  expect(sample(late, 'keyturn_slack_rate_limited_seconds_total{call="post"}')).toBeGreaterThanOrEqual(3);
  await until(metricsText, (text) => sample(text, 'keyturn_slack_thread_lag_seconds') === 0);
}, 60_000);

test('while Slack is away it is not ready, but healthy', async () => {
  await town.slack.close();
  const away = await until(
    () => report('/readyz'),
    (seen) => failing(seen).includes('slack') && failing(seen).includes('slack-link'),
  );
  expect(away.status).toBe(503);
  expect(away.report.checks.find(({ name }) => name === 'slack')?.detail).toMatch(/Slack gave no answer/);
  expect(away.report.checks.find(({ name }) => name === 'redis')?.ok).toBe(true);
  expect((await report('/healthz')).status).toBe(200);
  secondSlack = await startSandboxSlack({ rates: 'off', port: slackPort });
  await until(
    () => report('/readyz'),
    ({ status }) => status === 200,
    60_000,
  );
}, 90_000);
