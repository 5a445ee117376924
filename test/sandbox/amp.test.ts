/** The sandbox AMP servers: real processes, real HTTPS by the real curl, and once a real sshd. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type AmpPair, createAmpPair } from '../../infra/sandbox/hosts/amp/amp.ts';
import type { AmpOptions } from '../../infra/sandbox/hosts/amp/place.ts';
import type { SandboxHost } from '../../infra/sandbox/hosts/product.ts';
import { endOf, runSsh, type Ssh } from '../support/ssh-command.ts';
import { clientKey, startHostSshd } from '../support/sshd.ts';

const QUICK = { heartbeatMs: 100, timeoutMs: 2_000, startMs: 50 } as const;
/** What a loaded machine may need on top of what the sandbox is told to take. */
const MARGIN_MS = 4_000;
const INSIST = ['Brooklyn-Allow-Non-Master-Access: true'];

let dir: string;
let pair: AmpPair;

/** Lays out a pair without starting it. */
const layOut = (options: AmpOptions = {}): AmpPair => {
  dir = mkdtempSync(join(tmpdir(), 'keyturn-amp-'));
  pair = createAmpPair(dir, { ...QUICK, ...options });
  return pair;
};

const begin = async (options: AmpOptions = {}): Promise<AmpPair> => {
  layOut(options);
  await pair.setUp();
  return pair;
};

afterEach(async () => {
  await pair.close();
  expect(pair.processes()).toEqual([]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

const host = (name: string): SandboxHost => {
  const found = pair.hosts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
};

/** A script as a login on that host has it: the cluster's variables first, the host's own over them, and the secrets. */
const on = (name: string, script: string, extra: Readonly<Record<string, string>> = {}): Promise<Ssh> => {
  const { home, variables } = host(name);
  const named = Object.entries({ ...pair.variables, ...variables, ...pair.secrets }).map(([key, value]) => [key.toUpperCase(), value]);
  const env = { HOME: home, ...pair.env, ...Object.fromEntries(named), ...extra };
  return endOf(spawn('/bin/sh', ['-c', script], { cwd: home, env }));
};

type Answer = { readonly status: number; readonly text: string };

/** One request by curl; the password comes by its standard input, so that no process list shows it. */
const ask = async (name: string, path: string, form?: string, headers: readonly string[] = []): Promise<Answer> => {
  const words = [...headers.flatMap((header) => ['-H', header]), ...(form === undefined ? [] : ['--data', form])];
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const login = `printf 'user = "%s:%s"\\n' "$AMP_USER" "$AMP_PASSWORD"`;
  const { code, stdout, stderr } = await on(name, `${login} | curl -k -sS --config - -w '\\n%{http_code}' ${quoted} "$AMP_URL${path}"`);
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), text: stdout.slice(0, at) };
};

type States = {
  readonly ownId: string;
  readonly masterId: string | null;
  readonly nodes: Readonly<Record<string, { readonly status: string; readonly nodeUri: string; readonly remoteTimestamp: number }>>;
};
const states = async (name: string): Promise<States> => JSON.parse((await ask(name, '/v1/server/ha/states')).text);
const stateBy = async (name: string): Promise<string> => (await ask(name, '/v1/server/ha/state')).text;
const verdicts = (): string[] => pair.violations().map(({ verdict }) => verdict);
const noted = (name: string, words: RegExp) => pair.waitForLog((entry) => entry.host === name && words.test(entry.verdict));
const idOf = (name: string): string => pair.nodeIds()[name] ?? '';

/** Asks again and again, for what a server shows in an answer and nowhere else. */
const until = async <T>(read: () => Promise<T>, wanted: T): Promise<void> => {
  const end = Date.now() + MARGIN_MS;
  for (let seen = await read(); seen !== wanted; seen = await read()) {
    if (Date.now() > end) throw new Error(`Still ${JSON.stringify(seen)} and not ${JSON.stringify(wanted)} after ${MARGIN_MS} ms.`);
  }
};

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const before = Date.now();
  await work();
  return Date.now() - before;
};

describe('set-up and what the servers answer', () => {
  test('the documented set-up makes a master and a standby', async () => {
    layOut();
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
    await begin();
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
    await begin({ hosts: 1 });
    const code = "-k -sS -o /dev/null -w '%{http_code}'";
    expect((await on('amp-01', `curl ${code} "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', `curl ${code} -u "$AMP_USER:wrong" "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', `curl ${code} -u : "$AMP_URL/v1/server/ha/state"`)).stdout).toBe('401');
    expect((await on('amp-01', 'curl -sS "$AMP_URL/v1/server/ha/state"')).stderr).toMatch(/self.signed certificate/);
    pair.fault('wrong-password');
    expect(await ask('amp-01', '/v1/server/ha/state')).toMatchObject({ status: 401 });
  });

  test('wrong and hostile requests get an error each', async () => {
    await begin({ hosts: 1 });
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
    await begin();
    const [ids, before] = [pair.nodeIds(), readFileSync(host('amp-01').variables?.amp_config ?? '', 'utf8')];
    const again = createAmpPair(dir, QUICK);
    expect(again.nodeIds()).toEqual(ids);
    expect(again.hosts).toEqual(pair.hosts);
    expect(again.secrets).toEqual(pair.secrets);
    expect(readFileSync(host('amp-01').variables?.amp_config ?? '', 'utf8')).toBe(before);
    expect(statSync(join(dir, 'cluster', 'tls', 'key.pem')).mode & 0o77).toBe(0);
    await pair.run('amp-02', 'stop');
    await pair.waitUntilDown('amp-02');
    await again.run('amp-02', 'start');
    await again.waitForState('amp-02', 'STANDBY');
    expect(await stateBy('amp-02')).toBe('"STANDBY"');
  });
});

describe('failover', () => {
  test('a graceful end promotes the standby at once', async () => {
    await begin({ timeoutMs: 20_000 });
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
    await begin();
    const old = idOf('amp-01');
    const took = await timed(async () => {
      await on('amp-01', 'cd "$AMP_HOME" && kill -9 "$(cat pid.txt)"');
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
    await begin({ timedOut: 'FAILED', timeoutMs: 500 });
    const old = idOf('amp-02');
    await pair.killHard('amp-02');
    await until(async () => (await states('amp-01')).nodes[old]?.status, 'FAILED');
  });

  test('the old master comes back as a new standby', async () => {
    await begin();
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
    await begin({ hosts: 3 });
    expect(await ask('amp-03', '/v1/server/ha/priority', 'priority=5', INSIST)).toEqual({ status: 200, text: '0' });
    await pair.run('amp-01', 'stop');
    await pair.waitForState('amp-03', 'MASTER');
    expect(pair.state('amp-02')).toBe('STANDBY');
    expect((await states('amp-02')).masterId).toBe(idOf('amp-03'));
  });

  test('a standby that never promotes leaves no master', async () => {
    await begin();
    pair.fault('never-promotes', 'amp-02');
    await pair.run('amp-01', 'stop');
    await noted('amp-02', /is not promoted/);
    expect(await stateBy('amp-02')).toBe('"STANDBY"');
    pair.clearFaults();
    await pair.waitForState('amp-02', 'MASTER');
  });
});

describe('promotion and removal by hand', () => {
  const demote = (name: string) => ask(name, '/v1/server/ha/state', 'mode=STANDBY');

  test('the chosen one takes over when the master steps back', async () => {
    await begin({ hosts: 3 });
    await ask('amp-02', '/v1/server/ha/priority', 'priority=10', INSIST);
    expect(await ask('amp-02', '/v1/server/ha/priority')).toEqual({ status: 200, text: '10' });
    expect(await demote('amp-01')).toEqual({ status: 200, text: '"MASTER"' });
    await pair.waitForState('amp-02', 'MASTER');
    expect([await stateBy('amp-01'), await stateBy('amp-03')]).toEqual(['"STANDBY"', '"STANDBY"']);
    expect((await states('amp-01')).masterId).toBe(idOf('amp-02'));
    expect(pair.violations()).toEqual([]);
  });

  test('without priorities another server takes over', async () => {
    await begin();
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
    await begin({ hosts: 3 });
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
    await begin({ hosts: 1 });
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
    await begin();
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
    await begin({ timeoutMs: 20_000 });
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
    await begin();
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
    await begin({ onViolation: 'obey' });
    expect(await ask('amp-02', '/v1/server/ha/state', 'mode=MASTER', INSIST)).toEqual({ status: 200, text: '"STANDBY"' });
    expect(verdicts()[1]).toBe('VIOLATION on amp-02: two masters at once: amp-02 becomes MASTER while amp-01 is MASTER');
    await pair.waitForState('amp-01', 'STANDBY');
    expect((await states('amp-01')).masterId).toBe(idOf('amp-02'));
  });

  test('a master that hung steps back when it wakes', async () => {
    await begin({ timeoutMs: 1_000 });
    const hung = pair.processes().find((server) => server.host === 'amp-01')?.pid ?? 0;
    process.kill(hung, 'SIGSTOP');
    await pair.waitForState('amp-02', 'MASTER');
    expect(verdicts()).toEqual([expect.stringMatching(/two masters at once: amp-02 becomes MASTER while amp-01 is MASTER/)]);
    process.kill(hung, 'SIGCONT');
    await pair.waitForState('amp-01', 'STANDBY');
    await noted('amp-01', /has taken over; this node steps back/);
  });

  test('an unmounted folder is seen and refused', async () => {
    await begin();
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
    layOut({ onViolation: 'obey' });
    pair.fault('not-mounted', 'amp-02');
    await expect(pair.setUp({ timeoutMs: 2_000 })).rejects.toThrow(/Nothing like that/);
    expect([pair.state('amp-01'), pair.state('amp-02')]).toEqual(['MASTER', 'MASTER']);
    expect(verdicts()).toEqual([expect.stringMatching(/is not mounted$/), expect.stringMatching(/two masters at once/)]);
  });
});

describe('what goes wrong', () => {
  test('a server that cannot start says why', async () => {
    layOut({ hosts: 1 });
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
    layOut({ hosts: 1 });
    const outside = mkdtempSync(join(tmpdir(), 'keyturn-outside-'));
    const wrong = [
      [{ highAvailabilityMode: 'KING' }, /highAvailabilityMode is "KING"; allowed are DISABLED, AUTO/],
      [{ highAvailabilityMode: 'MASTER', persistMode: 'NEVER' }, /persistMode is "NEVER"/],
      [{ persistMode: 'REBIND', persistenceDir: join(dir, 'amp-01', 'opt', 'amp', 'data', 'none') }, /REBIND and there is no state/],
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
    await begin();
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
    layOut({ hosts: 1 });
    pair.fault('slow-start', 'amp-01', { value: 1_500 });
    await pair.run('amp-01', 'start');
    expect((await on('amp-01', 'curl -k -sS "$AMP_URL/v1/server/ha/state"')).code).toBe(7);
    await pair.waitForState('amp-01', 'INITIALIZING');
    expect(await stateBy('amp-01')).toBe('"INITIALIZING"');
    expect(await ask('amp-01', '/v1/server/ha/priority', 'priority=1', INSIST)).toMatchObject({ status: 503 });
    await pair.waitForState('amp-01', 'MASTER');
  });

  test('a server that disagrees names another master', async () => {
    await begin();
    pair.fault('disagree', 'amp-02');
    expect((await states('amp-01')).masterId).toBe(idOf('amp-01'));
    expect((await states('amp-02')).masterId).toBe(idOf('amp-02'));
    pair.clearFaults();
    expect((await states('amp-02')).masterId).toBe(idOf('amp-01'));
  });

  test('slow answers come late and whole', async () => {
    await begin({ hosts: 1 });
    pair.fault('slow', 'amp-01', { value: 700 });
    expect(await timed(() => stateBy('amp-01'))).toBeGreaterThan(650);
    expect((await on('amp-01', 'curl -k -sS --max-time 0.3 "$AMP_URL/v1/server/ha/state"')).code).toBe(28);
    expect(await stateBy('amp-01')).toBe('"MASTER"');
  });

  test('unusual modes at set-up are only noted', async () => {
    layOut();
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

  test('servers that share nothing are masters without objection', async () => {
    layOut();
    for (const name of ['amp-01', 'amp-02']) {
      await pair.run(name, 'start');
      await pair.waitForState(name, 'MASTER');
    }
    expect(Object.keys((await states('amp-01')).nodes)).toEqual([idOf('amp-01')]);
    expect(pair.violations()).toEqual([]);
  });
});

describe('keys and system programs', () => {
  /** As a procedure would: the key's text by its environment, never as an argument. */
  const SHARE = `umask 077
    sudo -n install -d -m 700 -o amp -g amp "$AMP_USER_HOME/.ssh"
    printf '%s' "$KEY" >"$AMP_USER_HOME/.ssh/id_rsa.new" && printf '%s' "$PUBLIC" >"$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    sudo -n chown amp:amp "$AMP_USER_HOME/.ssh/id_rsa.new" "$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    chmod 600 "$AMP_USER_HOME/.ssh/id_rsa.new" && chmod 644 "$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    for key in id_rsa id_rsa.pub; do mv "$AMP_USER_HOME/.ssh/$key.new" "$AMP_USER_HOME/.ssh/$key"; done`;

  test('shared keys are seen with owner and modes', async () => {
    layOut();
    expect(pair.keysOf('amp-01')).toEqual({});
    const text = { KEY: 'a private key\n', PUBLIC: 'a public key\n' };
    expect(await on('amp-01', SHARE, text)).toEqual({ code: 0, stdout: '', stderr: '' });
    await pair.run('amp-01', 'start');
    await noted('amp-01', /^SSH keys are not on every server: amp-01 [0-9a-f]{12}, amp-02 none$/);
    await on('amp-02', SHARE, { ...text, KEY: 'another private key\n' });
    await pair.run('amp-02', 'start');
    await noted('amp-02', /^SSH keys differ: amp-01 [0-9a-f]{12}, amp-02 [0-9a-f]{12}$/);
    await pair.killHard('amp-02');
    await on('amp-02', SHARE, text);
    await pair.run('amp-02', 'start');
    await noted('amp-02', /^SSH keys: the same on every server$/);
    expect(pair.keysOf('amp-01')).toEqual({
      '.ssh': { mode: '700', owner: 'amp:amp' },
      id_rsa: { mode: '600', owner: 'amp:amp', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      'id_rsa.pub': { mode: '644', owner: 'amp:amp', sha256: expect.any(String) },
    });
    expect(pair.keysOf('amp-02')).toEqual(pair.keysOf('amp-01'));
  });

  test('install and chown take the owner and refuse strangers', async () => {
    layOut({ hosts: 1 });
    const script = 'printf key >k && install -m 0640 -o amp k "$AMP_USER_HOME" && stat -c %a "$AMP_USER_HOME/k"; cat "$AMP_USER_HOME/k"';
    expect((await on('amp-01', script)).stdout).toBe('640\nkey');
    expect(await on('amp-01', 'install -o nobody-here k k2; ls k2')).toMatchObject({
      stderr: expect.stringMatching(/invalid user: 'nobody-here'/),
    });
    expect(await on('amp-01', 'chown root:nobody-here k')).toMatchObject({ code: 1, stderr: expect.stringMatching(/invalid user/) });
    expect(await on('amp-01', 'chown amp missing')).toMatchObject({ code: 1, stderr: expect.stringMatching(/No such file/) });
    await on('amp-01', 'mkdir -m 755 "$AMP_USER_HOME/.ssh" && chown -R amp: "$AMP_USER_HOME"');
    expect(pair.keysOf('amp-01')).toEqual({ '.ssh': { mode: '755', owner: 'amp:amp' } });
  });

  test('sudo keeps HOME and drops the rest', async () => {
    layOut({ hosts: 1 });
    const shows = `sh -c 'printf "%s %s %s\\n" "$HOME" "$USER" "\${MINE-unset}"'`;
    const home = host('amp-01').home;
    expect((await on('amp-01', `sudo -n -H -u amp -- ${shows}`, { MINE: 'x y' })).stdout).toBe(`${home} amp unset\n`);
    expect((await on('amp-01', `sudo -nE ${shows}`, { MINE: 'x y' })).stdout).toBe(`${home} root x y\n`);
    expect((await on('amp-01', `sudo --user=amp MINE=given ${shows}`)).stdout).toBe(`${home} amp given\n`);
    expect(await on('amp-01', 'echo "exit 7" | sudo -n -H -u amp -- /bin/sh -s')).toMatchObject({ code: 7 });
    expect(await on('amp-01', 'sudo -u stranger true')).toMatchObject({ code: 1, stderr: 'sudo: unknown user stranger\n' });
    expect(await on('amp-01', 'sudo -n')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^usage: sudo/) });
    expect(await on('amp-01', 'HOME=/ sudo true')).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/no login of a sandbox host/),
    });
    expect(pair.log().some(({ program, verdict }) => program === 'sudo' && verdict === 'as amp: sh')).toBe(true);
    const sudone = await on('amp-01', 'sudo -n -u amp "$AMP_HOME"/bin/start');
    expect(sudone.code).toBe(0);
    await pair.waitForState('amp-01', 'MASTER');
  });
});

describe('processes', () => {
  test('a second start is refused, a stop needs a server', async () => {
    layOut({ hosts: 1 });
    expect(await on('amp-01', '"$AMP_HOME"/bin/stop')).toMatchObject({ code: 1, stderr: 'AMP does not run.\n' });
    await pair.run('amp-01', 'start');
    await pair.waitForState('amp-01', 'MASTER');
    const pid = readFileSync(join(host('amp-01').variables?.amp_home ?? '', 'pid.txt'), 'utf8');
    expect(await on('amp-01', '"$AMP_HOME"/bin/start')).toMatchObject({
      code: 1,
      stderr: `AMP runs already, with the process id ${pid.trim()}.\n`,
    });
    expect(await on('amp-01', '"$AMP_HOME"/bin/status')).toMatchObject({ code: 0, stdout: 'Running ...\n' });
    expect(pair.processes()).toEqual([{ pid: Number(pid), host: 'amp-01' }]);
    await on('amp-01', 'rm "$AMP_HOME/pid.txt" && "$AMP_HOME"/bin/start');
    await noted('amp-01', /does not start: listen EADDRINUSE/);
    expect(pair.state('amp-01')).toBe('MASTER');
  });

  test('a stale pid.txt that names another is no server', async () => {
    layOut({ hosts: 1 });
    await on('amp-01', 'sleep 60 & echo $! >"$AMP_HOME/pid.txt"; "$AMP_HOME"/bin/stop; kill -0 $! && echo lives; kill $!').then((ran) => {
      expect(ran).toMatchObject({ stdout: 'lives\n', stderr: expect.stringMatching(/AMP does not run/) });
    });
    await pair.run('amp-01', 'start');
    await pair.waitForState('amp-01', 'MASTER');
  });

  test('servers end when their folder is deleted', async () => {
    await begin();
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
    for (const name of ['amp-01', 'amp-02']) await pair.waitUntilDown(name, { timeoutMs: 1_000 + MARGIN_MS });
    expect(existsSync(dir)).toBe(false);
  });

  test('closing ends servers that hang or were forgotten', async () => {
    await begin();
    await on('amp-01', 'rm "$AMP_HOME/pid.txt"');
    process.kill(pair.processes().find((server) => server.host === 'amp-02')?.pid ?? 0, 'SIGSTOP');
    expect(pair.processes()).toHaveLength(2);
    await pair.close();
    expect(pair.processes()).toEqual([]);
  });

  test('a start over SSH lets go of its channel', async () => {
    layOut();
    const keyPath = clientKey(join(dir, 'ssh'));
    const { home, variables = {} } = host('amp-01');
    const sshd = await startHostSshd({ dir: join(dir, 'ssh', 'amp-01'), home, publicKey: `${keyPath}.pub`, env: pair.env });
    try {
      const knownHosts = join(dir, 'known_hosts');
      writeFileSync(knownHosts, sshd.hostKeyLine('127.0.0.1'));
      const entry = { address: '127.0.0.1', port: sshd.port, user: userInfo().username };
      const over = (script: string): Promise<Ssh> => runSsh(entry, { keyPath, knownHosts }, script);
      pair.fault('slow-start', 'amp-01', { value: 1_500 });
      expect(await over(`cd '${variables.amp_home}' && bin/start && cat pid.txt`)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^\d+\n$/),
      });
      expect(pair.state('amp-01')).toBe('down');
      await sshd.stop();
      await pair.waitForState('amp-01', 'MASTER');
      await sshd.start();
      expect((await over(`'${pair.variables.amp_home}'/bin/status`)).stdout).toBe('Running ...\n');
      expect((await over(`sudo -n -H -u amp -- sh -c 'mountpoint -q "$1"' sh '${pair.variables.persistence_dir}'`)).code).toBe(0);
    } finally {
      await sshd.close();
    }
  });
});
