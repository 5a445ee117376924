/** Requests of procedures, by the real curl in real shells, at a server that writes down what it got. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { type HttpPlace, requestOf } from '../../src/procedure/http.ts';
import type { HttpSource } from '../../src/procedure/pieces-schema.ts';

type Got = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly seen: string;
};

let server: Server;
let got: Got[];
let base: string;

/** Command lines of all processes, and the environment of every curl. */
function processes(): string {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((pid) => {
      const line = textOf(`/proc/${pid}/cmdline`);
      return line + (/(^|\/)curl\0/.test(line) ? textOf(`/proc/${pid}/environ`) : '');
    })
    .join('\n');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

beforeEach(async () => {
  got = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      got.push({ method, url, headers, body, seen: processes() });
      if (url === '/moved') response.writeHead(302, { location: '/there' });
      if (url === '/broken') response.writeHead(500);
      if (url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' });
      response.end('"MASTER"');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  base = `http://127.0.0.1:${address.port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Values by the expression that stands for them. */
async function ask(http: HttpSource, values: Readonly<Record<string, string>>, place: HttpPlace = 'REQUEST', shell = ['dash']) {
  const { run, env } = requestOf(http, place);
  const given = Object.fromEntries(Object.entries(env).map(([name, expression]) => [name, values[expression] ?? '']));
  const [program = 'sh', ...args] = shell;
  const child = promisify(execFile)(program, [...args, '-c', run], { env: { PATH: process.env.PATH ?? '', ...given } });
  return child.then(
    ({ stdout }) => ({ status: 0, stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr }),
  );
}

const nasty = `a"b\\c'd $(id) \`id\` é & = {1,2} [x]`;

describe.each([['dash'], ['bash'], ['busybox', 'sh']])('in %s', (...shell) => {
  test('every part arrives as it was given', async () => {
    const http = {
      url: 'url',
      form: { mode: 'form', other: 'other' },
      headers: { 'X-Some': 'header' },
      user: 'user',
      password: 'password',
    };
    const values = {
      url: `${base}/a?b={1,2}&c=[1-2]`,
      form: nasty,
      other: 'two\nlines',
      header: 'a"b\\c',
      user: 'us"er',
      password: 'p\\"w:$(id)',
    };
    expect(await ask(http, values, 'UNTIL', shell)).toEqual({ status: 0, stdout: '"MASTER"' });
    const [request] = got;
    expect(request).toMatchObject({ method: 'POST', url: '/a?b={1,2}&c=[1-2]', headers: { 'x-some': 'a"b\\c' } });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({ mode: nasty, other: 'two\nlines' });
    expect(Buffer.from(request?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString()).toBe('us"er:p\\"w:$(id)');
  });

  test('no value can bring an option of its own', async () => {
    const values = { url: `${base}/a"\nheader = "X-Evil: 1`, header: 'x"\nurl = "http://127.0.0.1:1/' };
    await ask({ url: 'url', headers: { 'X-Some': 'header' } }, values, 'REQUEST', shell);
    expect(got.every(({ headers }) => headers['x-evil'] === undefined)).toBe(true);
  });
});

test('neither address nor password stands in a process list', async () => {
  const values = { url: `${base}/secret-address`, password: 'secret-password', form: 'secret-form', header: 'secret-header' };
  await ask({ url: 'url', user: 'url', password: 'password', form: { a: 'form' }, headers: { B: 'header' } }, values);
  expect(got[0]?.seen).toContain('curl\0--silent');
  expect(got[0]?.seen).not.toMatch(/secret-(address|password|form|header)/);
});

test.each<[HttpSource, string, string, string]>([
  [{ url: 'url' }, 'GET', '/a', ''],
  [{ url: 'url', form: { x: 'x' } }, 'POST', '/a', 'x=1'],
  [{ url: 'url', form: { x: 'x' }, method: 'GET' }, 'GET', '/a?x=1', ''],
  [{ url: 'url', form: { x: 'x' }, method: 'PUT' }, 'PUT', '/a', 'x=1'],
  [{ url: 'url', method: 'POST' }, 'POST', '/a', ''],
  [{ url: 'url', method: 'DELETE' }, 'DELETE', '/a', ''],
])('%j is %s %s', async (http, method, url, body) => {
  expect((await ask(http, { url: `${base}/a`, x: '1' })).status).toBe(0);
  expect(got).toMatchObject([{ method, url, body }]);
});

test('a status of 400 or more fails', async () => {
  expect(await ask({ url: 'url' }, { url: `${base}/broken` })).toMatchObject({ status: 22, stderr: expect.stringContaining('500') });
});

test('redirects are followed where that is said', async () => {
  await ask({ url: 'url' }, { url: `${base}/moved` });
  await ask({ url: 'url', follow: true }, { url: `${base}/moved` });
  expect(got.map(({ url }) => url)).toEqual(['/moved', '/moved', '/there']);
});

test('no file is ever read, also not by a redirect', async () => {
  const direct = await ask({ url: 'url' }, { url: 'file:///etc/passwd' });
  const moved = await ask({ url: 'url', follow: true }, { url: `${base}/file` });
  expect([direct.status, moved.status]).toEqual([1, 1]);
  expect(direct.stdout + moved.stdout).not.toContain('root:');
});
