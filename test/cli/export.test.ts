/** `keyturn export` as a process of its own, on a real Redis. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import pino from 'pino';
import { periodSchema } from '../../src/export/period.ts';
import { openInstallationKey } from '../../src/installation-key.ts';
import { createJournal, type Journal } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister } from '../../src/journal/register.ts';
import { recordSchema } from '../../src/record/model.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { headStatement, isSigned } from '../../src/signature.ts';
import { actorOf, approved, begun, ended, intended, over, passed } from '../run/histories.ts';
import { dana } from '../run/samples.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 0, 10, 12);
let server: TestRedis;
let client: RedisClient;
let journal: Journal<unknown>;
let register: ReturnType<typeof createRegister>;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-export-'));
  server = await startRedis();
  client = await connectRedis(server.url, { role: 'journal', log: pino({ level: 'silent' }) });
  const keyFor = await openInstallationKey(join(folder, 'installation.key'));
  journal = createJournal<unknown>({ redis: client, decode: (event) => event, key: keyFor('journal') });
  register = createRegister({ redis: client, key: keyFor('register') });
  await write('runaaa', FIRST, [begun(), ...approved, intended(), ended(), passed(), over()]);
  await write('runbbb', FIRST + 5 * DAY, [begun({ cluster: { name: 'other-prod' } }), over('aborted')]);
  await write('runccc', FIRST + 10 * DAY, [begun(), ...approved]);
  await register.append({ kind: 'refused', person: dana, action: 'start', why: 'no right' }, { at: FIRST + DAY, id: 'one' });
  await register.append({ kind: 'refused', person: dana, action: 'plan', why: 'no right' }, { at: FIRST + 90 * DAY, id: 'two' });
});
afterAll(async () => {
  await disconnectRedis(client);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A minute apart. */
async function write(run: string, from: number, events: readonly RunEvent[]): Promise<void> {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error('no event');
  const created = await journal.create(run, [first], { at: from, actor: actorOf(first), requestId: `r-${run}` });
  if (created.kind !== 'created') throw new Error(created.kind);
  let { head } = created;
  for (const [index, event] of rest.entries()) {
    const closes = event.kind === 'runEnded' ? { closes: {} } : {};
    const appended = await journal.append(run, head, [event], { at: from + (index + 1) * 60_000, actor: actorOf(event), ...closes });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.head;
  }
}

type Told = { readonly code: number; readonly out: string; readonly err: string };

function keyturn(...args: readonly string[]): Promise<Told> {
  const env = { PATH: process.env.PATH, REDIS_URL: server.url, KEYTURN_DATA: folder };
  const main = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  return new Promise((done) => {
    execFile(process.execPath, [main, 'export', ...args], { env, cwd: folder }, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const runsOf = async (...args: readonly string[]) => {
  const told = await keyturn(...args, '--out', '-');
  expect(told.code).toBe(0);
  const { runs, register: entries } = periodSchema.parse(JSON.parse(told.out));
  return { runs: runs.map(({ run }) => run), register: entries.map(({ event }) => JSON.parse(event).action) };
};

test('a run becomes a file of its own, signed, for its owner alone', async () => {
  expect(await keyturn('runaaa')).toMatchObject({ code: 0, out: '', err: 'runaaa.json  written.\n' });
  const record = recordSchema.parse(JSON.parse(read('runaaa.json')));
  const last = record.entries.at(-1);
  expect(last !== undefined && record.signature !== undefined && isSigned(headStatement('runaaa', last), record.signature)).toBe(true);
  expect(statSync(join(folder, 'runaaa.json')).mode & 0o777).toBe(0o600);
});

test('a file that exists is left alone unless told', async () => {
  writeFileSync(join(folder, 'mine.md'), 'mine');
  const told = await keyturn('runaaa', '--out', 'mine.md');
  expect(told.code).toBe(2);
  expect(told.err).toMatch(/mine\.md exists already, and was left as it is[\s\S]*--force/);
  expect(read('mine.md')).toBe('mine');
  expect((await keyturn('runaaa', '--out', 'mine.md', '--force')).code).toBe(0);
  expect(read('mine.md')).toMatch(/^# Restart it · sample\\?-prod: succeeded/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a run that goes on is written and said to be not finished', async () => {
  const told = await keyturn('runccc', '--format', 'html', '--out', '-');
  expect(told.code).toBe(0);
  expect(told.out).toContain('This run is NOT FINISHED');
  expect(told.err).toContain('runccc  is NOT FINISHED');
});

test('a period has the runs that were open in it', async () => {
  expect(await runsOf('--from', '2026-01-01', '--to', '2026-03-31')).toEqual({ runs: ['runaaa', 'runbbb', 'runccc'], register: ['start'] });
  expect(await runsOf('--from', '2026-01-11', '--to', '2026-01-15')).toMatchObject({ runs: ['runbbb'] });
  expect(await runsOf('--from', '2026-01-10T12:06Z', '--to', '2026-01-10T12:07Z')).toMatchObject({ runs: ['runaaa'] });
  expect(await runsOf('--from', '2026-01-10T12:08Z', '--to', '2026-01-11')).toEqual({ runs: [], register: ['start'] });
  expect(await runsOf('--from', '2026-01-01', '--cluster', 'other-prod')).toEqual({ runs: ['runbbb'], register: ['start', 'plan'] });
});

test('the page of a period begins with the table of all runs', async () => {
  const told = await keyturn('--from', '2026-01-01', '--to', '2026-03-31', '--out', 'q1.html');
  expect(told).toMatchObject({ code: 0, err: expect.stringContaining('3 runs, 1 entry of the register.') });
  const page = read('q1.html');
  expect(page.match(/<article/g)).toHaveLength(4);
  expect(page.match(/<!doctype html>/g)).toHaveLength(1);
  expect(page.indexOf('Approved by')).toBeLessThan(page.indexOf('id="runaaa-top"'));
  expect(page).toMatch(/<code>runbbb<\/code><\/td>.*other-prod.*aborted/);
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  [[], 'Neither a run nor a period is named'],
  [['runaaa', '--from', '2026-01-01'], 'Runs are named, and a period'],
  [['runaaa', 'runbbb', '--out', 'both.json'], '2 runs are named, and one file'],
  [['runaaa', '--format', 'pdf'], '“pdf” is no format'],
  [['--from', '2026-02-30'], '--from is “2026-02-30”, which is no day'],
  [['--from', 'yesterday'], 'written as 2026-01-31'],
  [['--from', '2026-02-02', '--to', '2026-02-01'], 'ends (2026-02-01) before it begins'],
  [['nothing'], 'nobody knows this run'],
  [['runaaa', '--out', 'none/such/file.json'], 'could not be written (ENOENT)'],
] as const)('keyturn export %j is told what is wrong', async (args, words) => {
  const told = await keyturn(...args);
  expect(told.code).toBe(2);
  expect(told.err).toContain(words);
  expect(told.out).toBe('');
  expect(existsSync(join(folder, 'both.json'))).toBe(false);
});

test('a damaged run is written as it lies there, and told', async () => {
  const redis = new Redis(server.url);
  await redis.xdel(keys.journal('runbbb'), '1-0');
  redis.disconnect();
  const told = await keyturn('runbbb', '--format', 'html', '--out', '-');
  expect(told.code).toBe(1);
  expect(told.out).toContain('THIS RECORD IS DAMAGED');
  expect(told.err).toContain('runbbb  its record is DAMAGED');
  const period = await keyturn('--from', '2026-01-01', '--cluster', 'sample-prod', '--out', '-');
  expect(period.code).toBe(1);
  expect(periodSchema.parse(JSON.parse(period.out)).runs.map(({ run }) => run)).toContain('runbbb');
});

test('help teaches by examples', async () => {
  const { out } = await keyturn('--help');
  for (const words of ['--from 2026-01-01 --to 2026-03-31', 'keyturn verify <file>', '256 KiB', 'Exit code']) expect(out).toContain(words);
});
