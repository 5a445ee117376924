/** A long output stands whole in the thread, as a file with the very bytes whose SHA-256 the message names; once, whatever dies. */
import { createHash } from 'node:crypto';
import { runCommand } from './program.ts';
import { OPS, quick, startTown, type ThreadView, type Town } from './town.ts';

const LONG = `
  - id: L1
    title: Print a long log
    on: any engine
    run: seq 1 4000
    timeout: 1m
    read_only: true
`;
let town: Town;
afterEach(() => town.close());

async function runWithLog(): Promise<ThreadView> {
  town = await startTown({ procedures: (yaml) => quick(yaml).replace(/^steps:.*$/m, (line) => `${line}${LONG}`) });
  return town.begin();
}

const numbers = `${Array.from({ length: 4_000 }, (_each, index) => index + 1).join('\n')}\n`;
const sha256 = createHash('sha256').update(numbers).digest('hex');

async function fileIn(thread: ThreadView) {
  const message = await thread.see(/Whole output of L1/, 30_000);
  return message.files?.[0];
}

test('the file has the bytes whose hash stands in the message', async () => {
  const thread = await runWithLog();
  const shown = await thread.see(/\*L1 .*succeeded/);
  const file = await fileIn(thread);
  expect(JSON.stringify(shown)).toContain(sha256);
  expect(JSON.stringify(shown)).toMatch(/lines omitted/);
  const kept = [...town.slack.world.files.values()].filter(({ name }) => name.startsWith('L1.'));
  expect(
    kept.map(({ content }) =>
      createHash('sha256')
        .update(content ?? '')
        .digest('hex'),
    ),
  ).toEqual([sha256]);
  expect(file).toBeDefined();
  await town.type('dana', `/ha cancel ${thread.run} seen enough`);
  await thread.see(/: cancelled/);
  const { code, out, err } = await runCommand(town, 'verify', '--slack', thread.run);
  expect({ code, out, err }).toMatchObject({ code: 0 });
}, 90_000);

test('a bot that is killed while it uploads leaves one file in the thread', async () => {
  const thread = await runWithLog();
  await town.slack.waitFor(() => town.slack.callsOf('files.completeUploadExternal').length > 0, { what: 'the upload', timeoutMs: 30_000 });
  await town.killBot();
  await town.startBot();
  await thread.see(/^\*S3 .*: UNSAFE/, 30_000);
  await fileIn(thread);
  await town.type('dana', `/ha cancel ${thread.run} seen enough`);
  await thread.see(/: cancelled/);
  const files = town.slack
    .channel(OPS)
    .thread(thread.ts)
    .filter(({ files }) => (files ?? []).length > 0);
  expect(files).toHaveLength(1);
}, 120_000);
