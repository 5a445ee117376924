/** The status port against clients that are wrong, slow, many or hostile. */
import { createConnection, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { openStatusServer, type Pages, type StatusServer } from '../../src/health/server.ts';
import { freePort } from '../support/redis.ts';

/** More than the buffers between two sockets hold. */
const LARGE = 40_000_000;
const lines: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
const pages: Pages = {
  metrics: async () => ({ type: 'text/plain; version=0.0.4', text: 'x'.repeat(LARGE) }),
  health: () => ({ ok: true, checks: [] }),
  ready: () => Promise.reject(new Error('nobody foresaw this')),
};

let port: number;
let server: StatusServer;
beforeAll(async () => {
  port = await freePort();
  server = await openStatusServer({ host: '127.0.0.1', port }, pages, log, { request: 300, silence: 300 });
});
afterAll(() => server.close());

function open(): Socket {
  return createConnection({ port, host: '127.0.0.1' }).on('error', () => undefined);
}

/** Everything that comes back until the other side closes. */
async function said(text: string, socket = open()): Promise<string> {
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  if (text !== '') socket.write(text);
  const late = delay(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error(`still open: ${answer.slice(0, 200)}`)));
  await Promise.race([new Promise((resolve) => socket.once('close', resolve)), late]);
  return answer;
}

const statusOf = (answer: string): string => answer.split('\r\n')[0]?.split(' ')[1] ?? 'none';
const request = (line: string, more = ''): string => `${line} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

test.each([
  ['a page that there is', request('GET /healthz'), '200'],
  ['a question behind it', request('GET /healthz?x=../../etc/passwd'), '200'],
  ['a page that there is not', request('GET /../../etc/passwd'), '404'],
  ['another method', request('DELETE /metrics'), '405'],
  ['a body that never comes', request('POST /metrics', 'Content-Length: 1000000000\r\n'), '405'],
  ['a line without end', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n`, '431'],
  ['headers without end', request('GET /healthz', `${'X-Header: y\r\n'.repeat(2_000)}`), '431'],
  ['two lengths', request('POST /healthz', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'), '400'],
  ['something that is not HTTP', 'SSH-2.0-client\r\n', '400'],
  ['a way through', request('CONNECT example.org:443'), 'none'],
  ['another protocol', request('GET /healthz', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'), '200'],
  ['a page that fails', request('GET /readyz'), '500'],
])('%s is answered or cut off', async (_what, text, status) => {
  expect(statusOf(await said(text))).toBe(status);
});

test('a page that fails tells its reason to the log alone', async () => {
  lines.splice(0);
  expect(await said(request('GET /readyz'))).not.toContain('nobody foresaw');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, reason: 'nobody foresaw this' }]);
});

test('one connection carries one request', async () => {
  const answer = await said(request('GET /healthz').repeat(50));
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
});

test('clients that say nothing cannot hold the port', async () => {
  await Promise.all(Array.from({ length: 60 }, () => said('')));
  expect(statusOf(await said(request('GET /healthz')))).toBe('200');
});

test('a question for the head alone gets no body', async () => {
  const answer = await said(request('HEAD /healthz'));
  expect([statusOf(answer), answer.split('\r\n\r\n')[1]]).toEqual(['200', '']);
});

test('a client that drips its request is cut off', async () => {
  const socket = open();
  const dripping = setInterval(() => socket.write('X'), 50);
  const answer = await said('GET /healthz HTTP/1.1\r\n', socket).finally(() => clearInterval(dripping));
  expect(statusOf(answer)).toBe('408');
});

test('a client that does not read its answer is cut off', async () => {
  let answer = '';
  // Longer where this machine is busy: the clock of the server begins with its last write.
  for (const pause of [800, 2_000, 6_000]) {
    const socket = open();
    socket.write(request('GET /metrics'));
    socket.pause();
    await delay(pause);
    // What is left in the buffers in between, and no more: the server has gone.
    answer = await said('', socket.resume());
    if (answer.length < LARGE) break;
  }
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(answer.length).toBeLessThan(LARGE);
}, 30_000);

test('many clients at once do not hold the port', async () => {
  const many = Array.from({ length: 100 }, () => said(request('GET /healthz')).catch(() => 'cut off'));
  const answers = await Promise.all(many);
  expect(answers.filter((answer) => statusOf(answer) === '200').length).toBeGreaterThanOrEqual(32);
  expect(statusOf(await said(request('GET /healthz')))).toBe('200');
});
