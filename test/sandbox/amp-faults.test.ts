/** The sandbox AMP servers: everything that can be made to go wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { INSIST, useAmpPair } from '../support/amp.ts';

const { layOut, begin, on, ask, states, stateBy, noted, idOf, timed } = useAmpPair();

describe('what goes wrong', () => {
  test('a server that cannot start says why', async () => {
    const pair = layOut({ hosts: 1 });
    pair.fault('start-fails');
    await pair.run('amp-01', 'start');
    await pair.waitUntilDown('amp-01');
    const [last] = pair.log().slice(-1);
    expect(last).toMatchObject({ host: 'amp-01', program: 'amp-server', event: 'end', code: 1 });
    expect(await on('amp-01', '"$AMP_HOME"/bin/status')).toMatchObject({ code: 1, stdout: 'Not Running ...\n' });
    pair.fault('start-fails', 'amp-01', { value: 'launch' });
    expect(await on('amp-01', '"$AMP_HOME"/bin/start')).toMatchObject({ code: 1, stderr: expect.stringMatching(/could not be created/) });
    expect(pair.violations()).toEqual([]);
  });

  test('a wrong configuration keeps it from starting', async () => {
    const pair = layOut({ hosts: 1 });
    const outside = mkdtempSync(join(tmpdir(), 'keyturn-outside-'));
    const wrong = [
      [{ highAvailabilityMode: 'KING' }, /highAvailabilityMode is "KING"; allowed are DISABLED, AUTO/],
      [{ highAvailabilityMode: 'MASTER', persistMode: 'NEVER' }, /persistMode is "NEVER"/],
      [{ persistMode: 'REBIND', persistenceDir: join(pair.dir, 'amp-01', 'opt', 'amp', 'data', 'none') }, /REBIND and there is no state/],
      [{ persistMode: 'AUTO', persistenceDir: '/nowhere/at/all' }, /persistenceDir \/nowhere\/at\/all does not exist/],
      [{ persistenceDir: outside }, /is outside of the sandbox/],
    ] as const;
    for (const [settings, reason] of wrong) {
      pair.configure('amp-01', settings);
      await pair.run('amp-01', 'start');
      await noted('amp-01', reason);
      await pair.waitUntilDown('amp-01');
    }
    rmSync(outside, { recursive: true });
  });

  test('a folder without writes stops and keeps from starting', async () => {
    const pair = await begin();
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    pair.fault('read-only');
    await noted('amp-01', /trouble with the persisted state: EROFS/);
    expect((await on('amp-01', 'findmnt -n -o FSTYPE,OPTIONS "$PERSISTENCE_DIR"')).stdout).toMatch(/^nfs4 ro,/);
    await pair.run('amp-02', 'start');
    await noted('amp-02', /does not start: EROFS: read-only file system/);
    await pair.waitUntilDown('amp-02');
    pair.clearFaults();
    expect((await on('amp-01', 'findmnt -n -o FSTYPE,OPTIONS "$PERSISTENCE_DIR"')).stdout).toMatch(/^nfs4 rw,/);
    await pair.run('amp-02', 'start');
    await pair.waitForState('amp-02', 'STANDBY');
    expect(pair.violations()).toEqual([]);
  });

  test('a slow start is silent first and then INITIALIZING', async () => {
    const pair = layOut({ hosts: 1 });
    pair.fault('slow-start', 'amp-01', { value: 1_500 });
    await pair.run('amp-01', 'start');
    expect((await on('amp-01', 'curl -k -sS "$AMP_URL/v1/server/ha/state"')).code).toBe(7);
    await pair.waitForState('amp-01', 'INITIALIZING');
    expect(await stateBy('amp-01')).toBe('"INITIALIZING"');
    expect(await ask('amp-01', '/v1/server/ha/priority', 'priority=1', INSIST)).toMatchObject({ status: 503 });
    await pair.waitForState('amp-01', 'MASTER');
  });

  test('a server that disagrees names another master', async () => {
    const pair = await begin();
    pair.fault('disagree', 'amp-02');
    expect((await states('amp-01')).masterId).toBe(idOf('amp-01'));
    expect((await states('amp-02')).masterId).toBe(idOf('amp-02'));
    pair.clearFaults();
    expect((await states('amp-02')).masterId).toBe(idOf('amp-01'));
  });

  test('slow answers come late and whole', async () => {
    const pair = await begin({ hosts: 1 });
    pair.fault('slow', 'amp-01', { value: 700 });
    expect(await timed(() => stateBy('amp-01'))).toBeGreaterThan(650);
    expect((await on('amp-01', 'curl -k -sS --max-time 0.3 "$AMP_URL/v1/server/ha/state"')).code).toBe(28);
    expect(await stateBy('amp-01')).toBe('"MASTER"');
  });

  test('unusual modes at set-up are only noted', async () => {
    const pair = layOut();
    for (const name of ['amp-01', 'amp-02'])
      pair.configure(name, { highAvailabilityMode: 'AUTO', persistenceDir: pair.variables.persistence_dir ?? '' });
    pair.configure('amp-02', { highAvailabilityMode: 'HOT_STANDBY' });
    await pair.run('amp-01', 'start');
    await pair.waitForState('amp-01', 'MASTER');
    await pair.run('amp-02', 'start');
    await pair.waitForState('amp-02', 'HOT_STANDBY');
    const notes = pair.log().filter(({ verdict }) => /the document sets/.test(verdict));
    expect(notes.map(({ verdict }) => verdict)).toEqual([
      'the first server starts with highAvailabilityMode AUTO; the document sets MASTER',
      'the next server starts with highAvailabilityMode HOT_STANDBY; the document sets AUTO',
    ]);
    expect(pair.violations()).toEqual([]);
  });

  test('a server without high availability works alone', async () => {
    const pair = await begin();
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    pair.configure('amp-02', { highAvailabilityMode: 'DISABLED', persistenceDir: 'data/own' });
    await pair.run('amp-02', 'start');
    await pair.waitForState('amp-02', 'MASTER');
    expect(Object.keys((await states('amp-02')).nodes)).toEqual([idOf('amp-02')]);
    expect((await states('amp-01')).masterId).toBe(idOf('amp-01'));
    expect(pair.violations()).toEqual([]);
  });

  test('servers that share nothing are masters without objection', async () => {
    const pair = layOut();
    for (const name of ['amp-01', 'amp-02']) {
      await pair.run(name, 'start');
      await pair.waitForState(name, 'MASTER');
    }
    expect(Object.keys((await states('amp-01')).nodes)).toEqual([idOf('amp-01')]);
    expect(pair.violations()).toEqual([]);
  });
});
