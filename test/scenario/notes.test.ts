/** What people write in the thread of a run is part of its record, whatever becomes of it in Slack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './program.ts';
import { OPS, startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let thread: ThreadView;
beforeAll(async () => {
  town = await startTown({ hosts: { seconds: { stop: 1, start: 0.2, services: 0.2 } } });
  thread = await town.begin();
  await thread.see(/^\*S3 .*: UNSAFE/);
}, 90_000);
afterAll(() => town.close());

test('a reply, its edit and its deletion are in the journal; other threads and orders are not', async () => {
  const alex = town.slack.person('alex');
  const channel = OPS;
  const top = thread.ts;
  const elsewhere = await alex.say({ channel, text: 'lunch?' });
  await alex.say({ channel, text: 'in another thread', thread_ts: elsewhere.ts });
  const said = await alex.say({ channel, text: 'engine-02 <looks> odd & slow', thread_ts: top });
  await alex.edit({ channel, ts: said.ts, text: 'engine-02 is fine' });
  await town.slack.channel(channel).deleteMessage(said.ts);
  const last = await alex.say({ channel, text: 'going on', thread_ts: top });
  const notes = await until(last.ts);
  expect(notes).toEqual([
    expect.objectContaining({
      kind: 'noted',
      ts: said.ts,
      text: 'engine-02 <looks> odd & slow',
      by: expect.objectContaining({ user: alex.user.id }),
    }),
    { kind: 'noteEdited', ts: said.ts, text: 'engine-02 is fine' },
    { kind: 'noteDeleted', ts: said.ts },
    expect.objectContaining({ kind: 'noted', ts: last.ts, text: 'going on' }),
  ]);
}, 60_000);

test('what is written while no bot runs is in the journal, and the end counts the notes', async () => {
  const alex = town.slack.person('alex');
  await town.killBot();
  const said = await alex.say({ channel: OPS, text: 'nobody hears <!here> this', thread_ts: thread.ts });
  await alex.edit({ channel: OPS, ts: said.ts, text: 'nobody hears <!here> that' });
  await town.startBot();
  const notes = await until(said.ts);
  expect(notes.filter(({ ts }) => ts === said.ts)).toEqual([expect.objectContaining({ kind: 'noted', text: 'nobody hears <!here> that' })]);
  await town.type('dana', `/ha cancel ${thread.run} seen enough`);
  const end = await thread.see(/: cancelled\*?\n/, 30_000);
  expect(end.text).toContain('Notes: 3 replies of people in the thread, 1 of them deleted since.');
  expect(end.text).toMatch(/Record: \d+ events, head [0-9a-f]{64}, signed \S+ by key [0-9a-f]{16}/);
  const { code, out, err } = await runCommand(town, 'verify', '--slack', thread.run);
  expect({ code, out, err }).toMatchObject({ code: 0 });
}, 90_000);

test('what is written after the end stands in the register and in the exported record, which proves', async () => {
  const alex = town.slack.person('alex');
  const said = await alex.say({ channel: OPS, text: 'Queries are fine again.', thread_ts: thread.ts });
  await alex.edit({ channel: OPS, ts: said.ts, text: 'Queries are fine again, CHG-4711 is closed.' });
  await town.slack.channel(OPS).deleteMessage(said.ts);
  await alex.say({ channel: OPS, text: `not of ${thread.run} at all` });
  await listed(3);
  expect(await runCommand(town, 'export', thread.run, '--format', 'md', '--out', 'after.md')).toMatchObject({ code: 0 });
  expect(await runCommand(town, 'export', thread.run, '--format', 'json', '--out', 'after.json')).toMatchObject({ code: 0 });
  const page = readFileSync(join(town.folder, 'after.md'), 'utf8');
  expect(page).toMatch(
    /After the end of the run[\s\S]*Queries are fine again\.[\s\S]*edited; it says now[\s\S]*CHG-4711[\s\S]*deleted in Slack/,
  );
  expect(await runCommand(town, 'verify', 'after.json')).toMatchObject({ code: 0 });
  expect(await runCommand(town, 'verify')).toMatchObject({ code: 0 });
}, 90_000);

async function listed(count: number): Promise<void> {
  for (const end = Date.now() + 20_000; ; await delay(100)) {
    const { out } = await runCommand(town, 'register', 'notes', '--json');
    const found = out.split('\n').filter((line) => line.includes(thread.run));
    if (found.length === count) return;
    if (Date.now() > end) throw new Error(`in the register: ${out}`);
  }
}

async function until(ts: string) {
  for (const end = Date.now() + 20_000; ; await delay(100)) {
    const { out } = await runCommand(town, 'export', thread.run, '--format', 'json', '--out', '-');
    const events: readonly { readonly kind: string; readonly ts?: string }[] = JSON.parse(out).entries.map((entry: { event: string }) =>
      JSON.parse(entry.event),
    );
    const notes = events.filter(({ kind }) => kind.startsWith('note'));
    if (notes.some((event) => event.ts === ts) || Date.now() > end) return notes;
  }
}
