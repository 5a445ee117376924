/** `keyturn verify` on a real Redis whose journals were tampered with past Keyturn; once as a process of its own. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Redis } from 'ioredis';
import pino from 'pino';
import { z } from 'zod';
import { runCli } from '../../src/cli/main.ts';
import type { CliWorld } from '../../src/cli/world.ts';
import { openInstallationKey } from '../../src/installation-key.ts';
import { createJournal, type Journal } from '../../src/journal/journal.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister } from '../../src/journal/register.ts';
import { createRuns, type Runs } from '../../src/journal/runs.ts';
import { createWitness } from '../../src/journal/witness.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { actorOf, approved, begun, ended, intended, over, passed, RUN } from '../run/histories.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { expectSound } from '../support/sound.ts';
import { createSigner, headStatement } from '../../src/signature.ts';
import type { RunRecord } from '../../src/record/model.ts';
import { bomb } from '../verify/support.ts';
import { events as withOutput, keyFor, LONG, outputOf, PATH, recordOf, SECRET } from '../verify/samples.ts';

const sound: readonly RunEvent[] = [begun(), ...approved, intended(), ended(), passed(), over()];
let server: TestRedis;
let client: RedisClient;
let redis: Redis;
let journal: Journal<unknown>;
let key: Buffer;
const folder = mkdtempSync(join(tmpdir(), 'keyturn-verify-'));

beforeAll(async () => {
  server = await startRedis();
  client = await connectRedis(server.url, { role: 'journal', log: pino({ level: 'silent' }) });
  redis = new Redis(server.url);
  writeFileSync(join(folder, 'installation.key'), `${SECRET.toString('base64')}\n`, { mode: 0o600 });
  key = (await openInstallationKey(join(folder, 'installation.key')))('journal');
  journal = createJournal<unknown>({ redis: client, decode: (event) => event, key });
});
afterAll(async () => {
  redis.disconnect();
  await disconnectRedis(client);
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => redis.flushall());

/** Written as Keyturn writes, event by event. */
async function write(run: string, events: readonly RunEvent[], begunAt = 1_000): Promise<void> {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error('no event');
  const created = await journal.create(run, [first], { at: begunAt, actor: actorOf(first), requestId: `r-${run}` });
  if (created.kind !== 'created') throw new Error(created.kind);
  let { head } = created;
  for (const [index, event] of rest.entries()) {
    const closes = event.kind === 'runEnded' ? { closes: {} } : {};
    const appended = await journal.append(run, head, [event], { at: begunAt + (index + 1) * 1_000, actor: actorOf(event), ...closes });
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.head;
  }
}

type Told = { readonly code: number; readonly out: string; readonly err: string };

const env = () => ({ REDIS_URL: server.url, KEYTURN_DATA: folder });

async function keyturn(...args: readonly string[]): Promise<Told> {
  const [out, err]: [string[], string[]] = [[], []];
  const nobody = { ask: async () => false, type: async () => undefined, print: async () => undefined };
  const world: CliWorld = { env: env(), say: (line) => void out.push(line), complain: (line) => void err.push(line), ...nobody };
  const code = await runCli(args, world);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The built program, as a process of its own. */
function asProcess(...args: readonly string[]): Promise<Told> {
  const main = resolve(import.meta.dirname, '../../dist/src/cli/main.js');
  return new Promise((done) => {
    execFile(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env() }, cwd: folder }, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

type Raw = readonly (readonly [string, string[]])[];

/** Takes the stream as it is and puts another one in its place. */
async function rewrite(run: string, change: (entries: Raw) => Raw): Promise<void> {
  const entries = await redis.xrange(keys.journal(run), '-', '+');
  await redis.del(keys.journal(run));
  for (const [id, fields] of change(entries)) await redis.xadd(keys.journal(run), id, ...fields);
}

const field = (fields: readonly string[], name: string): string => fields[fields.indexOf(name) + 1] ?? '';
const withField = (fields: readonly string[], name: string, value: string): string[] =>
  fields.map((each, index) => (fields[index - 1] === name && index % 2 === 1 ? value : each));

const editThird = (entries: Raw): Raw =>
  entries.map(([id, fields], index) => [
    id,
    index === 2 ? withField(fields, 'event', field(fields, 'event').replace('do_it', 'rm -r')) : fields,
  ]);
const renumbered = (entries: Raw): Raw => entries.map(([, fields], index) => [`${index + 1}-0`, fields]);

const damages: readonly [string, (run: string) => Promise<unknown>, RegExp][] = [
  ['an edited event', (run) => rewrite(run, editThird), /event 3: Event 3 is not what was written there/],
  ['a deleted event', (run) => redis.xdel(keys.journal(run), '4-0'), /event 4: Event 4 is missing/],
  [
    'a deleted event whose successors moved up',
    (run) => rewrite(run, (entries) => renumbered(entries.filter((_, index) => index !== 3))),
    /event 4: Event 4 (was changed|was not written after)/,
  ],
  [
    'two events in each other’s place',
    (run) => rewrite(run, (entries) => renumbered(entries.map((entry, index) => entries[{ 2: 3, 3: 2 }[index] ?? index] ?? entry))),
    /event 3: Event 3 was not written after/,
  ],
  ['a cut end', (run) => redis.xdel(keys.journal(run), '8-0'), /event 8: The end is cut off: event 7 is the last/],
  ['a deleted journal', (run) => redis.del(keys.journal(run)), /event 1: The end is cut off: event 0 is the last/],
  ['a deleted head', (run) => redis.del(keys.head(run)), /Event 8 is the last, the head says nothing/],
  ['a deleted journal and head', (run) => redis.del(keys.journal(run), keys.head(run)), /journal: The run is in the list of finished runs/],
  [
    'an event that is no JSON',
    (run) => rewrite(run, (entries) => entries.map(([id, fields], index) => [id, index === 2 ? withField(fields, 'event', '{') : fields])),
    /event 3: Event 3 is not what was written there/,
  ],
  ['a journal of another type', async (run) => redis.set(keys.journal(run), 'x'), /cannot be read/],
  [
    'an event that no release writes',
    (run) =>
      rewrite(run, (entries) =>
        entries.map(([id, fields], index) => [id, index === 2 ? withField(fields, 'event', '{"kind":"x"}') : fields]),
      ),
    /event 3: Event 3 is nothing that this release of Keyturn writes/,
  ],
];

test.each(damages)(
  '%s is found and keeps no other run from being checked',
  async (_title, damage, words) => {
    await write('runbefore', sound.slice(0, 2));
    await write(RUN, sound);
    await write('runother', [begun(), over()]);
    await damage(RUN);
    const { code, out, err } = await keyturn('verify');
    expect(code).toBe(1);
    expect(err).toMatch(words);
    expect(err).toMatch(/^run2 {2}NOT SOUND/m);
    expect(out).toMatch(/^runbefore {2}sound {2}restart on sample-prod, 2 events, open$/m);
    expect(out).toMatch(/^runother {2}sound {2}restart on sample-prod, 2 events, succeeded$/m);
    expect(out).toMatch(/1 of 3 runs not sound/);
  },
  20_000,
);

test('a whole chain of what was not allowed is found', async () => {
  await write(RUN, [begun(), ...approved.filter(({ kind }) => kind !== 'approvalGiven'), intended()]);
  const { code, err } = await keyturn('verify', RUN);
  expect(code).toBe(1);
  expect(err).toContain('  event 4: S1 on node-1 (attempt 1) was started without an approval. [noApproval]');
});

test('a whole chain of another installation is found', async () => {
  const mine = journal;
  journal = createJournal<unknown>({ redis: client, decode: (event) => event, key: Buffer.alloc(32, 'other') });
  await write(RUN, sound);
  journal = mine;
  const { code, err } = await keyturn('verify');
  expect(code).toBe(1);
  expect(err.match(/\bseal\b/g)).toHaveLength(sound.length);
});

test('a journal cut and closed anew betrays itself by its list', async () => {
  await write(RUN, sound);
  const seventh = (await redis.xrange(keys.journal(RUN), '7-0', '7-0'))[0]?.[1] ?? [];
  await redis.xdel(keys.journal(RUN), '8-0');
  await redis.hset(keys.head(RUN), 'seq', '7', 'hash', field(seventh, 'hash'));
  expect((await keyturn('verify')).err).toContain('[notEnded]');
});

test('sound runs are one line each, and code 0', async () => {
  await write(RUN, sound);
  expect(await asProcess('verify')).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^run2 {2}sound {2}restart on sample-prod, 8 events, succeeded\n1 run: every journal is what was written/),
  });
  await expectSound(server.url, key);
});

test('only the runs that are named are checked', async () => {
  await write(RUN, sound);
  await write('runother', [begun(), over()]);
  await redis.xdel(keys.journal('runother'), '1-0');
  expect((await keyturn('verify', RUN)).code).toBe(0);
  expect((await keyturn('verify', 'runother', RUN)).code).toBe(1);
  await expect(expectSound(server.url, key)).rejects.toThrow(/runother[\s\S]*event 1: Event 1 is missing/);
});

test('a run that nobody knows ends with code 2', async () => {
  await write(RUN, sound);
  const { code, err } = await keyturn('verify', 'runnobody', RUN);
  expect([code, err]).toEqual([2, expect.stringMatching(/^runnobody {2}nobody knows this run\. Check: /)]);
});

/** To the same content. */
function relink(path: string): void {
  renameSync(path, `${path}.x`);
  symlinkSync(`${path}.x`, path);
}

function pipe(path: string): void {
  rmSync(path);
  execFileSync('mkfifo', [path]);
}

describe('outputs', () => {
  const file = join(folder, PATH);
  beforeEach(async () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, gzipSync(LONG));
    await write(RUN, withOutput());
  });
  afterEach(() => rmSync(join(folder, 'output'), { recursive: true, force: true }));

  test('an output that is what was printed is sound', async () => {
    expect(await keyturn('verify')).toMatchObject({ code: 0, err: '' });
  });

  test.each<[string, () => unknown, RegExp]>([
    ['an edited output file', () => writeFileSync(file, gzipSync(LONG.replace('was', 'is'))), /is not what was written: .*\[outputEdited]/],
    ['the output of another run', () => writeFileSync(file, gzipSync('of another run')), /holds 14 bytes, SHA-256 .*\[outputEdited]/],
    [
      'an output file that never ends',
      () => writeFileSync(file, bomb(64)),
      /holds more than 24000 bytes; the journal says 24000 bytes, .*\[outputEdited]/,
    ],
    ['a link in its place', () => relink(file), /cannot be read: .*it is a symbolic link, and Keyturn makes none\. \[outputUnreadable]/],
    ['a named pipe in its place', () => pipe(file), /cannot be read: .*it is no plain file\. \[outputUnreadable]/],
    ['a missing output file', () => rmSync(file), /is missing: there is no .*S1\.node-1\.1\.log\.gz\. \[outputMissing]/],
    ['a truncated output file', () => truncateSync(file, 40), /cannot be read: .*unexpected end of file\. \[outputUnreadable]/],
    [
      'an output file of another kind',
      () => writeFileSync(file, 'plain'),
      /cannot be read: .*incorrect header check\. \[outputUnreadable]/,
    ],
  ])('%s is named with its run and event', async (_title, tamper, words) => {
    tamper();
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([1, expect.stringMatching(/^run2 {2}NOT SOUND.*\n {2}event 6: The output of S1 on node-1 \(attempt 1\)/)]);
    expect(err).toMatch(words);
  });

  test('outputs of what is no run are told: they may be all that is left of it', async () => {
    mkdirSync(join(folder, 'output', 'rungone'));
    const { code, out } = await keyturn('verify');
    expect([code, out]).toEqual([0, expect.stringMatching(/notice: In .*output lie outputs of what is no run here: rungone\./)]);
  });

  test('outputs that are kept on another machine are said not to be here', async () => {
    rmSync(join(folder, 'output'), { recursive: true });
    const { code, out } = await keyturn('verify');
    expect([code, out]).toEqual([0, expect.stringMatching(/notice: 1 output is not checked: there is no .*output here/)]);
  });
});

test('an output that the journal holds whole is held against its hash', async () => {
  await write(RUN, withOutput(outputOf('all is well\n')));
  expect((await keyturn('verify')).code).toBe(0);
  await redis.flushall();
  await write(RUN, withOutput({ ...outputOf('all is well\n'), head: 'all is lost\n' }));
  const { code, err } = await keyturn('verify');
  expect([code, err]).toEqual([1, expect.stringMatching(/event 6: The output of S1 .*\[outputEdited]/)]);
});

describe('the archive', () => {
  const file = join(folder, 'archive', '1970', '01', `${RUN}.json.gz`);
  const plain = recordOf(withOutput(outputOf('all is well\n')));
  const archive = (record: RunRecord): void => writeFileSync(file, gzipSync(JSON.stringify({ ...record, outputs: [] })));
  beforeEach(async () => {
    mkdirSync(dirname(file), { recursive: true });
    archive(plain);
    await redis.zadd(keys.finished, 8_000, RUN);
  });
  afterEach(() => rmSync(join(folder, 'archive'), { recursive: true, force: true }));

  test('a run that lies only there is judged like any other', async () => {
    expect(await keyturn('verify')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^run2 {2}sound {2}restart on sample-prod/),
    });
    expect((await keyturn('verify', RUN)).code).toBe(0);
    await redis.flushall();
    expect((await keyturn('verify')).out).toMatch(/^run2 {2}sound/);
  });

  const entry = (seq: number, from: string, to: string): RunRecord => ({
    ...plain,
    entries: plain.entries.map((each) => (each.seq === seq ? { ...each, event: each.event.replace(from, to) } : each)),
  });
  const forger = createSigner(Buffer.alloc(32, 'forger'));
  const last = plain.entries.at(-1);
  if (last === undefined) throw new Error('no event');

  test.each<[string, () => unknown, RegExp]>([
    ['an edited event', () => archive(entry(3, 'do_it', 'rm -r')), /event 3: Event 3 is not what was written there\. \[edited]/],
    [
      'a missing event',
      () => archive({ ...plain, entries: plain.entries.filter(({ seq }) => seq !== 4) }),
      /event 4: Event 4 is missing\. \[missing]/,
    ],
    [
      'two events in each other’s place',
      () => archive({ ...plain, entries: plain.entries.map((_each, at) => plain.entries[{ 2: 3, 3: 2 }[at] ?? at] ?? last) }),
      /event 3: Event 3 stands after event 4\. \[reordered]/,
    ],
    [
      'an event that another installation sealed',
      () => archive({ ...plain, entries: plain.entries.map((each) => (each.seq === 3 ? { ...each, seal: 'f'.repeat(64) } : each)) }),
      /event 3: The seal of event 3 is not of this installation's key\. \[unsealed]/,
    ],
    [
      'a cut end',
      () => archive({ ...plain, entries: plain.entries.slice(0, -1) }),
      /event 7: The signature does not fit.*\[wrongSignature]/,
    ],
    [
      'another signature',
      () => archive({ ...plain, signature: forger.sign(headStatement(RUN, last)) }),
      /The record is signed by key [0-9a-f]{16}, not by .*\[otherKey]/,
    ],
    ['a truncated file', () => truncateSync(file, 500), /The archive file cannot be read: .*run2\.json\.gz.*\[archiveUnreadable]/],
    ['a file of another run', () => archive({ ...plain, run: 'runother' }), /is of another run: runother\. \[otherRun]/],
    [
      'a missing file',
      () => rmSync(file),
      /The run is in the list of finished runs, and its journal is gone: .*nor in the archive\. \[gone]/,
    ],
  ])('%s is named with its run', async (_title, tamper, words) => {
    tamper();
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([1, expect.stringMatching(/^run2 {2}NOT SOUND/)]);
    expect(err).toMatch(words);
  });

  test('a journal in Redis that is not the archived one is named', async () => {
    await redis.del(keys.finished);
    await write(RUN, sound);
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/event 1: Event 1 in the archive file .* is not the one in Redis\. \[archiveEdited]/),
    ]);
  });
});

describe('the list of runs', () => {
  let runs: Runs;
  const other = 'runother';
  beforeEach(async () => {
    runs = createRuns({ redis: client, key: keyFor('runs'), folder, witness: createWitness(folder, 'runs') });
    for (const run of [RUN, other]) {
      await write(run, run === RUN ? sound : [begun(), over()]);
      const stored = await journal.readRaw(run);
      const [first, last] = [stored[0], stored.at(-1)];
      const named = { run, procedure: 'restart', cluster: 'sample-prod', requester: 'U1', first: first?.hash ?? '' };
      await runs.note({ kind: 'runBegan', ...named }, { at: 1_000 });
      await runs.note({ kind: 'runEnded', run, outcome: 'succeeded', seq: last?.seq ?? 0, hash: last?.hash ?? '' }, { at: 9_000 });
    }
  });
  afterEach(() => rmSync(join(folder, 'runs-head.json'), { force: true }));

  const gone = async (run: string): Promise<void> => {
    await redis.del(keys.journal(run), keys.head(run), keys.thread(run), keys.request(`r-${run}`));
    await redis.zrem(keys.finished, run);
  };

  test('runs that the list names are sound', async () => {
    expect(await keyturn('verify')).toMatchObject({ code: 0, err: '' });
  });

  test('a run that was removed with all its keys is named with what it was', async () => {
    await gone(other);
    const { code, err, out } = await keyturn('verify');
    expect([code, out]).toEqual([1, expect.stringMatching(/^run2 {2}sound/)]);
    expect(err).toMatch(
      /^runother {2}NOT SOUND.*\n.*restart on sample-prod, requested by U1, 1970-01-01 00:00:01 UTC, is in the list of runs and/,
    );
    expect(err).toContain('[vanished]');
    expect((await keyturn('verify', other)).err).toContain('[vanished]');
  });

  test('a run that was deleted for its age is not missed', async () => {
    await gone(other);
    await runs.note({ kind: 'runExpunged', run: other, file: 'archive/x', why: 'older than KEYTURN_KEEP_DAYS' }, { at: 10_000 });
    expect(await keyturn('verify')).toMatchObject({ code: 0, err: '' });
  });

  test('an archive file that the list names is held against it', async () => {
    await runs.note({ kind: 'runArchived', run: other, file: 'archive/1970/01/runother.json.gz', sha256: 'f'.repeat(64) }, { at: 10_000 });
    expect((await keyturn('verify')).err).toMatch(/archive file that the list of runs names is missing: .*\[archiveMissing]/);
  });

  test('a journal that is in no list is named', async () => {
    await write('runthird', [begun(), over()], 5_000);
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([1, expect.stringMatching(/^runthird {2}NOT SOUND.*\n.*The run is not in the list of runs.*\[notListed]/)]);
  });

  test('a journal that began otherwise than the list says is named', async () => {
    await write('runthird', [begun(), over()], 5_000);
    const named = { run: 'runthird', procedure: 'restart', cluster: 'sample-prod', requester: 'U1', first: 'f'.repeat(64) };
    await runs.note({ kind: 'runBegan', ...named }, { at: 5_000 });
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/event 1: The list of runs says that it began with event f{64}, .*\[otherHead]/),
    ]);
  });

  test('a journal that was cut with all that Redis knew of its end is named', async () => {
    await redis.xdel(keys.journal(other), '2-0');
    const first = (await redis.xrange(keys.journal(other), '-', '+'))[0]?.[1] ?? [];
    await redis.hset(keys.head(other), 'seq', '1', 'hash', field(first, 'hash'));
    await redis.zrem(keys.finished, other);
    await redis.zadd(keys.open, 1_000, other);
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/says that it ended \(succeeded\) with event 2, [0-9a-f]{64}; here it ends with event 1/),
    ]);
    expect(err).toContain('[otherHead]');
  });

  test.each<[string, () => unknown, RegExp]>([
    ['an entry taken out', () => redis.xdel(keys.runs, '2-0'), /entry 2: .*missing.* \[missing]/],
    ['its end cut off', () => redis.xdel(keys.runs, '4-0'), /entry 4: .*\[cut]/],
    [
      'its end cut off with its head',
      async () => {
        await redis.xdel(keys.runs, '4-0');
        const third = (await redis.xrange(keys.runs, '3-0', '3-0'))[0]?.[1] ?? [];
        await redis.hset(keys.runsHead, 'seq', '3', 'hash', field(third, 'hash'));
      },
      /entry 4: The end is cut off: event 3 is the last, event 4 was seen before\. \[cut]/,
    ],
    [
      'an entry edited',
      async () => {
        const entries = await redis.xrange(keys.runs, '-', '+');
        await redis.del(keys.runs);
        for (const [id, fields] of entries)
          await redis.xadd(keys.runs, id, ...fields.map((each) => (id === '1-0' ? each.replace('sample-prod', 'test') : each)));
      },
      /entry 1: .*\[edited]/,
    ],
  ])('%s is named', async (_title, tamper, words) => {
    await tamper();
    const { code, err } = await keyturn('verify');
    expect([code, err]).toEqual([1, expect.stringMatching(/^list of runs {2}NOT SOUND/m)]);
    expect(err).toMatch(words);
  });
});

test('a program reads every fault as JSON', async () => {
  await write(RUN, sound);
  await rewrite(RUN, editThird);
  const { code, out } = await keyturn('verify', '--json');
  const told = z.object({
    runs: z.array(z.looseObject({ run: z.string(), faults: z.array(z.looseObject({ seq: z.number(), kind: z.string() })) })),
  });
  const { runs } = told.parse(JSON.parse(out));
  expect(code).toBe(1);
  expect(runs).toMatchObject([{ run: RUN, outcome: 'succeeded', events: 8 }]);
  expect(runs[0]?.faults).toEqual(expect.arrayContaining([expect.objectContaining({ seq: 3, kind: 'edited' })]));
});

test('more finished runs than a page, many in one millisecond', async () => {
  for (let index = 0; index < 1_200; index += 1) {
    const run = `runmany${index}`;
    const created = await journal.create(run, [begun()], { at: 1_000, actor: actorOf(begun()), requestId: run });
    if (created.kind === 'created')
      await journal.append(run, created.head, [over()], { at: 2_000 + (index % 2), actor: { kind: 'keyturn' }, closes: {} });
  }
  const { code, out } = await keyturn('verify');
  expect([code, out.split('\n').filter((line) => /^runmany\d+ {2}sound/.test(line)).length]).toEqual([0, 1_200]);
}, 30_000);

test('a register that was changed is named, an untouched one is not', async () => {
  await write(RUN, sound);
  const register = createRegister({ redis: client, key: (await openInstallationKey(join(folder, 'installation.key')))('register') });
  const person = { team: 'T1', user: 'U1', name: 'Ada' };
  for (const id of ['a', 'b']) await register.append({ kind: 'refused', person, action: 'start', why: 'not listed' }, { at: 1_000, id });
  expect(await keyturn('verify')).toMatchObject({ code: 0, err: '' });
  await redis.xdel(keys.register, '1-0');
  const told = await keyturn('verify');
  expect([told.code, told.err]).toEqual([1, expect.stringMatching(/register {2}NOT SOUND.*\n {2}entry 1: .*missing.* \[missing\]/)]);
  expect(JSON.parse((await keyturn('verify', '--json')).out)).toMatchObject({ register: [{ kind: 'missing', seq: 1 }] });
}, 30_000);

test('a Redis that is not there is an error with what to check', async () => {
  const err: string[] = [];
  const nobody = { ask: async () => false, type: async () => undefined, print: async () => undefined };
  const gone = { ...env(), REDIS_URL: 'redis://127.0.0.1:1' };
  const world: CliWorld = { env: gone, say: () => undefined, complain: (line) => void err.push(line), ...nobody };
  expect([await runCli(['verify'], world), err.join('\n')]).toEqual([2, expect.stringContaining('127.0.0.1:1')]);
}, 20_000);
