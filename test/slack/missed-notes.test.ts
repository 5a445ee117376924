/** Replies that nobody heard, read from their threads over the sandbox Slack by the real client. */
import { createInflight } from '../../src/slack/inflight.ts';
import { createMissedNotes, missedIn } from '../../src/slack/missed-notes.ts';
import { createFirstOf } from '../../src/slack/past-thread.ts';
import { createWebClient } from '../../src/slack/web.ts';
import { type Bench, startBench } from './bench.ts';
import { OPS, stateOf, TEAM } from './fake-desk.ts';

const RUN = 'runnotes22';
const HOSTILE = 'see <!channel> &amp; *all* ```\u202e <https://evil.example|here>';

let bench: Bench;
let thread: string;
beforeEach(async () => {
  // Nothing is told by itself: whatever is kept was read.
  bench = await startBench('socket', { events: [] });
  thread = await bench.post('keyturn_pause', RUN);
  bench.threads.set(RUN, thread);
  bench.desk.runs.set(RUN, stateOf(RUN));
});
afterEach(() => bench.close());

const notes = () => bench.desk.runs.get(RUN)?.notes;
const say = (person: string, text: string, at = thread) => bench.sandbox.person(person).say({ channel: OPS, text, thread_ts: at });

async function read(): Promise<void> {
  const inflight = createInflight();
  const { desk, config, log, threads } = bench;
  const person = { team: TEAM, user: 'U0ALEX0001', name: 'Alex' };
  const web = createWebClient(config, log.logger);
  const missed = createMissedNotes({
    office: {
      desk,
      log: log.logger,
      threadOf: async (run) => threads.get(run),
      firstOf: createFirstOf(web),
      directory: { standingOf: async () => ({ person, memberOf: [], kind: { kind: 'member' } }) },
    },
    web,
    inflight,
    log: log.logger,
    bot: 'U0KEYTURN1',
  });
  missed.start();
  await inflight.drained(10_000);
  missed.close();
}

test('what was written, edited and deleted meanwhile is made up, once', async () => {
  const first = await say('alex', 'looks odd');
  const second = await say('alex', HOSTILE);
  await read();
  await bench.sandbox.person('alex').edit({ channel: OPS, ts: first.ts, text: 'looks fine' });
  await bench.sandbox.channel(OPS).deleteMessage(second.ts);
  await read();
  await read();
  expect(notes()).toEqual({ [first.ts]: { text: 'looks fine', edits: 1 }, [second.ts]: { text: undefined, edits: 1 } });
});

test('orders, what Keyturn says, and other threads are no notes', async () => {
  await say('alex', '<@U0KEYTURN1> status');
  await bench.sandbox.person('alex').say({ channel: OPS, text: 'hello' });
  const other = await bench.post('keyturn_pause', 'another');
  await say('alex', 'elsewhere', other);
  await read();
  expect(notes()).toEqual({});
});

test('the thread of a run that has just ended is read, of one that ended long ago it is not', async () => {
  const over = (run: string, at: number) => stateOf(run, { ended: { outcome: 'succeeded', why: 'it was done', at } });
  const old = await bench.post('keyturn_pause', 'runold2222');
  bench.threads.set('runold2222', old);
  bench.desk.runs.set('runold2222', over('runold2222', Date.now() - 2 * 86_400_000));
  bench.desk.runs.set(RUN, over(RUN, Date.now() - 1_000));
  await say('alex', 'just before the end');
  await say('alex', 'of no interest', old);
  await read();
  expect(bench.desk.remarks.map(({ run, remark }) => [run, remark.kind === 'deleted' ? '' : remark.text])).toEqual([
    [RUN, 'just before the end'],
  ]);
});

test('a thread of many pages is read to its end', async () => {
  for (let count = 0; count < 250; count += 1) await say('alex', `note ${count}`);
  await read();
  expect(Object.keys(notes() ?? {})).toHaveLength(250);
});

test('where a page is missing, no note is taken for deleted', async () => {
  for (let count = 0; count < 250; count += 1) await say('alex', `note ${count}`);
  await read();
  expect(Object.keys(notes() ?? {})).toHaveLength(250);
  bench.sandbox.fail('conversations.replies', { status: 500, when: (args) => args.cursor !== undefined });
  await read();
  expect(Object.values(notes() ?? {}).filter(({ text }) => text === undefined)).toEqual([]);
  expect(bench.log.lines.filter((line) => line.includes('replies that were missed'))).toHaveLength(1);
});

test('a tombstone is a note that was deleted', () => {
  const state = stateOf(RUN, { notes: { '2.1': { text: 'gone', edits: 0 } } });
  const standing = [{ ts: '1.0' }, { ts: '2.1', subtype: 'tombstone', thread_ts: '1.0', user: 'USLACKBOT', text: 'deleted' }];
  expect(missedIn(state, '1.0', standing)).toEqual([{ kind: 'deleted', channel: OPS, thread: '1.0', ts: '2.1' }]);
});
