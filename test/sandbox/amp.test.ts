/** The sandbox AMP servers: set-up, what they answer to the real curl over real HTTPS, failover with its times. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createAmpPair } from '../../infra/sandbox/hosts/amp/amp.ts';
import { INSIST, MARGIN_MS, QUICK, useAmpPair } from '../support/amp.ts';

const { layOut, begin, host, on, ask, states, stateBy, noted, idOf, until, timed } = useAmpPair();

describe('set-up and what the servers answer', () => {
  test('the documented set-up makes a master and a standby', async () => {
    const pair = layOut();
    for (const name of ['amp-01', 'amp-02']) expect(await on(name, 'mountpoint -q "$PERSISTENCE_DIR"')).toMatchObject({ code: 0 });
    await on('amp-01', 'echo written >"$PERSISTENCE_DIR/probe"');
    expect((await on('amp-02', 'cat "$PERSISTENCE_DIR/probe"; rm "$PERSISTENCE_DIR/probe"')).stdout).toBe('written\n');
    const cfg = 'printf "highAvailabilityMode=%s\\npersistMode=AUTO\\npersistenceDir=%s\\n" "$MODE" "$PERSISTENCE_DIR" >>"$AMP_CONFIG"';
    await on('amp-01', cfg, { MODE: 'MASTER' });
    expect(await on('amp-01', 'cd "$AMP_HOME" && bin/start')).toEqual({ code: 0, stdout: '', stderr: '' });
    await pair.waitForState('amp-01', 'MASTER');
    await on('amp-02', cfg, { MODE: 'AUTO' });
    expect(await on('amp-02', '"$ANY"/bin/start', { ANY: pair.variables.amp_home ?? '' })).toMatchObject({ code: 0 });
    await pair.waitForState('amp-02', 'STANDBY');
    expect(await ask('amp-01', '/v1/server/ha/state')).toEqual({ status: 200, text: '"MASTER"' });
    expect(await ask('amp-02', '/v1/server/ha/state')).toEqual({ status: 200, text: '"STANDBY"' });
    expect(pair.violations()).toEqual([]);
    expect(pair.log().filter(({ verdict }) => /the document sets/.test(verdict))).toEqual([]);
  });

  test('every server tells of all nodes alike', async () => {
    const pair = await begin();
    const [first, second] = [await states('amp-01'), await states('amp-02')];
    expect(Object.keys(first)).toEqual(['ownId', 'masterId', 'nodes', 'links']);
    expect([first.ownId, second.ownId]).toEqual([idOf('amp-01'), idOf('amp-02')]);
    expect([first.masterId, second.masterId]).toEqual([idOf('amp-01'), idOf('amp-01')]);
    expect(Object.keys(first.nodes).sort()).toEqual(Object.values(pair.nodeIds()).sort());
    expect(second.nodes[idOf('amp-01')]).toEqual({
      nodeId: idOf('amp-01'),
      nodeUri: `${host('amp-01').variables?.amp_url}/`,
      status: 'MASTER',
      localTimestamp: expect.any(Number),
      remoteTimestamp: expect.any(Number),
    });
    expect(Math.abs(Date.now() - (second.nodes[idOf('amp-01')]?.remoteTimestamp ?? 0))).toBeLessThan(MARGIN_MS);
  });

  test('only the right user and password get in', async () => {
    const pair = await begin({ hosts: 1 });
    const code = "-k -sS -o /dev/null -w '%{http_code}'";
    expect((await on('amp-01', `curl ${code} "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', `curl ${code} -u "$AMP_USER:wrong" "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', `curl ${code} -u : "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', 'curl -sS "$AMP_URL/v1/server/ha/state"')).stderr).toMatch(/self.signed certificate/);
    pair.fault('wrong-password');
    expect(await ask('amp-01', '/v1/server/ha/state')).toMatchObject({ status: 401 });
  });

  test('wrong and hostile requests get an error each', async () => {
    const pair = await begin({ hosts: 1 });
    expect((await ask('amp-01', '/v1/server/ha')).status).toBe(404);
    expect((await ask('amp-01', '/v1/server/ha/states', 'mode=MASTER')).status).toBe(405);
    expect(await ask('amp-01', '/v1/server/ha/state', 'mode=KING')).toMatchObject({
      status: 400,
      text: expect.stringMatching(/HOT_BACKUP, MASTER/),
    });
    for (const bad of ['', 'priority=', 'priority=1.5', 'priority=1e9', 'priority=99999999999'])
      expect((await ask('amp-01', '/v1/server/ha/priority', bad)).status).toBe(400);
    expect((await ask('amp-01', '/v1/server/ha/priority', 'priority=7', ['Content-Type: text/plain'])).status).toBe(400);
    expect((await ask('amp-01', '/v1/server/ha/states/clear/node', 'nodeId=')).status).toBe(400);
    expect((await ask('amp-01', '/v1/server/ha/states/clear/node', 'nodeId=../master')).text).toBe('');
    expect((await ask('amp-01', '/v1/server/ha/state', `mode=${'x'.repeat(20_000)}`)).status).toBe(413);
    expect((await ask('amp-01', '/v1/server/ha/state', 'mode=%0A%09%1b[31m')).status).toBe(400);
    expect(pair.log().filter(({ verdict }) => /^POST /.test(verdict))).toHaveLength(12);
    expect(await stateBy('amp-01')).toBe('"MASTER"');
  });

  test('a pair is taken up as it was left', async () => {
    const pair = await begin();
    const [ids, before] = [pair.nodeIds(), readFileSync(host('amp-01').variables?.amp_config ?? '', 'utf8')];
    const again = createAmpPair(pair.dir, QUICK);
    expect(again.nodeIds()).toEqual(ids);
    expect(again.hosts).toEqual(pair.hosts);
    expect(again.secrets).toEqual(pair.secrets);
    expect(readFileSync(host('amp-01').variables?.amp_config ?? '', 'utf8')).toBe(before);
    expect(statSync(join(pair.dir, 'cluster', 'tls', 'key.pem')).mode & 0o77).toBe(0);
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    await again.run('amp-02', 'start');
    await again.waitForState('amp-02', 'STANDBY');
    expect(await stateBy('amp-02')).toBe('"STANDBY"');
  });
});

describe('failover', () => {
  test('a graceful end promotes the standby at once', async () => {
    const pair = await begin({ timeoutMs: 20_000 });
    const old = idOf('amp-01');
    const took = await timed(async () => {
      await on('amp-01', 'cd "$AMP_HOME" && kill "$(cat pid.txt)"');
      await pair.waitForState('amp-02', 'MASTER');
    });
    expect(took).toBeLessThan(MARGIN_MS);
    expect(await states('amp-02')).toMatchObject({ masterId: idOf('amp-02'), nodes: { [old]: { status: 'TERMINATED' } } });
    expect(pair.violations()).toEqual([]);
  });

  test('a hard end promotes it after the timeout', async () => {
    const pair = await begin();
    const old = idOf('amp-01');
    const took = await timed(async () => {
      await on('amp-01', 'cd "$AMP_HOME" && kill -9 "$(cat pid.txt)"');
      await pair.waitUntilDown('amp-01');
      expect(pair.state('amp-01')).toBe('down');
      expect((await states('amp-02')).nodes[old]?.status).toBe('MASTER');
      await pair.waitForState('amp-02', 'MASTER');
    });
    expect(took).toBeGreaterThan(QUICK.timeoutMs - 500);
    expect(took).toBeLessThan(QUICK.timeoutMs + MARGIN_MS);
    expect((await states('amp-02')).nodes[old]?.status).toBe('TERMINATED');
    expect(pair.violations()).toEqual([]);
  });

  test('a silent node can also count as failed', async () => {
    const pair = await begin({ timedOut: 'FAILED', timeoutMs: 500 });
    const old = idOf('amp-02');
    await pair.killHard('amp-02');
    await until(async () => (await states('amp-01')).nodes[old]?.status, 'FAILED');
  });

  test('the old master comes back as a new standby', async () => {
    const pair = await begin();
    const old = idOf('amp-01');
    await pair.run('amp-01', 'stop');
    await pair.waitForState('amp-02', 'MASTER');
    await pair.waitUntilDown('amp-01');
    pair.configure('amp-01', { highAvailabilityMode: 'AUTO' });
    await pair.run('amp-01', 'start');
    await pair.waitForState('amp-01', 'STANDBY');
    expect(idOf('amp-01')).not.toBe(old);
    expect(Object.keys((await states('amp-01')).nodes)).toHaveLength(3);
    expect(pair.violations()).toEqual([]);
  });

  test('the standby of the highest priority wins', async () => {
    const pair = await begin({ hosts: 3 });
    expect(await ask('amp-03', '/v1/server/ha/priority', 'priority=5', INSIST)).toEqual({ status: 200, text: '0' });
    await pair.run('amp-01', 'stop');
    await pair.waitForState('amp-03', 'MASTER');
    expect(pair.state('amp-02')).toBe('STANDBY');
    expect((await states('amp-02')).masterId).toBe(idOf('amp-03'));
  });

  test('a standby that never promotes leaves no master', async () => {
    const pair = await begin();
    pair.fault('never-promotes', 'amp-02');
    await pair.run('amp-01', 'stop');
    await noted('amp-02', /is not promoted/);
    expect(await stateBy('amp-02')).toBe('"STANDBY"');
    pair.clearFaults();
    await pair.waitForState('amp-02', 'MASTER');
  });
});
