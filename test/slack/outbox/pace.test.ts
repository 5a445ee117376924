import { createBudget, LIMITS } from '../../../src/slack/outbox/budget.ts';
import { intended, leading, type Office, startOffice, succeeded, wholeStep } from './office.ts';

const RUN = 'runabc234';
const rate = { burst: 3, perSecond: 1 };

test('a burst passes, then one each second', () => {
  const budget = createBudget();
  const waits = [0, 0, 0, 0, 400, 1_000].map((now) => budget.take({ method: 'post', rate, now }));
  expect(waits).toEqual([0, 0, 0, 1_000, 600, 0]);
});

test('shares of one method have tokens of their own', () => {
  const budget = createBudget();
  const take = (share: string): number => budget.take({ method: 'post', share, rate: { burst: 1, perSecond: 1 }, now: 0 });
  expect([take('C1'), take('C2'), take('C1')]).toEqual([0, 0, 1_000]);
});

test('a wait that Slack orders binds the whole method and no other', () => {
  const budget = createBudget();
  budget.block('post', 5_000);
  expect(budget.take({ method: 'post', share: 'C1', rate, now: 1_000 })).toBe(4_000);
  expect(budget.take({ method: 'update', rate, now: 1_000 })).toBe(0);
  expect(budget.take({ method: 'post', share: 'C1', rate, now: 5_000 })).toBe(0);
});

test('progress leaves the reserve to what is final', () => {
  const budget = createBudget();
  const live = { method: 'update', rate, now: 0, reserve: 2 };
  expect([budget.take(live), budget.take(live), budget.take({ ...live, reserve: 0 })]).toEqual([0, 1_000, 0]);
});

describe('against a Slack with its real rates', () => {
  let office: Office;
  beforeEach(async () => {
    office = await startOffice({
      rates: {
        'chat.postMessage': [{ max: 12, windowMs: 10_000, per: 'channel' }],
        'chat.update': [{ max: 50, windowMs: 60_000, per: 'workspace' }],
      },
    });
  }, 30_000);
  afterEach(() => office.close());

  test('two runs at once in one channel are never told to wait', async () => {
    await office.begin(RUN, [...wholeStep('S1'), succeeded]);
    await office.begin('runxyz567', [...wholeStep('S1'), succeeded]);
    const outbox = await leading(office.outbox({ limits: LIMITS }), office);
    await outbox.settled(RUN);
    await outbox.settled('runxyz567');
    await outbox.close();
    expect(office.slack.calls.filter((call) => call.status === 429)).toEqual([]);
    expect(office.slack.channel('ops').all()).toHaveLength(8);
  });

  test('fifty lines a second make few updates and the last one stands', async () => {
    await office.begin(RUN, [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, intended('S1')]);
    const outbox = await leading(office.outbox({ limits: { ...LIMITS, liveEveryMs: 1_000 } }), office);
    const show = (line: number): Promise<void> =>
      office.show({ run: RUN, step: 'S1', host: 'main-1', attempt: 1, tail: `line ${line}\n`, bytes: line * 7 });
    let line = 0;
    const printing = setInterval(() => void show(++line), 20);
    await office.slack.waitFor(() => office.slack.callsOf('chat.update').length >= 2, { what: 'two updates' });
    clearInterval(printing);
    const last = `line ${line}`;
    await office.slack.waitFor(() => JSON.stringify(office.thread(RUN)[2]?.blocks).includes(last), { what: last });
    await outbox.settled(RUN);
    await outbox.close();
    expect(line).toBeGreaterThan(40);
    expect(office.slack.callsOf('chat.update').length).toBeLessThan(line / 10);
  });
});
