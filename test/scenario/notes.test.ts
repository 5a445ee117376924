/** What people write in the thread of a run is part of its record, whatever becomes of it in Slack. */
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

test('an edit of what nobody heard is its writer’s note, and the record stays sound', async () => {
  const alex = town.slack.person('alex');
  await town.killBot();
  const said = await alex.say({ channel: OPS, text: 'nobody hears this', thread_ts: thread.ts });
  await town.startBot();
  await alex.edit({ channel: OPS, ts: said.ts, text: 'now somebody does' });
  const notes = await until(said.ts);
  expect(notes.filter(({ ts }) => ts === said.ts)).toEqual([expect.objectContaining({ kind: 'noted', text: 'now somebody does' })]);
  expect(await runCommand(town, 'verify', thread.run)).toMatchObject({ code: 0 });
}, 60_000);

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
