/** What /readyz asks, of a real Redis and a Slack that hang, refuse and come back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { ownFolders } from '../../src/data-folder.ts';
import { explain } from '../../src/errors.ts';
import { diskCheck, linkCheck, queueCheck, redisCheck, slackCheck } from '../../src/health/checks.ts';
import { type Check, createReadiness } from '../../src/health/readiness.ts';
import { createNudges } from '../../src/queue/nudges.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { sayFailure, webFailure } from '../../src/slack/failure.ts';
import { createWebClient } from '../../src/slack/web.ts';
import { startRedis } from '../support/redis.ts';

const log = pino({ level: 'silent' });
const LIMIT_MS = 400;

/** What a check answers each time that it is asked, and never later than its limit. */
function asker(...checks: readonly Check[]): () => Promise<readonly string[]> {
  const readiness = createReadiness({ explain, limitMs: LIMIT_MS });
  for (const check of checks) readiness.add({ ...check, freshMs: 0 });
  return async () => {
    const began = performance.now();
    const { checks: verdicts } = await readiness.look();
    expect(performance.now() - began).toBeLessThan(LIMIT_MS + 3_000);
    return verdicts.map(({ name, ok, detail }) => `${name} ${ok ? 'yes' : detail}`);
  };
}

/** What is back is seen by itself, however busy this machine is. */
async function recovers(ask: () => Promise<readonly string[]>, good: readonly string[]): Promise<void> {
  let said = await ask();
  for (let at = 0; at < 20 && said.join() !== good.join(); at += 1) said = await ask();
  expect(said).toEqual(good);
}

test('a Redis that hangs is a no in time, and a yes when it is back', async () => {
  const server = await startRedis();
  const redis = await connectRedis(server.url, { role: 'journal', log });
  const nudges = await createNudges({ url: server.url, log });
  const ask = asker(redisCheck(redis, 'owner'), queueCheck(nudges));
  try {
    expect(await ask()).toEqual(['redis yes', 'queue yes']);
    process.kill(server.pid(), 'SIGSTOP');
    const late = `no answer within ${LIMIT_MS / 1000} s`;
    expect(await ask()).toEqual([`redis ${late}`, `queue ${late}`]);
    expect(await ask()).toEqual([`redis ${late}`, `queue ${late}`]);
    process.kill(server.pid(), 'SIGCONT');
    await recovers(ask, ['redis yes', 'queue yes']);
  } finally {
    process.kill(server.pid(), 'SIGCONT');
    await nudges.close();
    await disconnectRedis(redis);
    await server.stop();
  }
}, 15_000);

test('a Slack that fails, refuses or hangs is told apart', async () => {
  let calls = 0;
  let answer = (response: ServerResponse): void => void response.end('{"ok":true}');
  const slack = createServer((_request, response) => {
    calls += 1;
    response.setHeader('Content-Type', 'application/json');
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(slack, 'listening');
  const address = slack.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const web = createWebClient({ botToken: 'xoxb-1-secret', apiUrl: `http://127.0.0.1:${port}/api/` }, log);
  const ask = asker(slackCheck(web, (error) => sayFailure(webFailure(error))));
  const goesOn = '; runs go on, and their threads are brought up to date when it is back';
  try {
    expect(await ask()).toEqual(['slack yes']);
    answer = (response) => void response.writeHead(500).end('{}');
    expect(await ask()).toEqual([`slack Slack answered with HTTP status 500${goesOn}`]);
    answer = (response) => void response.end('{"ok":false,"error":"token_revoked"}');
    expect(await ask()).toEqual([`slack Slack answered token_revoked${goesOn}`]);
    const hanging: ServerResponse[] = [];
    answer = (response) => void hanging.push(response);
    calls = 0;
    expect(await ask()).toEqual([`slack no answer within ${LIMIT_MS / 1000} s`]);
    // The call is still under way: nobody makes a second one meanwhile.
    expect(await ask()).toEqual([`slack no answer within ${LIMIT_MS / 1000} s`]);
    expect(calls).toBe(1);
    answer = (response) => void response.end('{"ok":true}');
    for (const response of hanging) response.end('{"ok":true}');
    await recovers(ask, ['slack yes']);
  } finally {
    slack.closeAllConnections();
    slack.close();
  }
}, 15_000);

test('a folder that cannot be written is named with its variable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-disk-'));
  const [data, record] = [join(folder, 'data'), join(folder, 'record')];
  mkdirSync(data);
  mkdirSync(record);
  const ask = asker(diskCheck(ownFolders({ data, record })));
  expect(await ask()).toEqual(['disk yes']);
  rmSync(record, { recursive: true });
  writeFileSync(record, 'a file in its place: rights say nothing to root, who may run this test');
  const [why] = await ask();
  expect(why).toContain(`cannot write the folder of the record ${record}`);
  expect(why).toMatch(/KEYTURN_RECORD, who owns that folder/);
  rmSync(record);
  mkdirSync(record);
  expect(await ask()).toEqual(['disk yes']);
  rmSync(folder, { recursive: true });
});

test('one way from Slack is enough, none is told with its reason', async () => {
  const link = (name: string, state: string, why?: string) => ({ name, state, why });
  let links = [link('socket-1', 'connected'), link('socket-2', 'waiting', 'Slack gave no answer')];
  const ask = asker(linkCheck(() => ({ ready: links.some(({ state }) => state === 'connected'), links })));
  expect(await ask()).toEqual(['slack-link yes']);
  links = links.map(({ name, why }) => link(name, 'waiting', why));
  expect(await ask()).toEqual([
    'slack-link nothing that people press or type reaches Keyturn: socket-1 waiting; socket-2 waiting (Slack gave no answer)',
  ]);
});
