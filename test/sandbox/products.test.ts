/** What every sandbox product gets alike: logins, environment, secrets, its cluster file, sudo; with a product that has no programs of its own. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { clusterFile, type HostEntry } from '../../infra/sandbox/cluster-file.ts';
import { startDemoHosts } from '../../infra/sandbox/hosts/demo-hosts.ts';
import { COMMON_FAULTS, placeFault } from '../../infra/sandbox/hosts/faults.ts';
import { layOutCommon, layOutMachine, pathWith } from '../../infra/sandbox/hosts/layout.ts';
import { readLog, waitForLog } from '../../infra/sandbox/hosts/log.ts';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import { startHosts } from '../support/sandbox-hosts.ts';
import { runSsh, type Ssh } from '../support/ssh-command.ts';

let closes: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closes.reverse()) await close();
  closes = [];
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'keyturn-product-'));
  closes.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

function plain(dir: string, product = 'plain'): SandboxProduct & { isClosed(): boolean } {
  const [shared, bin] = [join(dir, 'shared'), join(dir, 'any', 'bin')];
  layOutCommon(shared, bin);
  const hosts = ['one', 'two'].map((name, index) => {
    layOutMachine(dir, { SANDBOX: shared, HOST: name });
    const variables = { own_ip: `10.0.0.${index + 1}` };
    return { name, fqdn: `${name}.${product}.example`, roles: ['server', name], home: join(dir, name, 'home'), variables };
  });
  let closed = false;
  return {
    dir,
    product,
    hosts,
    variables: { plain_home: '/opt/plain' },
    secrets: { plain_password: 'pass"word\n$x' },
    env: { PATH: pathWith(bin), PLAIN_MODE: 'a b' },
    log: () => readLog(shared),
    violations: () => [],
    waitForLog: (predicate) => waitForLog(shared, predicate, { timeoutMs: 1_000 }),
    close: async () => {
      closed = true;
    },
    isClosed: () => closed,
  };
}

type Reached = { readonly dir: string; readonly knownHosts: string; readonly keyPath: string };
const at = async ({ dir, knownHosts, keyPath }: Reached, entry: HostEntry | undefined, command: string): Promise<Ssh> => {
  writeFileSync(join(dir, 'known_hosts'), knownHosts);
  if (entry === undefined) throw new Error('no such host');
  return runSsh(entry, { keyPath, knownHosts: join(dir, 'known_hosts') }, command);
};

const servers = [
  ['a real sshd', async (product: SandboxProduct) => startHosts(product).then((each) => ({ ...each, hosts: each.hostEntries }))],
  ['the small server', async (product: SandboxProduct) => startDemoHosts(product).then((each) => ({ ...each, dir: product.dir }))],
] as const;

describe.each(servers)('behind %s', (_name, start) => {
  const begin = async () => {
    const product = plain(folder());
    const started = await start(product);
    closes.push(() => started.close());
    const on = (index: number, command: string) => at(started, started.hosts[index], command);
    return { product, started, on };
  };

  test('every login has its home and the environment', async () => {
    const { product, on } = await begin();
    const command = 'printf "%s|" "$HOME" "$PLAIN_MODE" "$(command -v sudo)"';
    for (const [index, { home }] of product.hosts.entries())
      expect((await on(index, command)).stdout).toBe(`${home}|a b|${join(product.dir, 'any', 'bin', 'sudo')}|`);
  });

  test('the cluster file says all that differs', async () => {
    const { product, started } = await begin();
    const text = clusterFile({ name: 'plain-prod', title: 'Plain', ...started, start: [], approve: [] });
    const [one, two] = started.hosts;
    expect(load(text)).toMatchObject({
      cluster: 'plain-prod',
      product: 'plain',
      variables: { plain_home: '/opt/plain' },
      secrets: { plain_password: { file: join(product.dir, 'secrets', 'plain_password') } },
      hosts: [
        { name: 'one', port: one?.port, aliases: ['one.plain.example'], roles: ['server', 'one'], variables: { own_ip: '10.0.0.1' } },
        { name: 'two', port: two?.port, roles: ['server', 'two'], variables: { own_ip: '10.0.0.2' } },
      ],
    });
    expect(text).not.toContain('pass"word');
  });

  test('a secret lies in a file of its owner', async () => {
    const { product } = await begin();
    const file = join(product.dir, 'secrets', 'plain_password');
    expect(readFileSync(file, 'utf8')).toBe('pass"word\n$x');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('closing the hosts closes the product', async () => {
    const product = plain(folder());
    await (await start(product)).close();
    expect(product.isClosed()).toBe(true);
  });
});

test('two products side by side keep ports and keys', async () => {
  const dirs = [folder(), folder()];
  const begin = () => Promise.all(dirs.map((dir, index) => startDemoHosts(plain(dir, `plain${index}`))));
  const first = await begin();
  for (const each of first) await each.close();
  const second = await begin();
  closes.push(...second.map((each) => () => each.close()));
  expect(second.map(({ hosts, knownHosts }) => ({ hosts, knownHosts }))).toEqual(
    first.map(({ hosts, knownHosts }) => ({ hosts, knownHosts })),
  );
  expect(new Set(second.flatMap(({ hosts }) => hosts.map(({ port }) => port))).size).toBe(4);
  for (const [index, each] of second.entries()) {
    const said = await at({ ...each, dir: dirs[index] ?? '' }, each.hosts[0], 'echo "$USER $HOME"');
    expect(said.stdout).toBe(`plain${index} ${dirs[index]}/one/home\n`);
  }
});

describe('sudo', () => {
  const begin = async () => {
    const product = plain(folder());
    const hosts = await startHosts(product);
    closes.push(() => hosts.close());
    return { product, on: (command: string) => at(hosts, hosts.entry('one'), command) };
  };

  test.each([
    ['sudo', 'sudo sh -c "$SHOW"', 'root||'],
    ['options that change nothing here', 'sudo -n -H -- sh -c "$SHOW"', 'root||'],
    ['-E keeps the environment', 'sudo -E sh -c "$SHOW"', 'root|kept|'],
    ['--preserve-env with names', 'sudo --preserve-env=OTHER,GIVEN sh -c "$SHOW"', 'root|kept|'],
    ['NAME=value before the command', 'sudo GIVEN="new value" SECOND=2 sh -c "$SHOW"', 'root|new value|2'],
    ['-u with a word', 'sudo -n -H -u atscale -- sh -c "$SHOW"', 'atscale||'],
    ['letters in one word', 'sudo -nEuatscale sh -c "$SHOW"', 'atscale|kept|'],
    ['--user=', 'sudo --user=atscale sh -c "$SHOW"', 'atscale||'],
    ['another sudo below', 'sudo -u atscale sudo -E sh -c "$SHOW"', 'root||'],
  ])('%s is understood', async (_what, command, expected) => {
    const { product, on } = await begin();
    const show = `SHOW='printf "%s|%s|%s|%s" "$SANDBOX_USER" "$GIVEN" "$SECOND" "$HOME"' GIVEN=kept; export SHOW GIVEN;`;
    // SHOW reaches sudo as an argument, so that it is there even when the environment is emptied.
    expect((await on(`${show} ${command}`)).stdout).toBe(`${expected}|${product.hosts[0]?.home}`);
  });

  test('it writes down who ran what and passes the exit code', async () => {
    const { product, on } = await begin();
    expect((await on('sudo -u atscale sh -c "exit 7"')).code).toBe(7);
    const notes = product.log().filter(({ program, host }) => program === 'sudo' && host === 'one');
    expect(notes.map(({ verdict }) => verdict)).toEqual(['as atscale: -u atscale sh -c exit 7']);
  });

  test('standard input goes through to the command', async () => {
    const { on } = await begin();
    expect((await on('echo "echo said" | sudo -n -H -u atscale -- /bin/sh -s')).stdout).toBe('said\n');
  });

  test('a fault makes it ask for a password', async () => {
    const { product, on } = await begin();
    placeFault(join(product.dir, 'shared'), COMMON_FAULTS['sudo-refuses'], ['one']);
    expect(await on('sudo -n true')).toEqual({ code: 1, stdout: '', stderr: 'sudo: a password is required\n' });
  });

  test('unknown options and no command are refused', async () => {
    const { on } = await begin();
    for (const command of ['sudo', 'sudo -n', 'sudo --nonsense true', 'sudo -u'])
      expect(await on(command)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^usage: sudo /) });
  });
});
