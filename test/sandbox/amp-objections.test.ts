/** The sandbox AMP servers: promotion and removal by hand, and what they object to. */
import { INSIST, useAmpPair } from '../support/amp.ts';

const { layOut, begin, on, ask, states, stateBy, verdicts, noted, idOf, until } = useAmpPair();

describe('promotion and removal by hand', () => {
  const demote = (name: string) => ask(name, '/v1/server/ha/state', 'mode=STANDBY');

  test('the chosen one takes over when the master steps back', async () => {
    const pair = await begin({ hosts: 3 });
    await ask('amp-02', '/v1/server/ha/priority', 'priority=10', INSIST);
    expect(await ask('amp-02', '/v1/server/ha/priority')).toEqual({ status: 200, text: '10' });
    expect(await demote('amp-01')).toEqual({ status: 200, text: '"MASTER"' });
    await pair.waitForState('amp-02', 'MASTER');
    expect([await stateBy('amp-01'), await stateBy('amp-03')]).toEqual(['"STANDBY"', '"STANDBY"']);
    expect((await states('amp-01')).masterId).toBe(idOf('amp-02'));
    expect(pair.violations()).toEqual([]);
  });

  test('without priorities another server takes over', async () => {
    const pair = await begin();
    await demote('amp-01');
    await pair.waitForState('amp-02', 'MASTER');
    expect(await stateBy('amp-01')).toBe('"STANDBY"');
  });

  test('a demoted master of higher priority returns at once', async () => {
    await begin();
    await ask('amp-01', '/v1/server/ha/priority', 'priority=1');
    expect(await demote('amp-01')).toEqual({ status: 200, text: '"MASTER"' });
    expect(await stateBy('amp-01')).toBe('"MASTER"');
    await noted('amp-01', /^POST .*mode=STANDBY: 200, was MASTER, is MASTER$/);
  });

  test('a hot standby goes before a plain one', async () => {
    const pair = await begin({ hosts: 3 });
    expect(await ask('amp-03', '/v1/server/ha/state', 'mode=HOT_STANDBY', INSIST)).toEqual({ status: 200, text: '"STANDBY"' });
    await demote('amp-01');
    await pair.waitForState('amp-03', 'MASTER');
  });

  test('a hot backup is never promoted', async () => {
    await begin();
    await ask('amp-02', '/v1/server/ha/state', 'mode=HOT_BACKUP', INSIST);
    await demote('amp-01');
    await until(() => stateBy('amp-01'), '"MASTER"');
    expect(await stateBy('amp-02')).toBe('"HOT_BACKUP"');
  });

  test('one terminated node is removed, or all are', async () => {
    const pair = await begin({ hosts: 1 });
    const ids: string[] = [];
    for (const _ of [1, 2, 3]) {
      ids.push(idOf('amp-01'));
      await pair.run('amp-01', 'stop');
      await pair.waitUntilDown('amp-01');
      await pair.run('amp-01', 'start');
      await pair.waitForState('amp-01', 'MASTER');
    }
    const [first = '', second = '', third = ''] = ids;
    expect(Object.keys((await states('amp-01')).nodes).sort()).toEqual([...ids, idOf('amp-01')].sort());
    expect(await ask('amp-01', '/v1/server/ha/states/clear/node', `nodeId=${second}`)).toEqual({ status: 200, text: '' });
    await noted('amp-01', new RegExp(`: 200, removed ${second}$`));
    expect(Object.keys((await states('amp-01')).nodes).sort()).toEqual([first, third, idOf('amp-01')].sort());
    expect(await ask('amp-01', '/v1/server/ha/states/clear', '')).toEqual({ status: 200, text: '' });
    expect(Object.keys((await states('amp-01')).nodes)).toEqual([idOf('amp-01')]);
    expect(pair.violations()).toEqual([]);
  });

  test('a living node that was removed comes back', async () => {
    const pair = await begin();
    await ask('amp-01', '/v1/server/ha/states/clear', '');
    await noted('amp-01', new RegExp(`removed ${idOf('amp-02')}$`));
    await until(async () => (await states('amp-01')).nodes[idOf('amp-02')]?.status, 'STANDBY');
    await ask('amp-01', '/v1/server/ha/states/clear/node', `nodeId=${idOf('amp-01')}`);
    expect((await states('amp-02')).masterId).toBe(idOf('amp-01'));
    expect(pair.state('amp-02')).toBe('STANDBY');
  });
});

describe('objections', () => {
  test('a second MASTER fails and is written down', async () => {
    const pair = await begin({ timeoutMs: 20_000 });
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    pair.configure('amp-02', { highAvailabilityMode: 'MASTER' });
    await pair.run('amp-02', 'start');
    await pair.waitForState('amp-02', 'FAILED');
    expect(await stateBy('amp-02')).toBe('"FAILED"');
    expect(verdicts()).toEqual([`VIOLATION on amp-02: a second MASTER is started while ${idOf('amp-01')} is MASTER`]);
    await ask('amp-02', '/v1/server/ha/state', 'mode=MASTER', INSIST);
    expect(verdicts()[1]).toBe('VIOLATION on amp-02: a node that is FAILED is promoted');
    expect(await ask('amp-02', '/v1/server/ha/state', 'mode=STANDBY', INSIST)).toEqual({ status: 200, text: '"FAILED"' });
    expect(await stateBy('amp-02')).toBe('"STANDBY"');
  });

  test('a request to a standby needs the header', async () => {
    const pair = await begin();
    const refused = { status: 403, text: expect.stringMatching(/^\{"message":".*Brooklyn-Allow-Non-Master-Access.*","error":403\}$/) };
    for (const [path, form] of [
      ['/v1/server/ha/state', 'mode=MASTER'],
      ['/v1/server/ha/priority', 'priority=3'],
      ['/v1/server/ha/states/clear', ''],
    ] as const)
      expect(await ask('amp-02', path, form)).toEqual(refused);
    expect(await ask('amp-02', '/v1/server/ha/priority', 'priority=3', ['Brooklyn-Allow-Non-Master-Access: yes'])).toEqual(refused);
    expect(await ask('amp-02', '/v1/server/ha/priority')).toEqual({ status: 200, text: '0' });
    expect(verdicts()).toHaveLength(4);
    expect(verdicts()[0]).toMatch(/^VIOLATION on amp-02: POST \/v1\/server\/ha\/state to a server that is STANDBY, without the header/);
    expect(pair.violations()[0]?.code).toBe(403);
  });

  test('clearing on a standby is refused even with it', async () => {
    await begin();
    for (const [path, form] of [
      ['/v1/server/ha/states/clear', ''],
      ['/v1/server/ha/states/clear/node', 'nodeId=abc'],
    ] as const)
      expect(await ask('amp-02', path, form, INSIST)).toMatchObject({ status: 403 });
    expect(verdicts()).toHaveLength(2);
    expect(verdicts()[0]).toMatch(/nodes are cleared on a server that is STANDBY/);
  });

  test('promotion beside a living master is refused', async () => {
    await begin();
    const answer = await ask('amp-02', '/v1/server/ha/state', 'mode=MASTER', INSIST);
    expect(answer).toMatchObject({ status: 400, text: expect.stringMatching(/was not demoted/) });
    expect([await stateBy('amp-01'), await stateBy('amp-02')]).toEqual(['"MASTER"', '"STANDBY"']);
    expect(verdicts()).toEqual([`VIOLATION on amp-02: promoted while ${idOf('amp-01')} is MASTER and was not demoted`]);
  });

  test('where it is obeyed there are two masters', async () => {
    const pair = await begin({ onViolation: 'obey' });
    expect(await ask('amp-02', '/v1/server/ha/state', 'mode=MASTER', INSIST)).toEqual({ status: 200, text: '"STANDBY"' });
    expect(verdicts()[1]).toBe('VIOLATION on amp-02: two masters at once: amp-02 becomes MASTER while amp-01 is MASTER');
    await pair.waitForState('amp-01', 'STANDBY');
    expect((await states('amp-01')).masterId).toBe(idOf('amp-02'));
    expect(await ask('amp-01', '/v1/server/ha/states/clear', '', INSIST)).toEqual({ status: 200, text: '' });
    expect(verdicts()[2]).toMatch(/^VIOLATION on amp-01: nodes are cleared on a server that is STANDBY/);
  });

  test('a failed node that is promoted all the same is MASTER', async () => {
    const pair = await begin({ hosts: 1, onViolation: 'obey' });
    await ask('amp-01', '/v1/server/ha/state', 'mode=DISABLED');
    expect(await stateBy('amp-01')).toBe('"FAILED"');
    expect(await ask('amp-01', '/v1/server/ha/state', 'mode=MASTER', INSIST)).toEqual({ status: 200, text: '"FAILED"' });
    expect(pair.state('amp-01')).toBe('MASTER');
    expect(verdicts()).toEqual(['VIOLATION on amp-01: a node that is FAILED is promoted']);
  });

  test('a master that hung steps back when it wakes', async () => {
    const pair = await begin({ timeoutMs: 1_000 });
    const hung = pair.processes().find((server) => server.host === 'amp-01')?.pid ?? 0;
    process.kill(hung, 'SIGSTOP');
    await pair.waitForState('amp-02', 'MASTER');
    expect(verdicts()).toEqual([expect.stringMatching(/two masters at once: amp-02 becomes MASTER while amp-01 is MASTER/)]);
    process.kill(hung, 'SIGCONT');
    await pair.waitForState('amp-01', 'STANDBY');
    await noted('amp-01', /has taken over; this node steps back/);
  });

  test('an unmounted folder is seen and refused', async () => {
    const pair = await begin();
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    pair.fault('not-mounted', 'amp-02');
    const folder = pair.variables.persistence_dir;
    expect(await on('amp-01', 'mountpoint "$PERSISTENCE_DIR"')).toMatchObject({ code: 0, stdout: `${folder} is a mountpoint\n` });
    expect(await on('amp-02', 'mountpoint "$PERSISTENCE_DIR"')).toMatchObject({ code: 32, stdout: `${folder} is not a mountpoint\n` });
    expect(await on('amp-02', 'findmnt "$PERSISTENCE_DIR"')).toMatchObject({ code: 1, stdout: '' });
    await pair.run('amp-02', 'start');
    await pair.waitUntilDown('amp-02');
    expect(verdicts()).toEqual([`VIOLATION on amp-02: started while persistenceDir ${folder} is not mounted`]);
    expect((await on('amp-02', 'cat "$AMP_HOME"/data/log/brooklyn.info.log')).stdout).toMatch(
      /does not start: persistenceDir .* is not mounted/,
    );
  });

  test('an unmounted folder that is used splits the pair', async () => {
    const pair = layOut({ onViolation: 'obey' });
    pair.fault('not-mounted', 'amp-02');
    await expect(pair.setUp({ timeoutMs: 2_000 })).rejects.toThrow(/Nothing like that/);
    expect([pair.state('amp-01'), pair.state('amp-02')]).toEqual(['MASTER', 'MASTER']);
    expect(verdicts()).toEqual([expect.stringMatching(/is not mounted$/), expect.stringMatching(/two masters at once/)]);
  });
});
