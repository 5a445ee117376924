/** Contents of outputs in an export: whole, proved and bounded. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createContents } from '../../src/record/contents.ts';
import { createOutputStore } from '../../src/record/output.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-contents-'));
  mkdirSync(join(folder, 'output', 'run1'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** As the worker keeps it; `told` is what the journal says of it. */
function kept(name: string, content: Buffer, told: { readonly sha256?: string; readonly bytes?: number } = {}) {
  const path = `output/run1/${name}.log.gz`;
  writeFileSync(join(folder, path), gzipSync(content));
  return { path, sha256: sha256(content), bytes: content.length, ...told };
}

test('what the worker kept is given whole', async () => {
  const sink = createOutputStore(folder).open({ run: 'run1', step: 'S1', host: 'web-1', attempt: 1 });
  const text = 'line ä\n'.repeat(2_000);
  sink.stream.write(Buffer.from(text));
  const { path = '', bytes, sha256: hash } = await sink.finish();
  expect(await createContents(folder)({ path, bytes, sha256: hash })).toEqual({ kind: 'text', text });
});

test('what is no text is given as base64', async () => {
  const content = Buffer.from([0xff, 0xfe, 0, 1]);
  expect(await createContents(folder)(kept('binary', content))).toEqual({ kind: 'base64', base64: content.toString('base64') });
});

test('a byte order mark stays where it was', async () => {
  const content = Buffer.from('\uFEFFtext');
  expect(await createContents(folder)(kept('bom', content))).toEqual({ kind: 'text', text: '\uFEFFtext' });
});

test.each([
  [
    'another content',
    () => kept('other', Buffer.from('made up'), { sha256: sha256(Buffer.from('what was')) }),
    /^NOT WHAT WAS RECORDED: .*another SHA-256/,
  ],
  ['a longer one', () => kept('longer', Buffer.from('made up'), { bytes: 3 }), /^NOT WHAT WAS RECORDED: .*more than its 3 bytes/],
  ['a missing one', () => ({ path: 'output/run1/none.log.gz', sha256: '', bytes: 1 }), /^its file is not in the folder of the record/],
  ['a path out of the folder', () => ({ path: 'output/../../etc/passwd', sha256: '', bytes: 1 }), /^NOT WHAT WAS RECORDED: its path/],
  ['a path beside the outputs', () => ({ path: 'installation.key', sha256: '', bytes: 1 }), /^NOT WHAT WAS RECORDED: its path/],
] as const)('%s is named and never given', async (_what, make, why) => {
  const content = await createContents(folder)(make());
  expect(content).toEqual({ kind: 'elsewhere', why: expect.stringMatching(why) });
});

test('a file that is not compressed is named', async () => {
  writeFileSync(join(folder, 'output/run1/plain.log.gz'), 'plain');
  const content = await createContents(folder)({ path: 'output/run1/plain.log.gz', sha256: '', bytes: 5 });
  expect(content).toEqual({ kind: 'elsewhere', why: expect.stringContaining('cannot be unpacked') });
});

test('limits hold for each output and for all of a run', async () => {
  const give = createContents(folder, { each: 10, all: 15 });
  expect(await give(kept('a', Buffer.from('0123456789')))).toMatchObject({ kind: 'text' });
  expect(await give(kept('b', Buffer.from('0123456789x')))).toMatchObject({ why: 'it has 11 bytes, and an export holds outputs up to 10' });
  expect(await give(kept('c', Buffer.from('012345')))).toMatchObject({ why: expect.stringContaining('15 bytes in all') });
  expect(await give(kept('d', Buffer.from('01234')))).toMatchObject({ kind: 'text' });
});

test('a gigabyte behind a small number is not unpacked into memory', async () => {
  const path = 'output/run1/bomb.log.gz';
  // Members of a gzip file follow one another, as a stream of one file.
  const part = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  writeFileSync(join(folder, path), Buffer.concat(Array.from({ length: 16 }, () => part)));
  const before = process.memoryUsage().rss;
  const content = await createContents(folder)({ path, sha256: '', bytes: 1000 });
  expect(content).toMatchObject({ why: expect.stringContaining('more than its 1000 bytes') });
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
});
