/** Files in threads, over the sandbox Slack: once, whatever dies and whatever is refused, and never in the way of anything else. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createContentOf } from '../../../src/record/contents.ts';
import { createOutputStore } from '../../../src/record/output.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import type { OutboxOptions } from '../../../src/slack/outbox/outbox.ts';
import { MOST_FILE_BYTES } from '../../../src/slack/views/index.ts';
import { intended, leading, type Office, startOffice, succeeded } from './office.ts';

const RUN = 'runabc234';
const PLACE = 'files.getUploadURLExternal';
const SHARE = 'files.completeUploadExternal';
const LOOK = 'conversations.replies';
const HOSTILE = '<!channel> *bold* <https://evil.example|click> \u202e `x` &lt;\n';

let office: Office;
let record: string;
beforeEach(async () => {
  office = await startOffice();
  record = await mkdtemp(join(tmpdir(), 'keyturn-files-'));
}, 30_000);
afterEach(async () => {
  await office.close();
  await rm(record, { recursive: true });
});

/** A step whose output lies in the record, as the worker writes it. */
async function printedStep(step: string, printed: string): Promise<{ readonly events: readonly RunEvent[]; readonly sha256: string }> {
  const sink = createOutputStore(record).open({ run: RUN, step, host: 'main-1', attempt: 1 });
  if (!sink.stream.write(printed)) await once(sink.stream, 'drain');
  const { dropped: _dropped, ...output } = await sink.finish();
  const attempt = { step, host: 'main-1', attempt: 1 };
  return {
    sha256: createHash('sha256').update(printed).digest('hex'),
    events: [
      { kind: 'stepOpened', step, hosts: ['main-1'] },
      intended(step),
      { kind: 'attemptEnded', ...attempt, outcome: { kind: 'finished', status: 0 }, output },
      { kind: 'hostPassed', ...attempt, seen: 'all well' },
    ],
  };
}

const outbox = (more: Partial<OutboxOptions> = {}) => office.outbox({ fileContent: createContentOf(record, MOST_FILE_BYTES), ...more });
const long = (word: string): string => `${word}\n`.repeat(3_000);
const withFile = () => office.thread(RUN).filter(({ files }) => (files ?? []).length > 0);
const shares = () => office.slack.callsOf(SHARE);
const hashes = () =>
  [...office.slack.world.files.values()].map(({ content }) =>
    createHash('sha256')
      .update(content ?? '')
      .digest('hex'),
  );
const warnings = () => office.logged.filter((line) => line.includes('is not put into its thread as a file'));

/** The whole thread but for files, in order. */
const texts = () =>
  office
    .thread(RUN)
    .filter(({ files }) => (files ?? []).length === 0)
    .map(({ text }) => text.split('\n')[0]);
const WHOLE = [/: succeeded/, /^Plan of/, /^S1 .*: succeeded/, /: succeeded/].map((each) => expect.stringMatching(each));

async function shownOnce(step: { readonly sha256: string }): Promise<void> {
  expect(withFile()).toHaveLength(1);
  expect(withFile()[0]?.text).toContain(step.sha256);
  expect(withFile()[0]?.text).toMatch(/S1 do S1 on main-1.*\n?.*run runabc234/s);
  expect(hashes().at(-1)).toBe(step.sha256);
}

test('hostile bytes arrive as they are, and their text harms nobody', async () => {
  const step = await printedStep('S1', HOSTILE.repeat(500));
  await office.begin(RUN, [...step.events, succeeded]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  await box.close();
  await shownOnce(step);
  expect(texts()).toEqual(WHOLE);
  for (const { text } of office.thread(RUN)) expect(text).not.toMatch(/<!channel>|<https:/);
});

test('killed between the upload and the bookkeeping, it stands there once', async () => {
  const step = await printedStep('S1', long('once'));
  await office.begin(RUN, [...step.events, succeeded]);
  office.slack.fail(SHARE, { hangAfterProcessing: true });
  const first = outbox();
  await leading(first, office);
  await office.slack.waitFor(() => withFile().length === 1, { what: 'the file' });
  const second = outbox();
  second.start();
  // The first one hangs in its call and loses the lease without another word.
  const closing = first.close();
  await office.slack.waitFor(() => second.health().leads, { what: 'the second leads', timeoutMs: 20_000 });
  await second.settled(RUN);
  await second.close();
  expect(shares()).toHaveLength(1);
  await shownOnce(step);
  await closing;
}, 60_000);

test.each([
  ['the answer is lost', SHARE, { dropReplyAfterProcessing: true }, 1],
  ['Slack asks to wait at the beginning', PLACE, { rateLimited: 1 }, 1],
  ['Slack asks to wait at the end', SHARE, { rateLimited: 1 }, 2],
] as const)('it stands there once where %s', async (_title, method, fault, calls) => {
  const step = await printedStep('S1', long('again'));
  office.slack.fail(method, fault);
  await office.begin(RUN, [...step.events, succeeded]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  await box.settled(RUN);
  await box.close();
  expect(shares()).toHaveLength(calls);
  await shownOnce(step);
  expect(texts()).toEqual(WHOLE);
});

test.each([
  ['file_uploads_disabled', PLACE],
  ['missing_scope', PLACE],
  ['storage_limit_reached', PLACE],
  ['file_uploads_except_images_disabled', SHARE],
])('refused with %s, the thread stands without, and the log says so once', async (error, method) => {
  office.slack.fail(method, { error, times: 100 });
  const steps = [await printedStep('S1', long('one')), await printedStep('S2', long('two'))];
  await office.begin(RUN, [...steps.flatMap(({ events }) => events), succeeded]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  expect(box.health().parked).toEqual([]);
  await box.close();
  expect(withFile()).toEqual([]);
  expect(office.thread(RUN).at(-1)?.text).toContain('Took');
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain(error);
});

test('a file that is missing here or was changed is not uploaded', async () => {
  const steps = [await printedStep('S1', long('gone')), await printedStep('S2', long('right'))];
  await rm(join(record, 'output', RUN, 'S1.main-1.1.log.gz'));
  const [, , ended] = steps[1]?.events ?? [];
  if (ended?.kind !== 'attemptEnded' || ended.output === undefined) throw new Error('no output');
  const forged = { ...ended, output: { ...ended.output, sha256: 'f'.repeat(64) } };
  await office.begin(RUN, [
    ...(steps[0]?.events ?? []),
    ...(steps[1]?.events ?? []).map((event) => (event === ended ? forged : event)),
    succeeded,
  ]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  await box.close();
  expect(office.slack.callsOf(PLACE)).toEqual([]);
  expect(warnings().join('')).toMatch(/not in the folder of the record.*another SHA-256/s);
});

test('a gigantic output stays in the record, and its message says so', async () => {
  const step = await printedStep('S1', 'x'.repeat(99).concat('\n').repeat(110_000));
  await office.begin(RUN, [...step.events, succeeded]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  await box.close();
  expect(office.slack.callsOf(PLACE)).toEqual([]);
  const shown = JSON.stringify(office.thread(RUN)[2]);
  expect(shown).toContain(step.sha256);
  expect(shown).toContain('too long for a file in this thread');
  expect(shown).toContain(`output/${RUN}/S1.main-1.1.log.gz`);
});

test('an upload that hangs keeps no message back', async () => {
  const step = await printedStep('S1', long('slow'));
  office.slack.fail(PLACE, { hang: true });
  await office.begin(RUN, step.events);
  const box = await leading(outbox(), office);
  await office.slack.waitFor(() => office.slack.callsOf(PLACE).length > 0, { what: 'the upload' });
  const begun = performance.now();
  await office.append(RUN, [succeeded]);
  await office.slack.waitFor(() => texts().length === 4, { what: 'the end', timeoutMs: 9_000 });
  expect(performance.now() - begun).toBeLessThan(4_000);
  expect(withFile()).toEqual([]);
  await box.close();
}, 40_000);

test('where the thread cannot be read back, nothing is tried for ever', async () => {
  const step = await printedStep('S1', long('blind'));
  office.slack.fail(LOOK, { error: 'missing_scope', times: 1_000 });
  await office.begin(RUN, [...step.events, succeeded]);
  const box = await leading(outbox(), office);
  await box.settled(RUN);
  await box.close();
  expect(shares()).toHaveLength(1);
  expect(warnings()).toHaveLength(1);
  expect(warnings()[0]).toContain('it may stand there');
});
