/** Who was refused what stands in the register, beside whatever a run's own journal says, on a real Redis; and nobody can fill it. */
import type { RegisterEntry } from '../../src/journal/register.ts';
import type { Standing } from '../../src/run/authorise.ts';
import { dana, openShop, type Shop, sam } from './shop.ts';

const eve: Standing = { person: { team: 'T1', user: 'U0EVE', name: 'Eve' }, kind: { kind: 'member' }, memberOf: [] };
const guest: Standing = {
  person: { team: 'T1', user: 'U0GUEST', name: 'Gwen' },
  kind: { kind: 'barred', why: 'guests of this workspace cannot use Keyturn.' },
  memberOf: [],
};
const channel = { team: 'T1', id: 'C1' };
const STOP = `procedure: stop
product: sample
title: Stop it
steps:
  - { id: A, title: Stop it, on: main, run: echo stopped, timeout: 20s, unsafe: It stops }
`;

let shop: Shop;
let run: string;
beforeAll(async () => {
  shop = await openShop();
  run = await shop.begin(STOP);
  await shop.until(run, ({ approvals }) => Object.values(approvals).length > 0);
}, 60_000);
afterAll(() => shop.close());

/** What came into the register by this. */
async function registeredBy(act: () => Promise<unknown>): Promise<readonly RegisterEntry['event'][]> {
  const before = await shop.registered();
  await act();
  return (await shop.registered()).slice(before.length).map(({ event }) => event);
}

async function approve(standing: Standing): Promise<unknown> {
  const [asked] = Object.values((await shop.desk.state(run))?.approvals ?? {});
  return shop.desk.act(run, { kind: 'approve', request: asked?.request ?? '', digest: asked?.digest ?? '' }, standing);
}

const order = { procedure: 'stop', cluster: 'prod', params: {}, channel };
const about = { cluster: 'prod', procedure: 'stop' };

test.each<[string, Standing, string, object, () => Promise<unknown>]>([
  ['a start', eve, 'start', about, () => shop.desk.start({ ...order, standing: eve, requestId: 'x1' })],
  ['a start by a guest', guest, 'start', about, () => shop.desk.start({ ...order, standing: guest, requestId: 'x2' })],
  ['a plan', eve, 'plan', about, () => shop.desk.plan({ ...order, standing: eve })],
  ['a guest’s first word', guest, 'read', {}, () => shop.desk.refused(guest, 'read', 'You may not: guests cannot use Keyturn.')],
  ['a click of somebody without rights', eve, 'approve', about, () => approve(eve)],
  ['a click of the requester', dana, 'approve', about, () => approve(dana)],
  ['a cancel of somebody without rights', eve, 'stop', about, () => shop.desk.act(run, { kind: 'cancel', reason: '' }, eve)],
])('%s that is refused is in the register', async (_title, { person }, action, where, act) => {
  const found = await registeredBy(act);
  expect(found).toEqual([
    { kind: 'refused', person, action, ...where, why: expect.stringMatching(/may not|You requested/), ...ofRun(action) },
  ]);
});

function ofRun(action: string): object {
  return action === 'approve' || action === 'stop' ? { run } : {};
}

test('what is a mistake or comes too late is no refusal', async () => {
  const found = await registeredBy(async () => {
    await shop.desk.start({ ...order, procedure: 'none', standing: dana, requestId: 'x4' });
    await shop.desk.start({ ...order, params: { no: 'such' }, standing: dana, requestId: 'x5' });
    await shop.desk.act(run, { kind: 'resume' }, dana);
    await shop.desk.act(run, { kind: 'approve', request: 'constructor', digest: '' }, sam);
  });
  expect(found).toEqual([]);
});

test('of a flood the first are kept, and others are still heard', async () => {
  const flood = await registeredBy(async () => {
    for (let click = 0; click < 40; click += 1) await approve(eve);
  });
  // One of the twenty was made above.
  expect(flood.length).toBe(19);
  expect((await shop.events(run)).filter((event) => event.kind === 'refused' && event.person.user === 'U0EVE')).toHaveLength(20);
  // Another action of the same person, and the same of another one, are recorded as before.
  expect(await registeredBy(() => shop.desk.start({ ...order, standing: eve, requestId: 'x6' }))).toHaveLength(1);
  expect(await registeredBy(() => approve(guest))).toMatchObject([{ person: guest.person, action: 'approve' }]);
  expect(await approve(sam)).toMatchObject({ kind: 'taken' });
  expect((await shop.until(run, ({ ended }) => ended !== undefined)).ended?.outcome).toBe('succeeded');
}, 30_000);
