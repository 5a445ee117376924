/** The commands of `keyturn`, on real files, a real OpenSSH server, a real Redis and the sandbox Slack. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { type Sshd, startSshd } from '../ssh/support.ts';
import { startRedis } from '../support/redis.ts';
import { type Cli, clusterFile, createCli } from './world.ts';

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

describe('help', () => {
  test.each([
    ['--help'],
    ['lint', '--help'],
    ['trust', '--help'],
    ['doctor', '--help'],
    ['status', '--help'],
    ['pause', '--help'],
    ['resume', '--help'],
    ['cancel', '--help'],
  ])('“keyturn %s” teaches by example', async (...args) => {
    const { code, out } = await cli.run(...args.filter((arg) => arg !== undefined));
    expect(code).toBe(0);
    expect(out).toContain('$ keyturn ');
  });

  test('an unknown command ends with code 2', async () => {
    const { code, err } = await cli.run('lnit');
    expect(code).toBe(2);
    expect(err).toContain('Did you mean lint?');
  });

  test('plan is offered where a planner is at hand', async () => {
    expect((await cli.run('plan', 'look', 'shop-prod')).code).toBe(2);
    const planning = createCli({
      plan: async (procedure, cluster, params) => ({ kind: 'refused', why: [`${procedure} ${cluster} ${params.host}`] }),
    });
    expect(await planning.run('plan', 'look', 'shop-prod', 'host=web-1')).toMatchObject({ code: 1, err: 'look shop-prod web-1' });
    expect((await planning.run('plan', 'look', 'shop-prod', 'host')).code).toBe(2);
    planning.close();
  });
});

describe('lint', () => {
  test('right files are counted', async () => {
    cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', 22));
    expect(await cli.run('lint')).toMatchObject({ code: 0, err: '', out: 'Nothing is wrong in 1 procedure and 1 cluster.' });
  });

  test('a mistake is shown with its place', async () => {
    const file = cli.write('procedures/shop/broken.yaml', 'procedure: broken\nproduct: shop\ntitle: 3\nsteps: []\n');
    const { code, err } = await cli.run('lint');
    expect(code).toBe(1);
    expect(err).toContain(`${file}:3:`);
    expect((await cli.run('lint', file)).code).toBe(1);
    expect((await cli.run('lint', join(cli.folder, 'procedures/shop/look.yaml'))).code).toBe(0);
  });

  test('a file from elsewhere is read by itself', async () => {
    const good = cli.write('elsewhere/shop-test.yaml', clusterFile('shop-test', 22));
    const bad = cli.write('elsewhere/bad.yaml', 'cluster: bad\n');
    expect((await cli.run('lint', good)).code).toBe(0);
    expect((await cli.run('lint', bad)).code).toBe(1);
    expect((await cli.run('lint', join(cli.folder, 'nothing.yaml'))).code).toBe(1);
  });

  test('a procedure that can be run but should be thought about is told with the rule', async () => {
    const look = readFileSync(join(cli.folder, 'procedures/shop/look.yaml'), 'utf8');
    cli.write('procedures/shop/end.yaml', look.replace('look', 'end').replace('hostname', 'reboot'));
    const { code, err } = await cli.run('lint');
    expect(code).toBe(1);
    expect(err).toContain('end.yaml:9:10  steps[0].run: nobody is asked before this step, and here is `reboot` [unsafe-verb]\n  Check: ');
    expect(err).toContain('One thing is wrong.');
  });

  test('libraries are counted, and what nobody uses of them is a note', async () => {
    cli.write('procedures/shop/common.yaml', 'library: common\nproduct: shop\nshared: { a: { run: x } }\n');
    const { code, out } = await cli.run('lint');
    expect(code).toBe(0);
    expect(out).toContain('common.yaml: no procedure uses the shared entry a');
    expect(out).toContain('Nothing is wrong in 1 procedure, 1 library and 0 clusters.');
  });

  test('what does not fit a cluster is a note', async () => {
    cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', 22));
    cli.write('clusters/shop-mail.yaml', clusterFile('shop-mail', 22).replace('[web]', '[mailer]'));
    const look = readFileSync(join(cli.folder, 'procedures/shop/look.yaml'), 'utf8');
    cli.write('procedures/shop/mail.yaml', look.replace('look', 'mail').replace('each web', 'mailer'));
    const { code, out } = await cli.run('lint');
    expect(code).toBe(0);
    expect(out).toContain('Note: mail cannot run on shop-prod');
  });
});

describe('with a host', () => {
  let sshd: Sshd;
  let file: string;
  beforeEach(async () => {
    sshd = await startSshd([], ['ed25519', 'ecdsa']);
    const text = clusterFile('shop-prod', sshd.port).replace(/user: \w+/, `user: ${userInfo().username}`);
    cli.write('clusters/shop-prod.yaml', text);
    cli.env.KEYTURN_SSH_KEY = join(sshd.folder, 'id');
    file = join(cli.folder, 'data/known_hosts');
  });
  afterEach(() => sshd.stop());

  const fingerprint = (type: string): string =>
    execFileSync('ssh-keygen', ['-lf', join(sshd.folder, `host_${type}.pub`)])
      .toString()
      .split(' ')[1] ?? '';

  test('no is the answer unless somebody says yes', async () => {
    const { code, out, asked } = await cli.run('trust', 'shop-prod');
    expect({ code, asked }).toEqual({ code: 1, asked: 1 });
    for (const type of ['ed25519', 'ecdsa']) expect(out).toContain(fingerprint(type));
    expect(existsSync(file)).toBe(false);
  });

  test('a confirmed key is written once', async () => {
    cli.answer = true;
    expect((await cli.run('trust', 'shop-prod')).code).toBe(0);
    const written = readFileSync(file, 'utf8');
    expect(written.trim().split('\n')).toHaveLength(2);
    expect(await cli.run('trust', 'shop-prod')).toMatchObject({ code: 0, asked: 0 });
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  test('a changed key is refused, --yes or not', async () => {
    await cli.run('trust', 'shop-prod', '--yes');
    const before = readFileSync(file, 'utf8');
    const other = await startSshd([], ['ed25519', 'ecdsa']);
    const stolen = before.replaceAll(`:${sshd.port} `, `:${other.port} `);
    cli.write('data/known_hosts', stolen);
    cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', other.port));
    const { code, err, asked } = await cli.run('trust', 'shop-prod', '--yes');
    expect({ code, asked }).toEqual({ code: 1, asked: 0 });
    expect(err).toContain('REFUSED');
    expect(readFileSync(file, 'utf8')).toBe(stolen);
    await other.stop();
  });

  describe('a machine that was exchanged', () => {
    let other: Sshd;
    let before: string;
    const print = (of: Sshd, type: string): string =>
      execFileSync('ssh-keygen', ['-lf', join(of.folder, `host_${type}.pub`)])
        .toString()
        .split(' ')[1] ?? '';
    beforeEach(async () => {
      await cli.run('trust', 'shop-prod', '--yes');
      other = await startSshd([], ['ed25519', 'rsa']);
      before = `# ours\n${readFileSync(file, 'utf8').replaceAll(`:${sshd.port} `, `:${other.port} `)}node2 ${readFileSync(join(sshd.folder, 'host_ed25519.pub'), 'utf8')}`;
      cli.write('data/known_hosts', before);
      cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', other.port));
    });
    afterEach(() => other.stop());

    test('is refused with the command that helps', async () => {
      const { code, err } = await cli.run('trust', 'shop-prod', '--yes');
      expect(code).toBe(1);
      expect(err).toContain('keyturn trust shop-prod --replace web-1');
    });

    test('is shown with old and new keys; no is the answer', async () => {
      const { code, out, asked } = await cli.run('trust', 'shop-prod', '--replace', 'web-1');
      expect({ code, asked }).toEqual({ code: 1, asked: 1 });
      for (const [of, type] of [
        [sshd, 'ed25519'],
        [sshd, 'ecdsa'],
        [other, 'ed25519'],
        [other, 'rsa'],
      ] as const)
        expect(out).toContain(print(of, type));
      expect(readFileSync(file, 'utf8')).toBe(before);
    });

    test('is trusted by its new keys alone after a yes', async () => {
      cli.answer = true;
      expect(await cli.run('trust', 'shop-prod', '--replace', 'web-1')).toMatchObject({ code: 0, asked: 1, err: '' });
      const lines = ['ed25519', 'rsa'].map(
        (type) => `[127.0.0.1]:${other.port} ${readFileSync(join(other.folder, `host_${type}.pub`), 'utf8')}`,
      );
      expect(readFileSync(file, 'utf8').replaceAll(/ \n/g, '\n')).toBe(
        `# ours\nnode2 ${readFileSync(join(sshd.folder, 'host_ed25519.pub'), 'utf8')}${lines.join('')}`.replaceAll(/ \n/g, '\n'),
      );
      expect(await cli.run('trust', 'shop-prod')).toMatchObject({ code: 0, asked: 0 });
      expect(await cli.run('trust', 'shop-prod', '--replace', 'web-1')).toMatchObject({ code: 0, asked: 0 });
    });

    test('is never confirmed unseen, nor by another name', async () => {
      expect(await cli.run('trust', 'shop-prod', '--replace', 'web-1', '--yes')).toMatchObject({ code: 2, asked: 0 });
      expect(await cli.run('trust', 'shop-prod', '--replace', 'web-2')).toMatchObject({ code: 2, err: expect.stringContaining('web-1') });
      expect(readFileSync(file, 'utf8')).toBe(before);
    });

    test('with a revoked key is refused all the same', async () => {
      const revoked = `${before}\n@revoked * ${readFileSync(join(other.folder, 'host_rsa.pub'), 'utf8')}`;
      cli.write('data/known_hosts', revoked);
      cli.answer = true;
      const { code, err, asked } = await cli.run('trust', 'shop-prod', '--replace', 'web-1');
      expect({ code, asked }).toEqual({ code: 1, asked: 0 });
      expect(err).toContain('@revoked');
      expect(readFileSync(file, 'utf8')).toBe(revoked);
    });
  });

  test('a host that is down is told with its address', async () => {
    cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', 1));
    const { code, err } = await cli.run('trust', 'shop-prod', '--yes');
    expect(code).toBe(1);
    expect(err).toContain('web-1 (127.0.0.1:1)');
  });

  test('an unknown cluster is told with those that exist', async () => {
    expect(await cli.run('trust', 'shop-prdo')).toMatchObject({ code: 2, err: expect.stringContaining('shop-prod') });
  });

  test('the doctor finds all well', async () => {
    const [redis, slack] = await Promise.all([startRedis(), startSandboxSlack()]);
    await cli.run('trust', 'shop-prod', '--yes');
    Object.assign(cli.env, slack.env, { REDIS_URL: redis.url });
    const { code, out, err } = await cli.run('doctor');
    expect(err).toBe('');
    expect(code).toBe(0);
    for (const words of ['Northwind Data', 'a connection would be given', 'ready for commands', '1 procedure, 1 cluster', 'All is well.'])
      expect(out).toContain(words);
    await Promise.all([redis.stop(), slack.close()]);
  });

  test('an app without mentions is told of and not failed', async () => {
    const scopes = ['commands', 'chat:write', 'users:read', 'channels:read', 'channels:history', 'groups:read', 'groups:history'];
    const [redis, slack] = await Promise.all([startRedis(), startSandboxSlack({ scopes })]);
    await cli.run('trust', 'shop-prod', '--yes');
    Object.assign(cli.env, slack.env, { REDIS_URL: redis.url });
    const { code, out, err } = await cli.run('doctor');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^warning +Slack mentions: @Keyturn .* is not heard; .* add the bot scope app_mentions:read and the event app_mention/m,
    );
    await Promise.all([redis.stop(), slack.close()]);
  });

  test('the doctor names everything that is wrong', async () => {
    const slack = await startSandboxSlack();
    Object.assign(cli.env, slack.env, { SLACK_BOT_TOKEN: 'xoxb-wrong', SLACK_APP_TOKEN: 'xapp-wrong', REDIS_URL: 'redis://127.0.0.1:1' });
    const { code, err, out } = await cli.run('doctor', 'shop-prod');
    expect(code).toBe(1);
    for (const words of ['invalid_auth', 'connections:write', '127.0.0.1:1', 'keyturn trust']) expect(err).toContain(words);
    expect(out).toContain('4 of the above failed.');
    await slack.close();
  });

  test('the doctor finds channels without Keyturn and example addresses', async () => {
    const [redis, slack] = await Promise.all([startRedis(), startSandboxSlack()]);
    const example = clusterFile('shop-test', 22)
      .replace('127.0.0.1', '192.0.2.7')
      .replace('announce: []', 'announce: [C0RANDOM01, C0OPS00001]');
    cli.write('clusters/shop-test.yaml', example);
    Object.assign(cli.env, slack.env, { REDIS_URL: redis.url });
    const { code, out, err } = await cli.run('doctor', 'shop-test');
    expect(code).toBe(1);
    expect(err).toMatch(/channel C0RANDOM01: Keyturn is not in it.*\n.*\/invite @Keyturn/);
    expect(out).toContain('channel C0OPS00001: Keyturn is in it');
    expect(err).toMatch(/web-1 \(192\.0\.2\.7:22\): this address is one of those that are set aside for examples/);
    await Promise.all([redis.stop(), slack.close()]);
  });

  test.each<[string, number | undefined, RegExp]>([
    ['open to others', 0o644, /failed +installation key: .*its rights are 644.*Check: .*chmod 600/s],
    ['not made yet', undefined, /warning +installation key: .*installation\.key is not there: the first start makes it/],
  ])('the doctor tells of a key that is %s', async (_what, mode, words) => {
    const path = join(cli.folder, 'installation.key');
    if (mode !== undefined) writeFileSync(path, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode });
    Object.assign(cli.env, { KEYTURN_KEY_FILE: path });
    const { out, err } = await cli.run('doctor', 'shop-prod');
    expect(out + err).toMatch(words);
    expect(existsSync(path)).toBe(mode !== undefined);
  });

  test('the doctor goes on without a word from Slack', async () => {
    await cli.run('trust', 'shop-prod', '--yes');
    rmSync(join(cli.folder, 'procedures/shop/look.yaml'));
    const { code, out, err } = await cli.run('doctor');
    expect(code).toBe(1);
    expect(err).toContain('SLACK_BOT_TOKEN is not set');
    expect(err).toContain('0 procedures and 1 cluster;');
    expect(out).toContain('ready for commands');
  });
});
