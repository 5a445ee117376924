import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanHostKeys } from '../../src/ssh/host-keys.ts';
import { addKnownHost } from '../../src/ssh/known-hosts.ts';
import { probe } from '../../src/ssh/probe.ts';
import type { Target } from '../../src/ssh/target.ts';
import { spec } from './attempts.ts';
import { createLayer, type Layer, type Sshd, startProxy, startSshd } from './support.ts';

let sshd: Sshd;
let layer: Layer;

beforeAll(async () => {
  sshd = await startSshd([], ['ed25519', 'rsa']);
  layer = createLayer(sshd);
});
afterAll(async () => {
  await layer.close();
  await sshd.stop();
});

const ask = (script: string, more = {}) => ({ script, env: {}, timeoutSeconds: 10, ...more });

/** What a probe says when only these lines are known of hosts. */
async function withKnownHosts(lines: string, target: Target = sshd.target) {
  const path = join(sshd.folder, 'known_other');
  writeFileSync(path, lines);
  const own = createLayer(sshd, { knownHosts: path });
  const answer = await probe(own.connections, target, ask('true'));
  await own.close();
  return answer;
}

test('an unknown host key is refused with its fingerprint', async () => {
  const print =
    execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'host_ed25519.pub')])
      .toString()
      .split(' ')[1] ?? '';
  const answer = await withKnownHosts('');
  expect(answer).toMatchObject({ kind: 'refused', why: { code: 'HOST_KEY_UNKNOWN', message: expect.stringContaining(print) } });
  expect(answer).toMatchObject({
    why: { message: expect.stringContaining(`alpha (127.0.0.1:${sshd.port})`), check: expect.stringContaining('keyturn trust') },
  });
});

test('a changed host key is refused with both fingerprints', async () => {
  const other = readFileSync(join(sshd.folder, 'id.pub'), 'utf8');
  const print =
    execFileSync('ssh-keygen', ['-lf', join(sshd.folder, 'id.pub')])
      .toString()
      .split(' ')[1] ?? '';
  const answer = await withKnownHosts(`[127.0.0.1]:${sshd.port} ${other}`);
  expect(answer).toMatchObject({ kind: 'refused', why: { code: 'HOST_KEY_CHANGED', message: expect.stringContaining(print) } });
});

test('a revoked host key is refused', async () => {
  const key = readFileSync(join(sshd.folder, 'host_ed25519.pub'), 'utf8');
  const line = `[127.0.0.1]:${sshd.port} ${key}`;
  expect(await withKnownHosts(`${line}@revoked ${line}`)).toMatchObject({ kind: 'refused', why: { code: 'HOST_KEY_CHANGED' } });
});

test.each(['rsa', 'ed25519'])('a host known by its %s key only is trusted', async (type) => {
  const key = readFileSync(join(sshd.folder, `host_${type}.pub`), 'utf8');
  expect(await withKnownHosts(`[127.0.0.1]:${sshd.port} ${key}`)).toMatchObject({ kind: 'answered', status: 0 });
});

test('scanned keys, once added, make the host trusted', async () => {
  const scanned = await scanHostKeys('127.0.0.1', sshd.port);
  if (scanned.kind === 'refused') throw new Error(scanned.why.message);
  expect(scanned.keys.map((key) => key.type)).toEqual(['ssh-ed25519', 'ssh-rsa']);
  const path = join(sshd.folder, 'known_added');
  for (const key of scanned.keys) await addKnownHost(path, '127.0.0.1', sshd.port, key);
  expect(await withKnownHosts(readFileSync(path, 'utf8'))).toMatchObject({ kind: 'answered' });
});

test.each<[string, string, (target: Target) => Target]>([
  [
    'AUTH_REFUSED',
    'a key the host does not know',
    (target) => ({ ...target, identity: { kind: 'key', path: join(sshd.folder, 'host_ed25519') } }),
  ],
  ['IDENTITY_UNREADABLE', 'a key file that is not there', (target) => ({ ...target, identity: { kind: 'key', path: '/none' } })],
  ['IDENTITY_UNREADABLE', 'a key file that is no key', (target) => ({ ...target, identity: { kind: 'key', path: '/etc/passwd' } })],
  ['IDENTITY_UNREADABLE', 'an agent that is not there', (target) => ({ ...target, identity: { kind: 'agent', socket: '/none' } })],
  ['UNREACHABLE', 'a port where nothing listens', (target) => ({ ...target, port: 1 })],
  ['UNREACHABLE', 'a name that nobody knows', (target) => ({ ...target, address: 'no.such.host.invalid' })],
  ['NO_SHELL', 'a user that sudo does not allow', (target) => ({ ...target, become: 'nobody-such' })],
])('%s is told for %s', async (code, _title, change) => {
  const answer = await probe(layer.connections, change(sshd.target), ask('true'));
  expect(answer).toMatchObject({ kind: 'refused', why: { code, message: expect.stringContaining('alpha'), check: expect.any(String) } });
});

test('a probe tells status, both streams and their limit', async () => {
  const answer = await probe(layer.connections, sshd.target, ask('echo "$WHO"; echo err >&2; exit 4', { env: { WHO: "a'b" } }));
  expect(answer).toEqual({ kind: 'answered', status: 4, stdout: "a'b\n", stderr: 'err\n', truncated: false });
  const long = await probe(layer.connections, sshd.target, ask('head -c 5000 /dev/zero', { maxBytes: 100 }));
  expect(long).toMatchObject({ kind: 'answered', stdout: '\0'.repeat(100), truncated: true });
});

test('a probe leaves nothing in the store', async () => {
  const fresh = await startSshd();
  const own = createLayer(fresh);
  expect(await probe(own.connections, fresh.target, ask('true'))).toMatchObject({ kind: 'answered' });
  expect(existsSync(join(fresh.home, '.keyturn'))).toBe(false);
  await own.close();
  await fresh.stop();
});

test('a probe that takes too long is ended on the host', async () => {
  const pidFile = join(sshd.home, 'slow.pid');
  const answer = await probe(
    layer.connections,
    sshd.target,
    ask(`trap '' TERM; echo $$ >slow.pid; sleep 60; sleep 60`, { timeoutSeconds: 1 }),
  );
  expect(answer).toEqual({ kind: 'timedOut' });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))).toBe(false);
});

test('a probe cut on its way is lost, not failed', async () => {
  const proxy = await startProxy(sshd.port);
  const path = join(sshd.folder, 'known_cut');
  writeFileSync(path, readFileSync(sshd.knownHosts, 'utf8').replaceAll(`:${sshd.port}`, `:${proxy.port}`));
  const own = createLayer(sshd, { knownHosts: path });
  const target = { ...sshd.target, port: proxy.port };
  await probe(own.connections, target, ask('true'));
  const answer = probe(own.connections, target, ask('touch begun; sleep 5'));
  while (!existsSync(join(sshd.home, 'begun'))) await new Promise((resume) => setTimeout(resume, 10));
  proxy.cut();
  expect(await answer).toMatchObject({ kind: 'lost' });
  expect(await probe(own.connections, target, ask('true'))).toMatchObject({ kind: 'answered' });
  await own.close();
  await proxy.close();
});

test('forty calls at once share ten channels in order', async () => {
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => probe(layer.connections, sshd.target, ask(`echo ${i}`))));
  expect(answers).toEqual(
    Array.from({ length: 40 }, (_, i) => ({ kind: 'answered', status: 0, stdout: `${i}\n`, stderr: '', truncated: false })),
  );
});

test('a host with two sessions at most still serves all', async () => {
  const tight = await startSshd(['MaxSessions 2']);
  const own = createLayer(tight);
  const answers = await Promise.all(Array.from({ length: 6 }, () => probe(own.connections, tight.target, ask('true'))));
  expect(answers.map((answer) => answer.kind)).toEqual(answers.map(() => 'answered'));
  await own.close();
  await tight.stop();
});

test('a jump host leads to the host behind it', async () => {
  const target = { ...sshd.target, host: 'beta', jump: { ...sshd.target, host: 'jump' } };
  expect(await probe(layer.connections, target, ask('echo behind'))).toMatchObject({ kind: 'answered', stdout: 'behind\n' });
  const nowhere = { ...target, port: 1 };
  expect(await probe(layer.connections, nowhere, ask('true'))).toMatchObject({ kind: 'refused', why: { code: 'UNREACHABLE' } });
});

test('become runs a command through sudo, never asking', async () => {
  const bin = join(sshd.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\necho "$*" >>${bin}/asked\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n`);
  chmodSync(join(bin, 'sudo'), 0o755);
  const own = await startSshd([], ['ed25519'], `${bin}:/usr/bin:/bin`);
  const ownLayer = createLayer(own);
  const answer = await probe(ownLayer.connections, { ...own.target, become: 'postgres' }, ask('echo as asked'));
  await ownLayer.close();
  await own.stop();
  expect(answer).toMatchObject({ kind: 'answered', stdout: 'as asked\n' });
  expect(readFileSync(join(bin, 'asked'), 'utf8')).toContain('-n -H -u postgres -- /bin/sh -s\n');
});

test('what a host prints at login instead of a shell is masked', async () => {
  const secret = 'hunter2-of-the-cluster';
  const talker = await startSshd([`Banner ${sshd.folder}/banner`, `ForceCommand echo "login refused: PGPASSWORD=${secret}" >&2; exit 1`]);
  writeFileSync(join(sshd.folder, 'banner'), `welcome, ${secret}\n`);
  const own = createLayer(talker);
  const ends = await Promise.all([
    own.attempts.carryOut(talker.target, spec('true', { secrets: [secret] }), { budgetMs: 10_000 }),
    probe(own.connections, talker.target, ask('true', { secrets: [secret] })),
  ]);
  await own.close();
  await talker.stop();
  for (const end of ends) {
    expect(JSON.stringify(end)).toMatch(/NO_SHELL.*did not start .*It said: login refused: PGPASSWORD=••••••/);
    expect(JSON.stringify(end)).not.toContain(secret);
  }
});

describe('a connection that is open already', () => {
  /** Which connection a command comes by: the host tells the port of our end. */
  const connectionOf = async (on: Layer, target: Target): Promise<string> => {
    const answer = await probe(on.connections, target, ask('echo "$SSH_CONNECTION"'));
    return answer.kind === 'answered' ? (answer.stdout.split(' ')[1] ?? '') : answer.kind;
  };

  test('is used again until it is forgotten', async () => {
    const own = createLayer(sshd);
    const behind = { ...sshd.target, host: 'beta', jump: sshd.target, user: sshd.target.user };
    const other = { ...sshd.target, address: 'localhost' };
    const [first, through] = [await connectionOf(own, sshd.target), await connectionOf(own, behind)];
    expect([await connectionOf(own, sshd.target), await connectionOf(own, behind)]).toEqual([first, through]);
    own.connections.forget(other);
    expect(await connectionOf(own, sshd.target)).toBe(first);
    own.connections.forget(sshd.target);
    const next = [await connectionOf(own, sshd.target), await connectionOf(own, behind)];
    expect(next).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
    expect(next).not.toContain(first);
    expect(next).not.toContain(through);
    await own.close();
  });

  test('is not used once known_hosts has another key', async () => {
    const path = join(sshd.folder, 'known_replaced');
    const trusted = readFileSync(sshd.knownHosts, 'utf8');
    writeFileSync(path, trusted);
    const own = createLayer(sshd, { knownHosts: path });
    const first = await connectionOf(own, sshd.target);
    writeFileSync(path, `${trusted}# written, and trusted as before\n`);
    const later = performance.now() + 1_500;
    while (performance.now() < later) expect(await connectionOf(own, sshd.target)).toBe(first);
    writeFileSync(path, `[127.0.0.1]:${sshd.port} ${readFileSync(join(sshd.folder, 'id.pub'), 'utf8')}`);
    const deadline = performance.now() + 5_000;
    let last = first;
    while (last === first && performance.now() < deadline) last = await connectionOf(own, sshd.target);
    expect(last).toBe('refused');
    expect(await probe(own.connections, sshd.target, ask('true'))).toMatchObject({
      ...{ kind: 'refused', why: { code: 'HOST_KEY_CHANGED', check: expect.stringContaining('--replace alpha') } },
    });
    await own.close();
  });

  test('stays while known_hosts cannot be read, a new one does not', async () => {
    const path = join(sshd.folder, 'known_unreadable');
    writeFileSync(path, readFileSync(sshd.knownHosts));
    const own = createLayer(sshd, { knownHosts: path });
    const first = await connectionOf(own, sshd.target);
    rmSync(path);
    mkdirSync(path);
    const later = performance.now() + 1_500;
    while (performance.now() < later) expect(await connectionOf(own, sshd.target)).toBe(first);
    const other = { ...sshd.target, address: 'localhost' };
    expect(await probe(own.connections, other, ask('true'))).toMatchObject({ kind: 'refused', why: { code: 'KNOWN_HOSTS_UNREADABLE' } });
    await own.close();
  });
});

test('an encrypted key needs its passphrase', async () => {
  const path = join(sshd.folder, 'locked');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', path]);
  appendFileSync(join(sshd.folder, 'id.pub'), readFileSync(`${path}.pub`));
  const locked = { ...sshd.target, identity: { kind: 'key', path } } as const;
  expect(await probe(layer.connections, locked, ask('true'))).toMatchObject({ kind: 'refused', why: { code: 'IDENTITY_UNREADABLE' } });
  const opened = { ...locked, identity: { ...locked.identity, passphrase: 'open sesame' } };
  expect(await probe(layer.connections, opened, ask('true'))).toMatchObject({ kind: 'answered' });
});
