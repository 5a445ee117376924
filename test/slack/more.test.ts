/** The button under a page of `/ha history`, over both transports: the page after it, with the same filters, as whoever clicks may read now. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlsOf, type Ephemeral, type Seen, visibleText } from '../../infra/sandbox/slack/server.ts';
import { createIndex, type HistoryIndex } from '../../src/history/index.ts';
import type { RunSummary } from '../../src/history/summary.ts';
import { type Bench, startBench } from './bench.ts';
import { cluster, dana } from './fake-desk.ts';

const BEGAN = 1_790_000_000_000;
let folder: string;
let index: HistoryIndex;
let bench: Bench;

function runAt(number: number, more: Partial<RunSummary> = {}): RunSummary {
  return {
    ...{
      run: `run${String(number).padStart(3, '0')}`,
      seq: 1,
      procedure: 'restart',
      product: 'atscale',
      cluster: 'atscale-prod',
      hosts: [],
      roles: [],
    },
    ...{
      requester: dana,
      approvers: [],
      outcome: 'succeeded',
      started: BEGAN + number * 60_000,
      ended: undefined,
      channel: 'C1',
      words: 'stop',
    },
    ...more,
  };
}

async function open(kind: 'socket' | 'http'): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-more-'));
  index = createIndex({ file: join(folder, 'history.db'), store: 'one', exclusive: async (work) => ({ value: work(), alone: true }) });
  await index.put(Array.from({ length: 25 }, (_, at) => runAt(at)));
  bench = await startBench(kind, {}, undefined, undefined, index);
}
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function answerTo(seen: Seen): Promise<Ephemeral> {
  return bench.sandbox.waitFor(() => seen.ephemeral[0], { what: 'a private answer' });
}

const asked = async (text: string, person = 'dana'): Promise<Ephemeral> =>
  answerTo(await bench.sandbox.person(person).command({ channel: 'ops', text }));
const more = async (under: Ephemeral, person = 'dana'): Promise<Ephemeral> =>
  answerTo(await bench.sandbox.person(person).click({ channel: 'ops', ts: under.id, label: 'More' }));
const runsIn = (answer: Ephemeral): string =>
  [...new Set(visibleText(answer).match(/run\d{3}/g))].map((run) => String(Number(run.slice(3)))).join(' ');
const buttons = (answer: Ephemeral) => controlsOf(answer.blocks);

describe.each(['socket', 'http'] as const)('over %s', (kind) => {
  beforeEach(() => open(kind));

  test('every run stands on one page, also when more begin meanwhile', async () => {
    const first = await asked('/ha history restart by:me since:2020-01-01');
    expect(runsIn(first)).toBe('24 23 22 21 20 19 18 17 16 15');
    await index.put([runAt(30, { started: Date.now() + 5_000 })]);
    const second = await more(first);
    expect(visibleText(second)).toMatch(/procedure restart, by U0DANA0001, since 2020-01-01 00:00 UTC, page 2/);
    expect(runsIn(second)).toBe('14 13 12 11 10 9 8 7 6 5');
    const third = await more(second);
    expect(runsIn(third)).toBe('4 3 2 1 0');
    expect([buttons(first).length, buttons(second).length, buttons(third).length]).toEqual([1, 1, 0]);
  });

  test('rights count as they are when it is pressed', async () => {
    const first = await asked('/ha history', 'alex');
    expect(runsIn(first)).toBe('24 23 22 21 20 19 18 17 16 15');
    await index.put([runAt(3, { requester: { ...dana, user: 'U0ALEX0001' } })]);
    bench.desk.clusters = () => [
      { ...cluster, may: { ...cluster.may, read: { users: ['U0SAM00001'], groups: [] } } },
      { ...cluster, name: 'open' },
    ];
    expect(runsIn(await more(first, 'alex'))).toBe('3');
    bench.desk.clusters = () => [{ ...cluster, may: { ...cluster.may, read: { users: ['U0SAM00001'], groups: [] } } }];
    expect(visibleText(await more(first, 'alex'))).toMatch(/You may not see runs on atscale-prod/);
  });
});

describe('what comes back with the button', () => {
  beforeEach(() => open('socket'));

  const forged = async (value: string, person = 'dana'): Promise<string> => {
    const first = await asked('/ha history', person);
    const change = (payload: Record<string, unknown>) => ({
      ...payload,
      actions: [{ type: 'button', action_id: 'keyturn_more_history', value }],
    });
    return visibleText(
      await answerTo(await bench.sandbox.person(person).click({ channel: 'ops', ts: first.id, label: 'More', forge: change })),
    );
  };
  const value = (fields: Record<string, unknown>): string =>
    JSON.stringify({ page: 2, older: (BEGAN + 86_400_000) * 1_000, text: '', ...fields });

  test.each([
    '',
    'run001',
    '[]',
    '{"page":2}',
    value({ page: 1 }),
    value({ page: 1.5 }),
    value({ page: 10_001 }),
    value({ page: '2' }),
    value({ older: -1 }),
    value({ older: 'now' }),
    value({ text: 7 }),
    value({ accounts: ['U0SAM00001'] }),
  ])('%s is no page', async (it) => {
    expect(await forged(it)).toMatch(/another release of Keyturn, so it did nothing/);
  });

  test('its words are read as if they were typed', async () => {
    expect(await forged(value({ text: 'outcome:splendid' }))).toMatch(/`outcome:splendid` is none\. Allowed:/);
    expect(await forged(value({ text: 'a "b' }))).toMatch(/A quote/);
    expect(await forged(value({ text: 'by:me <!channel>' }), 'sam')).toMatch(/Searched: by U0SAM00001, “&lt;!channel&gt;”/);
    expect(await forged(value({ text: '"); DROP TABLE runs; --" OR x' }))).toMatch(/Nothing was found/);
    expect(runsIn(await asked('/ha history'))).toBe('24 23 22 21 20 19 18 17 16 15');
  });

  test('what is too long to come back is typed again', async () => {
    const long = await asked(`/ha history restart host:${'x'.repeat(10)} host:${'y'.repeat(2_000)} outcome:succeeded`);
    expect(visibleText(long)).toMatch(/Nothing was found/);
    await index.put(Array.from({ length: 25 }, (_, at) => runAt(at, { hosts: ['y'.repeat(2_000)] })));
    const many = await asked(`/ha history host:${'y'.repeat(2_000)}`);
    expect(runsIn(many)).toBe('24 23 22 21 20 19 18 17 16 15');
    expect([buttons(many).length, /`older:\w+`/.test(visibleText(many))]).toEqual([0, true]);
  });
});
