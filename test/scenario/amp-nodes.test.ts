/** ha-status and remove-terminated: what servers say of each other, and nodes that have ended. */
import { askServer } from '../support/amp.ts';
import { abort, type AmpTown, carryThrough, post, startAmpTown } from './amp-town.ts';

let town: AmpTown;
beforeAll(async () => {
  // Long enough for a run to find a dead node that still counts as a standby.
  town = await startAmpTown({ timeout: 5 });
  await town.hosts.cluster.setUp();
}, 60_000);
afterAll(() => town.close());
afterEach(() => town.hosts.cluster.clearFaults());

const status = () => carryThrough(town, 'ha-status');
const remove = (params = '') => carryThrough(town, 'remove-terminated', params);
const idOf = (host: string): string => town.hosts.cluster.nodeIds()[host] ?? '';
const cleared = (): string[] =>
  town.hosts.cluster.log().flatMap(({ host, verdict }) => (/states\/clear/.test(verdict) ? [`${host} ${verdict}`] : []));

/** A graceful end and a new start: the old node stays on the list. Its id. */
async function restart(host: string): Promise<string> {
  const id = idOf(host);
  await town.hosts.cluster.run(host, 'stop');
  await town.hosts.cluster.waitUntilDown(host);
  await town.hosts.cluster.run(host, 'start');
  await town.hosts.cluster.waitForState(host, 'STANDBY');
  return id;
}

/** Asks the master until it sees the node so. */
async function seenAs(id: string, state: string): Promise<void> {
  for (;;) {
    const { text } = await askServer(town.hosts.cluster, 'amp-01', '/v1/server/ha/states', {});
    if (JSON.parse(text).nodes[id]?.status === state) return;
  }
}

test('every state, priority, heartbeat and the master are told', async () => {
  await post(town, 'amp-02', 'priority', 'priority=5');
  const ended = await status();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual([]);
  const [first, second] = [idOf('amp-01'), idOf('amp-02')];
  expect(ended.text).toContain(`amp-01 is MASTER as node ${first}; it takes ${first} for the master`);
  expect(ended.text).toMatch(new RegExp(`amp-02 is STANDBY as node ${second}; .*${first} \\(MASTER\\) \\d+ s ago`));
  expect(ended.text).toContain('amp-01 is master, and every server that answers says so: amp-01 MASTER, amp-02 STANDBY');
  expect(ended.text).toMatch(/amp-01 has the priority 0[\s\S]*amp-02 has the priority 5/);
  expect(ended.text).toMatch(/amp-01 writes into the shared folder[\s\S]*amp-02 writes into the shared folder/);
  expect(ended.text).not.toMatch(/[Ww]arning: (No|Nobody)/);
}, 30_000);

test('servers that disagree about the master are an error', async () => {
  town.hosts.cluster.fault('disagree', 'amp-02');
  const ended = await status();
  const [first, second] = [idOf('amp-01'), idOf('amp-02')];
  expect(ended.trouble).toContain(`The servers do not agree who is master: amp-01 takes ${first} for it, amp-02 takes ${second} for it`);
  await abort(town, ended);
}, 30_000);

test('a refused password is told, and is not shown', async () => {
  town.hosts.cluster.fault('wrong-password', 'amp-01');
  const ended = await status();
  expect(ended.trouble).toMatch(/L1 .* on amp-01[\s\S]*exit status 22[\s\S]*a wrong user or password/);
  expect(ended.text).toMatch(/The requested URL returned error: 401/);
  expect(ended.text).not.toContain(town.hosts.cluster.secrets.amp_password);
  await abort(town, ended);
}, 30_000);

test('a server that ended is a warning, not an error', async () => {
  await town.hosts.cluster.run('amp-02', 'stop');
  await town.hosts.cluster.waitUntilDown('amp-02');
  const ended = await status();
  expect(ended.trouble).toBeUndefined();
  expect(ended.text).toMatch(/No AMP answers on amp-02\./);
  expect(ended.text).toMatch(/Nobody could take over from the master/);
  await town.hosts.cluster.run('amp-02', 'start');
  await town.hosts.cluster.waitForState('amp-02', 'STANDBY');
}, 30_000);

test('one node that has ended is removed, the other stays', async () => {
  const first = await restart('amp-02');
  const second = await restart('amp-02');
  const ended = await remove(`node=${first}`);
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Approve R2-one']);
  const left = /Left are (.*)\./.exec(ended.text)?.[1];
  expect(left).toContain(`${second} TERMINATED`);
  expect(left).not.toContain(first);
  expect(cleared()).toEqual([expect.stringMatching(new RegExp(`^amp-01 POST .*/clear/node nodeId=${first}: 200`))]);
}, 30_000);

test('a node that runs or that nobody knows is not removed', async () => {
  const before = cleared().length;
  const living = await remove(`node=${idOf('amp-02')}`);
  expect(living.trouble).toMatch(/is amp-02, which runs and is STANDBY; only nodes that have ended are removed/);
  await abort(town, living);
  const unknown = await remove('node=Nobody00');
  expect(unknown.trouble).toMatch(/There is no node Nobody00\. The nodes are /);
  await abort(town, unknown);
  expect(cleared()).toHaveLength(before);
}, 30_000);

test('a node that died without a word is removed after the timeout', async () => {
  const died = idOf('amp-02');
  await town.hosts.cluster.killHard('amp-02');
  const early = await remove(`node=${died}`);
  expect(early.trouble).toMatch(/is STANDBY; only nodes that have ended are removed\. One that ended without a word/);
  await abort(town, early);
  await seenAs(died, 'TERMINATED');
  await town.hosts.cluster.run('amp-02', 'start');
  await town.hosts.cluster.waitForState('amp-02', 'STANDBY');
  const ended = await remove();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual(['Approve R2-all']);
  const left = /Left are (.*)\./.exec(ended.text)?.[1]?.split(', ').sort();
  expect(left).toEqual([`${idOf('amp-01')} MASTER`, `${idOf('amp-02')} STANDBY`].sort());
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);

test('where nothing has ended nobody is asked', async () => {
  const ended = await remove();
  expect(ended.trouble).toBeUndefined();
  expect(ended.pressed).toEqual([]);
  expect(ended.text).toMatch(/Nodes that have ended: none/);
}, 30_000);

test('a server that is no longer master is not asked to clear', async () => {
  const gone = await restart('amp-02');
  const before = cleared().length;
  const thread = await town.begin('/ha remove-terminated amp-prod');
  await thread.see(/^\*R2-all .*: UNSAFE/);
  await post(town, 'amp-02', 'priority', 'priority=9');
  await post(town, 'amp-01', 'state', 'mode=STANDBY');
  await town.hosts.cluster.waitForState('amp-02', 'MASTER');
  await thread.press('sam', /^Approve R2-all/);
  await thread.see(/master was amp-01 and is now amp-02/);
  await abort(town, { thread });
  expect(cleared()).toHaveLength(before);
  expect(gone).not.toBe('');
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 30_000);
