/** Requests that are not Slack's, or not for now, or not for the first time. */
import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../infra/sandbox/slack/server.ts';
import { kindsOf, openRuns, toldAfter, townOver } from './attacker.ts';
import { OPS, type Town } from './town.ts';

let town: Town;
let started: string;
let run: string;
beforeAll(async () => {
  town = await townOver('http');
  let payload: JsonObject = {};
  const begun = town.slack.waitFor(() => town.slack.channel(OPS).messages()[0], { what: 'the top card' });
  await town.slack.person('dana').command({
    channel: OPS,
    text: '/ha restart atscale-prod',
    forge: (sent) => {
      payload = sent;
      return sent;
    },
  });
  started = new URLSearchParams(Object.entries(payload).map(([key, value]): [string, string] => [key, String(value)])).toString();
  await begun;
  run = (await openRuns(town))[0] ?? '';
  await town.slack.waitFor(
    () =>
      town.slack
        .channel(OPS)
        .all()
        .some((message) => /UNSAFE/.test(message.text) && /Expires/.test(message.text)),
    {
      what: 'the approval card',
      timeoutMs: 20_000,
    },
  );
}, 60_000);
afterAll(() => town.close());
afterEach(async () => {
  expect(await openRuns(town)).toEqual([run]);
  expect(town.slack.channel(OPS).messages()).toHaveLength(1);
});

const seconds = (): number => Math.floor(Date.now() / 1000);
const fresh = (): string =>
  started.replace(/trigger_id=[^&]*/, `trigger_id=${randomBytes(6).toString('hex')}`).replace('restart', 'status');

test.each<[string, () => Parameters<Town['slack']['deliverRaw']>[0]]>([
  ['without a signature', () => ({ body: fresh(), signature: '' })],
  ['with the signature of another body', () => ({ body: fresh(), signature: `v0=${'a'.repeat(64)}` })],
  ['with a signature of another length', () => ({ body: fresh(), signature: 'v0=a' })],
  ['without a version', () => ({ body: fresh(), signature: 'a'.repeat(64) })],
  ['signed six minutes ago', () => ({ body: fresh(), timestamp: seconds() - 360 })],
  ['signed for tomorrow', () => ({ body: fresh(), timestamp: seconds() + 86_400 })],
  ['signed at no time', () => ({ body: fresh(), headers: { 'x-slack-request-timestamp': 'now' } })],
  [
    'that says it is a socket’s',
    () => ({ body: JSON.stringify({ type: 'slash_commands' }), signature: '', headers: { 'content-type': 'application/json' } }),
  ],
])('a request %s is turned away', async (_title, request) => {
  expect(await town.slack.deliverRaw(request())).toMatchObject({ kind: 'refused', status: 401 });
});

test('a body without end is turned away unread', async () => {
  const receipt = await town.slack.deliverRaw({ body: 'x'.repeat(30 * 1024 * 1024), signature: 'v0=x' });
  expect(receipt.kind).not.toBe('acked');
  expect((await town.type('dana', '/ha status')).acked).toBe(true);
});

test('a replayed start begins no second run', async () => {
  await town.slack.deliverRaw({ body: started });
  await Promise.all([1, 2, 3].map(() => town.slack.deliverRaw({ body: started })));
});

test('a replayed resume ends no later pause', async () => {
  let resume: JsonObject = {};
  const told = (text: string, forge = (sent: JsonObject): JsonObject => sent) =>
    toldAfter(town, 'U0DANA0001', () => town.slack.person('dana').command({ channel: OPS, text, forge }));
  await told(`/ha pause ${run}`);
  await told(`/ha resume ${run}`, (sent) => {
    resume = sent;
    return sent;
  });
  await told(`/ha pause ${run}`);
  expect(await told(`/ha resume ${run}`, () => resume)).toMatch(/second time/);
  const kinds = await kindsOf(town, run);
  expect(kinds.filter((kind) => kind === 'paused' || kind === 'resumed')).toEqual(['paused', 'resumed', 'paused']);
});
