/** The sandbox AMP hosts: keys, stand-ins for system programs, the life of the server processes, and once a real sshd. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { MARGIN_MS, useAmpPair } from '../support/amp.ts';
import { runSsh, type Ssh } from '../support/ssh-command.ts';
import { clientKey, startHostSshd } from '../support/sshd.ts';

const { layOut, begin, host, on, noted } = useAmpPair();

describe('keys and system programs', () => {
  /** As a procedure would: the key's text by its environment, never as an argument. */
  const SHARE = `umask 077
    sudo -n install -d -m 700 -o amp -g amp "$AMP_USER_HOME/.ssh"
    printf '%s' "$KEY" >"$AMP_USER_HOME/.ssh/id_rsa.new" && printf '%s' "$PUBLIC" >"$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    sudo -n chown amp:amp "$AMP_USER_HOME/.ssh/id_rsa.new" "$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    chmod 600 "$AMP_USER_HOME/.ssh/id_rsa.new" && chmod 644 "$AMP_USER_HOME/.ssh/id_rsa.pub.new"
    for key in id_rsa id_rsa.pub; do mv "$AMP_USER_HOME/.ssh/$key.new" "$AMP_USER_HOME/.ssh/$key"; done`;

  test('shared keys are seen with owner and modes', async () => {
    const pair = layOut();
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
    const pair = layOut({ hosts: 1 });
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
    const pair = layOut({ hosts: 1 });
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
    const pair = layOut({ hosts: 1 });
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
    const pair = layOut({ hosts: 1 });
    await on('amp-01', 'sleep 60 & echo $! >"$AMP_HOME/pid.txt"; "$AMP_HOME"/bin/stop; kill -0 $! && echo lives; kill $!').then((ran) => {
      expect(ran).toMatchObject({ stdout: 'lives\n', stderr: expect.stringMatching(/AMP does not run/) });
    });
    await pair.run('amp-01', 'start');
    await pair.waitForState('amp-01', 'MASTER');
  });

  test('servers end when their folder is deleted', async () => {
    const pair = await begin();
    rmSync(pair.dir, { recursive: true, force: true, maxRetries: 10 });
    for (const name of ['amp-01', 'amp-02']) await pair.waitUntilDown(name, { timeoutMs: 1_000 + MARGIN_MS });
    expect(existsSync(pair.dir)).toBe(false);
  });

  test('closing ends servers that hang or were forgotten', async () => {
    const pair = await begin();
    await on('amp-01', 'rm "$AMP_HOME/pid.txt"');
    process.kill(pair.processes().find((server) => server.host === 'amp-02')?.pid ?? 0, 'SIGSTOP');
    expect(pair.processes()).toHaveLength(2);
    await pair.close();
    expect(pair.processes()).toEqual([]);
  });

  test('a start over SSH lets go of its channel', async () => {
    const pair = layOut();
    const keyPath = clientKey(join(pair.dir, 'ssh'));
    const { home, variables = {} } = host('amp-01');
    const sshd = await startHostSshd({ dir: join(pair.dir, 'ssh', 'amp-01'), home, publicKey: `${keyPath}.pub`, env: pair.env });
    try {
      const knownHosts = join(pair.dir, 'known_hosts');
      writeFileSync(knownHosts, sshd.hostKeyLine('127.0.0.1'));
      const entry = { address: '127.0.0.1', port: sshd.port, user: userInfo().username };
      const over = (script: string): Promise<Ssh> => runSsh(entry, { keyPath, knownHosts }, script);
      pair.fault('slow-start', 'amp-01', { value: 1_500 });
      const started = await over(`cd '${variables.amp_home}' && bin/start && cat pid.txt && ps -o sid= -p "$(cat pid.txt)"`);
      expect(started).toMatchObject({ code: 0, stderr: '' });
      const [pid, session] = started.stdout.split('\n').map(Number);
      expect(session).toBe(pid);
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
