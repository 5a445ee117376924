import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { createOutputStore, type OutputSink, outputPath } from '../../src/record/output.ts';
import { readOutput } from '../../src/record/read-output.ts';

const id = { run: 'run1', step: 'S1', host: 'alpha', attempt: 1 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function fill(sink: OutputSink, chunks: readonly Buffer[]): Promise<void> {
  for await (const chunk of Readable.from(chunks)) {
    if (!sink.stream.write(chunk)) await new Promise((resume) => sink.stream.once('drain', resume));
  }
}

test.each([
  ['a small output', 10_000],
  ['one that outgrows memory', 3_000_000],
])('the file and its digest hold %s', async (_title, size) => {
  const content = Buffer.alloc(size, 'line\n');
  const sink = createOutputStore(folder).open(id);
  await fill(
    sink,
    Array.from({ length: Math.ceil(size / 70_000) }, (_, i) => content.subarray(i * 70_000, (i + 1) * 70_000)),
  );
  const digest = await sink.finish();
  expect(digest).toMatchObject({ bytes: size, lines: size / 5, path: 'output/run1/S1.alpha.1.log.gz', dropped: 0 });
  expect(digest.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  expect(digest.head + digest.tail).toBe(content.subarray(0, 4096).toString() + content.subarray(-4096).toString());
  expect(gunzipSync(readFileSync(join(folder, digest.path ?? ''))).equals(content)).toBe(true);
  expect(readdirSync(join(folder, 'output/run1'))).toEqual(['S1.alpha.1.log.gz']);
});

test.each([0, 1000, 4095])('an output of %s bytes that fits the head has no file', async (size) => {
  const content = Buffer.alloc(size, 'line\n');
  const sink = createOutputStore(folder).open(id);
  await fill(sink, [content]);
  const digest = await sink.finish();
  expect(digest).toMatchObject({ bytes: size, lines: size / 5, head: content.toString(), tail: content.toString(), dropped: 0 });
  expect(digest.sha256).toBe(createHash('sha256').update(digest.head).digest('hex'));
  expect(digest.path).toBeUndefined();
  expect(await readOutput(folder, digest, 10_000)).toBe(content.toString());
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['a byte that is no character', Buffer.from([0x61, 0xff, 0x0a])],
  // Loses two bytes at its end and wins two in the middle: as text it is as long as it was.
  ['a broken character at the end', Buffer.from([0xff, 0x61, 0xe2, 0x82])],
])('a short output with %s has a file', async (_title, content) => {
  const sink = createOutputStore(folder).open(id);
  await fill(sink, [content]);
  const digest = await sink.finish();
  expect(gunzipSync(readFileSync(join(folder, digest.path ?? ''))).equals(content)).toBe(true);
});

test('lines are counted however the bytes lie in memory', async () => {
  const memory = Buffer.from('x\n\nyy\nzzz\n\n\n\nabc\n\u0100\n\u008a\n');
  for (let from = 0; from < 8; from += 1) {
    for (let to = from; to <= memory.length; to += 1) {
      const sink = createOutputStore(folder).open(id);
      await fill(sink, [memory.subarray(from, to)]);
      const text = memory.subarray(from, to).toString('latin1');
      const open = text === '' || text.endsWith('\n') ? 0 : 1;
      expect((await sink.finish()).lines).toBe(text.split('\n').length - 1 + open);
    }
  }
});

test('beyond the limit bytes are counted, not kept', async () => {
  const sink = createOutputStore(folder).open(id, { maxBytes: 10 });
  await fill(sink, [Buffer.from('1234567'), Buffer.from('89abcdef'), Buffer.from('ghi')]);
  expect(await sink.finish()).toMatchObject({ bytes: 10, head: '123456789a', dropped: 8 });
});

test('what is discarded leaves no file', async () => {
  const sink = createOutputStore(folder).open(id);
  await fill(sink, [Buffer.alloc(1_000_000)]);
  const closed = new Promise((resolve) => sink.stream.once('close', resolve));
  await sink.discard();
  await closed;
  expect(existsSync(join(folder, outputPath(id)))).toBe(false);
});

test('a character cut at the edge of head and tail is left out', async () => {
  const sink = createOutputStore(folder).open(id);
  await fill(sink, [Buffer.from(`a${'ż'.repeat(4096)}`)]);
  const digest = await sink.finish();
  expect(digest.head).toBe(`a${'ż'.repeat(2047)}`);
  expect(digest.tail).toBe('ż'.repeat(2048));
});

test.each([
  ['a small output', 5_000],
  ['one that outgrows memory', 600_000],
])('a folder that cannot be written is an error, not a crash: %s', async (_title, size) => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  const sink = createOutputStore(blocked).open(id);
  sink.stream.on('error', () => undefined);
  sink.stream.write(Buffer.alloc(size));
  await expect(sink.finish()).rejects.toThrow();
});

test.each(['../up', 'a/b', '', '-x', '.hidden', 'a b'])('"%s" cannot be part of an attempt', (step) => {
  expect(() => outputPath({ ...id, step })).toThrow(/step of an attempt/);
});
