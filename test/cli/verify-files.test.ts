/** `keyturn verify <file>`: each kind of change to an export is named, an untouched one passes; without Redis, Slack and key file. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Period } from '../../src/export/period.ts';
import { periodDigest, pieceOf, runEnd } from '../../src/export/period-head.ts';
import type { RunsEvent } from '../../src/journal/runs-events.ts';
import { MISMATCH, type RecordEntry, type RunRecord } from '../../src/record/model.ts';
import { afterwardsStatement, createSigner, fingerprintOf, headStatement, periodStatement } from '../../src/signature.ts';
import { RUN } from '../run/histories.ts';
import { entriesOf, events, logOf, recordOf, SECRET, signer } from '../verify/samples.ts';
import { bomb } from '../verify/support.ts';
import { type Cli, createCli } from './world.ts';

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

function write(record: unknown, name = `${RUN}.json`): string {
  const text = JSON.stringify(record);
  const path = join(cli.folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const change = (seq: number, how: (entry: RecordEntry) => RecordEntry, record: RunRecord): RunRecord => ({
  ...record,
  entries: record.entries.map((entry) => (entry.seq === seq ? how(entry) : entry)),
});

const without = (seq: number, record: RunRecord): RunRecord => ({ ...record, entries: record.entries.filter((each) => each.seq !== seq) });

const swapped = (record: RunRecord): RunRecord => {
  const [a, b, c, d, ...rest] = record.entries;
  return a === undefined || b === undefined || c === undefined || d === undefined ? record : { ...record, entries: [a, b, d, c, ...rest] };
};

/** Chained and signed anew by somebody who does not have the key. */
const forged = (record: RunRecord): RunRecord => {
  const entries = entriesOf(RUN, events());
  const last = entries.at(-1);
  const other = createSigner(Buffer.alloc(32, 'forger'));
  return last === undefined ? record : { ...record, entries: [...entries], signature: other.sign(headStatement(RUN, last)) };
};

const tampered: readonly [string, (record: RunRecord) => unknown, RegExp][] = [
  [
    'an edited event',
    (record) => change(3, (entry) => ({ ...entry, event: entry.event.replace('do_it', 'rm -r') }), record),
    /event 3: Event 3 is not what was written there\. \[edited]/,
  ],
  ['an edited time', (record) => change(3, (entry) => ({ ...entry, at: '9000' }), record), /event 3: .*\[edited]/],
  ['a deleted event', (record) => without(4, record), /event 4: Event 4 is missing\. \[missing]/],
  ['a deleted first event', (record) => without(1, record), /event 1: Event 1 is missing/],
  ['two events in each other’s place', swapped, /event 3: Event 3 stands after event 4\. \[reordered]/],
  [
    'a cut end',
    (record) => ({ ...record, entries: record.entries.slice(0, -1) }),
    /event 7: The signature does not fit: not event 7, as it stands here, was signed as the end.*\[wrongSignature]/,
  ],
  [
    'a cut end without the signature',
    ({ signature: _signature, ...record }) => ({ ...record, entries: record.entries.slice(0, -1) }),
    /event 7: The record bears no signature\..*\[unsigned]/,
  ],
  [
    'an edited signature',
    (record) => ({ ...record, signature: { key: signer.key, value: Buffer.alloc(64, 1).toString('base64') } }),
    /event 8: The signature does not fit.*\[wrongSignature]/,
  ],
  [
    'an edited output',
    (record) => ({ ...record, outputs: record.outputs.map((each) => ({ ...each, content: { kind: 'text', text: 'all is well\n' } })) }),
    /event 6: The output of S1 on node-1 \(attempt 1\) is not what event 6 says of it.*\[outputEdited]/,
  ],
  [
    'an edited output with its own hash',
    (record) => ({ ...record, outputs: record.outputs.map((each) => ({ ...each, sha256: 'f'.repeat(64) })) }),
    /event 6: The output of S1.*\[outputEdited]/,
  ],
  [
    'an output that was tampered with before the export',
    (record) => ({
      ...record,
      outputs: record.outputs.map((each) => ({ ...each, content: { kind: 'elsewhere', why: `${MISMATCH}it is another` } })),
    }),
    /event 6: The output of S1 .* when the file was made: it is another\. \[outputEdited]/,
  ],
  ['a missing output', (record) => ({ ...record, outputs: [] }), /event 6: The output of S1 .*is missing from the file\. \[outputMissing]/],
  [
    'an output that was added',
    (record) => ({ ...record, outputs: [...record.outputs, ...record.outputs.map((each) => ({ ...each, path: 'output/x/y' }))] }),
    /The file holds an output that no event tells of: output\/x\/y/,
  ],
  ['the name of another run', (record) => ({ ...record, run: 'runother' }), /event 1: .*\[edited]/],
  ['a member that is no text', (record) => ({ ...record, entries: [1] }), /The record has not the form of keyturn-record\/1: entries\.0/],
];

test.each(tampered)('%s in an export is named with the run and the place', async (_title, tamper, words) => {
  const { code, err } = await cli.run('verify', write(tamper(recordOf())));
  expect([code, err]).toEqual([1, expect.stringMatching(words)]);
  expect(err).toMatch(/^run\w+ {2}NOT SOUND/);
});

test('an untouched export passes without anything beside it, and names the key', async () => {
  const { code, out, err } = await cli.run('verify', write(recordOf()));
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^run2 {2}sound {2}restart on sample-prod, 8 events, succeeded\nSigned by key [0-9a-f]{16}\. Whoever forges/);
  expect(out).toContain(fingerprintOf(signer.key));
});

test('the same compressed, as the archive keeps it, passes', async () => {
  const { outputs, ...record } = recordOf();
  const kept = outputs.map((each) => ({ ...each, content: { kind: 'elsewhere', why: 'in the archive' } }));
  const { code, out } = await cli.run('verify', write({ ...record, outputs: kept }, `${RUN}.json.gz`));
  expect([code, out]).toEqual([0, expect.stringContaining('notice: 1 output is not in the file')]);
});

test('a record that was forged whole is told by the key alone', async () => {
  const path = write(forged(recordOf()));
  expect((await cli.run('verify', path)).code).toBe(0);
  for (const pinned of [fingerprintOf(signer.key), signer.key]) {
    const { code, err } = await cli.run('verify', path, '--key', pinned);
    expect([code, err]).toEqual([1, expect.stringMatching(/The record is signed by key [0-9a-f]{16}, not by .*\[otherKey]/)]);
    expect((await cli.run('verify', write(recordOf(), 'good.json'), '--key', pinned)).code).toBe(0);
  }
});

test('where the key file is, seals are checked, and its public key is shown', async () => {
  const path = join(cli.folder, 'data', 'installation.key');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${SECRET.toString('base64')}\n`, { mode: 0o600 });
  expect((await cli.run('verify', '--show-key')).out).toContain(`Key ${fingerprintOf(signer.key)}: `);
  expect((await cli.run('verify', write(recordOf()))).code).toBe(0);
  const unsealed = change(3, (entry) => ({ ...entry, seal: 'f'.repeat(64) }), recordOf());
  const { code, err } = await cli.run('verify', write(unsealed));
  expect([code, err]).toEqual([1, expect.stringMatching(/The seal of event 3 is not of this installation's key\. \[unsealed]/)]);
});

test.each([
  ['a file that was cut off', () => cli.write('a.json', JSON.stringify(recordOf()).slice(0, 500)), /it is not JSON, or it was cut off/],
  ['an archive file that was cut off', () => cutGzip(), /a\.json\.gz cannot be verified: /],
  ['a file of another kind', () => cli.write('a.json', '{"name":"x"}'), /it is not a record of Keyturn/],
  ['a file of a later form', () => cli.write('a.json', '{"format":"keyturn-record/9"}'), /its format is "keyturn-record\/9"/],
  ['the page of an export', () => cli.write('a.html', '<!doctype html>'), /it is a page to read; the record itself is the export in JSON/],
  ['no file at all', () => join(cli.folder, 'none.json'), /none\.json cannot be verified: there is no such file/],
])('%s ends with code 2 and what to check', async (_title, path, words) => {
  const { code, err } = await cli.run('verify', path());
  expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  expect(err).toContain('Check: ');
});

test.each<[string, () => string, RegExp]>([
  ['what unpacks to more than 500 megabytes', () => bytes('a.json.gz', bomb(501)), /holds more than 500000000 bytes/],
  ['a file that says it has 2 gigabytes', () => sparse(2 * 1024 ** 3), /holds more than 500000000 bytes/],
  ['a text of 100,000 brackets', () => cli.write('a.json', '['.repeat(100_000)), /nested deeper than 64 levels/],
  ['a list of ten million nothings', () => cli.write('a.json', `[${'0,'.repeat(10_000_000)}0]`), /holds more than 8000000 values/],
  ['a period of a million wrong runs', () => cli.write('a.json', wrongRuns(1_000_000)), /more than 20 of its runs have not the form/],
  ['two members of one name', () => cli.write('a.json', twice('"run":"runother",')), /it has two members “run” in one place/],
  ['the same written otherwise', () => cli.write('a.json', twice('"r\\u0075n":"runother",')), /it has two members “run” in one place/],
  ['a member that is every object’s own', () => cli.write('a.json', twice('"__proto__":{"run":"x"},')), /it has a member “__proto__”/],
])('%s is refused with what was found, in bounded memory', async (_title, path, words) => {
  const before = process.memoryUsage().rss;
  const { code, err } = await cli.run('verify', path());
  expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  expect(process.memoryUsage().rss - before).toBeLessThan(1_200_000_000);
});

test('a record of a million wrong entries is told by the first of them', async () => {
  const text = `{"format":"keyturn-record/1","run":"x","posted":[],"outputs":[],"entries":[${'{},'.repeat(1_000_000)}{}]}`;
  const began = Date.now();
  const { code, err } = await cli.run('verify', cli.write('a.json', text));
  expect([code, err]).toEqual([1, expect.stringMatching(/^x {2}NOT SOUND .*: 1 fault\n.*entries\.0\.seq: .*\[unreadable]$/)]);
  expect(Date.now() - began).toBeLessThan(10_000);
});

const wrongRuns = (count: number): string => `{"format":"keyturn-period/1","runs":[${'{},'.repeat(count)}{}]}`;
const twice = (member: string): string => JSON.stringify(recordOf()).replace('{', `{${member}`);

function bytes(name: string, content: Buffer): string {
  const path = join(cli.folder, name);
  writeFileSync(path, content);
  return path;
}

function sparse(size: number): string {
  const path = cli.write('a.json', '');
  truncateSync(path, size);
  return path;
}

test('names that are made up stay in their line, with everything that cannot be seen written out', async () => {
  const name = 'run1  sound\nrun2  sound  \u001b[2K\u202e';
  const { err } = await cli.run('verify', write({ ...recordOf(), run: name }, 'a\n\u001b[31m.json'));
  expect(err.split('\n').filter((line) => /^run2 {2}sound/.test(line))).toEqual([]);
  expect(err).toMatch(/^run1 {2}sound⟨U\+000A⟩run2 {2}sound {2}␛\[2K⟨U\+202E⟩ {2}NOT SOUND/);
  const gone = await cli.run('verify', join(cli.folder, 'b\n\u001b[31m.json'));
  expect(gone.err).toMatch(/b⟨U\+000A⟩␛\[31m\.json cannot be verified: there is no such file\n {2}Check: /);
});

function cutGzip(): string {
  const path = join(cli.folder, 'a.json.gz');
  writeFileSync(path, gzipSync(JSON.stringify(recordOf())).subarray(0, 300));
  return path;
}

test('a program reads the faults of a file as JSON', async () => {
  const { out } = await cli.run('verify', '--json', write(without(4, recordOf())));
  expect(JSON.parse(out)).toMatchObject({
    runs: [],
    files: [{ runs: [{ run: RUN, faults: [{ seq: 4, kind: 'missing' }, { kind: 'noApproval' }, { kind: 'leftOpen' }] }] }],
  });
});

describe('a period', () => {
  const SPAN = { format: 'keyturn-period/1', from: '1970-01-01T00:00:00.000Z', to: '1970-01-02T00:00:00.000Z' };
  const record = recordOf();
  const [first, last] = [record.entries[0], record.entries.at(-1)];
  const listing: readonly RunsEvent[] = [
    { kind: 'runBegan', run: 'runbefore', procedure: 'restart', cluster: 'sample-prod', requester: 'U1', first: 'a'.repeat(64) },
    { kind: 'runBegan', run: RUN, procedure: 'restart', cluster: 'sample-prod', requester: 'U1', first: first?.hash ?? '' },
    { kind: 'runEnded', run: RUN, outcome: 'succeeded', seq: last?.seq ?? 0, hash: last?.hash ?? '' },
  ];
  /** From its second entry on, as a period in the middle has it. */
  const list = logOf('runs', listing).slice(1);
  const register = logOf('register', [{ kind: 'factorEnrolled', user: 'U2', by: 'root' }]);
  const unsigned = { ...SPAN, runs: [record], list: [...list], register: [...register] };
  const signed = (file: Omit<Period, 'signature'>, by = signer): Period => {
    const { from, to, cluster, deleted = [], runs } = file;
    const head = { from, to, cluster, deleted, runs: runs.map(runEnd), list: pieceOf(file.list), register: pieceOf(file.register) };
    return { ...file, signature: by.sign(periodStatement(periodDigest(head))) };
  };
  const period: Period = signed({ ...unsigned, format: 'keyturn-period/1' });

  test('an untouched one passes, from the middle of the list too', async () => {
    const { code, err, out } = await cli.run('verify', write(period));
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toContain('notice');
    expect((await cli.run('verify', write(period), '--key', fingerprintOf(signer.key))).code).toBe(0);
  });

  test('one of an earlier release passes with a notice, unless a key is asked for', async () => {
    const { code, err, out } = await cli.run('verify', write(unsigned));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/notice: The file as a whole bears no signature .* Export it again/);
    const pinned = await cli.run('verify', write(unsigned), '--key', fingerprintOf(signer.key));
    expect([pinned.code, pinned.err]).toEqual([1, expect.stringMatching(/bears no signature.*\[unsigned]/)]);
  });

  test.each<[string, Partial<Period>]>([
    ['a run with its entries at the end of the list', { runs: [], list: [] }],
    ['a run that no entry of the list names', { runs: [] }],
    ['the end of the list', { list: list.slice(0, -1) }],
    ['the beginning of the list', { list: list.slice(1) }],
    ['the end of the register', { register: [] }],
    ['the day that it ends', { to: '1970-01-01T12:00:00.000Z' }],
    ['its cluster', { cluster: 'other-prod' }],
    ['a deletion that is made up', { deleted: ['runbefore'] }],
  ])('%s changed after the export is named by the signature', async (_title, change) => {
    const { code, err } = await cli.run('verify', write({ ...period, ...change }));
    expect([code, err]).toEqual([1, expect.stringMatching(/The signature of the file does not fit: .*\[wrongSignature]/)]);
  });

  test('what came after the end of a run taken out of it is named by the signature', async () => {
    const entries = logOf('register', [
      { kind: 'lateNote', run: RUN, cluster: 'c', what: 'written', ts: '1.1', by: { team: 'T1', user: 'U1', name: 'Ada' }, text: 'odd' },
    ]);
    const afterwards = { entries: [...entries], signature: signer.sign(afterwardsStatement(RUN, entries)) };
    const whole = signed({ ...unsigned, format: 'keyturn-period/1', runs: [{ ...record, afterwards }] });
    expect(await cli.run('verify', write(whole))).toMatchObject({ code: 0, err: '' });
    const { err } = await cli.run('verify', write({ ...whole, runs: [record] }));
    expect(err).toMatch(/The signature of the file does not fit/);
  });

  test('signed anew by somebody else, it is told by the key alone', async () => {
    const forged = write(signed({ ...unsigned, format: 'keyturn-period/1', runs: [], list: [] }, createSigner(Buffer.alloc(32, 'forger'))));
    const { err } = await cli.run('verify', forged, '--key', fingerprintOf(signer.key));
    expect(err).toMatch(/The record is signed by key [0-9a-f]{16}, not by .*\[otherKey]/);
  });

  test('a run that was deleted for its age, or is of another cluster than asked for, is not missed', async () => {
    const all = { ...unsigned, format: 'keyturn-period/1' as const, list: [...logOf('runs', listing)] };
    expect((await cli.run('verify', write(signed(all)))).err).toMatch(/runbefore, restart on .*\[vanished]/);
    const deleted = await cli.run('verify', write(signed({ ...all, deleted: ['runbefore'] })));
    expect([deleted.code, deleted.out]).toEqual([0, expect.stringMatching(/not to be kept any longer when it was made: runbefore/)]);
    const elsewhere = listing.map((each) => (each.kind === 'runBegan' && each.run !== RUN ? { ...each, cluster: 'other-prod' } : each));
    const other = { ...all, cluster: 'sample-prod', list: [...logOf('runs', elsewhere)] };
    expect(await cli.run('verify', write(signed(other)))).toMatchObject({ code: 0, err: '', out: expect.not.stringContaining('notice') });
    const { cluster: _cluster, ...every } = other;
    expect((await cli.run('verify', write(signed(every)))).err).toMatch(/runbefore, restart on other-prod.*\[vanished]/);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'a run taken out',
      { ...period, runs: [record], list: logOf('runs', listing) },
      /runbefore, restart on sample-prod, requested by U1, is in the list of/,
    ],
    ['an entry of the list taken out', { ...period, list: [...list, ...list.slice(0, 1)] }, /In the list of runs: .*\[reordered]/],
    ['an edited entry of the list', { ...period, list: list.map((each) => ({ ...each, at: '9' })) }, /In the list of runs: .*\[edited]/],
    [
      'an entry in the middle of the list taken out',
      { ...period, list: logOf('runs', listing).filter(({ seq }) => seq !== 2) },
      /entry 2: In the list of runs: Event 2 is missing\. \[missing]/,
    ],
    [
      'what is no list',
      { ...period, list: 'x' },
      /The list of runs or the register in the file has not the form of keyturn-period\/1\. \[unreadable]/,
    ],
    [
      'an edited entry of the register',
      { ...period, register: register.map((each) => ({ ...each, at: '9' })) },
      /In the register: .*\[edited]/,
    ],
    [
      'a run that ends otherwise than the list says',
      {
        ...period,
        list: logOf(
          'runs',
          listing.map((each) => (each.kind === 'runEnded' ? { ...each, seq: 9 } : each)),
        ).slice(1),
      },
      /run2: the list of runs says that it ended with event 9/,
    ],
    ['a run in it that was edited', { ...period, runs: [without(4, record)] }, /event 4: Event 4 is missing/],
  ])('%s is named', async (_title, tampered, words) => {
    const { code, err } = await cli.run('verify', write(tampered));
    expect([code, err]).toEqual([1, expect.stringMatching(words)]);
  });
});
