/** A whole run of the built bot over sandbox hosts: its journal, outputs, list entry and thread verify as they stand, and an edit is seen. */
import { runCommand } from './program.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let thread: ThreadView;

beforeAll(async () => {
  town = await startTown();
  thread = await town.begin();
  await thread.approveToTheEnd();
}, 90_000);
afterAll(() => town.close());

const world = () => ({ env: { ...town.env }, folder: town.folder });

test('every message of a real run is what the journal makes of it', async () => {
  const told = await runCommand(world(), 'verify', '--slack');
  expect(told).toMatchObject({ code: 0, err: '' });
  expect(told.out).toMatch(/ {2}sound {2}restart on /);
  expect(told.out).not.toContain('notice');
}, 30_000);

test('a reply that was deleted is named, and the running bot posts it again', async () => {
  const reply = thread.messages().find(({ text }) => /^S4 /.test(text));
  if (reply === undefined) throw new Error(thread.texts().join('\n'));
  await town.slack.channel('ops').deleteMessage(reply.ts);
  expect((await runCommand(world(), 'verify', '--slack')).err).toMatch(/The message “S4 [^”]*” of .* was posted and is gone from Slack/);
  expect((await runCommand(world(), 'verify', '--slack', '--repost')).out).toContain('Posted again: “S4 ');
  expect(await runCommand(world(), 'verify', '--slack')).toMatchObject({ code: 0, err: '' });
}, 60_000);
