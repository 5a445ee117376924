/** The demo's hosts behind their own small SSH server, with OpenSSH's client and with ssh2. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import type { HostEntry } from '../../infra/sandbox/cluster-file.ts';
import { demoClusterFile } from '../../infra/sandbox/demo/clusters.ts';
import { type AtscaleCluster, createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { type DemoHosts, startDemoHosts } from '../../infra/sandbox/hosts/demo-hosts.ts';
import { parseCluster } from '../../src/inventory/parse.ts';
import { runSsh, type Ssh, startSsh } from '../support/ssh-command.ts';
import { clientKey } from '../support/sshd.ts';

let dir: string;
let demo: DemoHosts<AtscaleCluster>;
let clients: { readonly client: Client; readonly closed: Promise<unknown> }[];

const begin = async (): Promise<void> => {
  demo = await startDemoHosts(createAtscaleCluster(dir, { seconds: { stop: 0.4, start: 0.1, services: 0 } }));
  writeFileSync(join(dir, 'known_hosts'), demo.knownHosts);
};
const login = () => ({ keyPath: demo.keyPath, knownHosts: join(dir, 'known_hosts') });
const entry = (name: string): HostEntry => {
  const found = demo.hosts.find((host) => host.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const on = (name: string, command: string): Promise<Ssh> => runSsh(entry(name), login(), command);
const connect = async (name: string): Promise<Client> => {
  const { address, port, user } = entry(name);
  const client = new ssh2.Client();
  clients.push({ client, closed: once(client, 'close') });
  client.connect({ host: address, port, username: user, privateKey: readFileSync(demo.keyPath) });
  await once(client, 'ready');
  return client;
};
/** What becomes of it is listened to before anything can have come. */
type Running = { readonly channel: ClientChannel; readonly exit: Promise<unknown[]>; readonly closed: Promise<unknown[]> };
const exec = (client: Client, command: string): Promise<Running> =>
  new Promise((resolve, reject) =>
    client.exec(command, (error, channel) => {
      if (error) reject(error);
      else resolve({ channel, exit: once(channel, 'exit'), closed: once(channel, 'close') });
    }),
  );

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keyturn-demo-'));
  clients = [];
  await begin();
});
afterEach(async () => {
  for (const { client, closed } of clients) {
    client.end();
    await closed;
  }
  await demo.close();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
});

test('a command has its own home and streams', async () => {
  const said = await on('engine-02', 'cd; pwd; echo "$HOME" >&2; exit 7');
  const home = join(dir, 'engine-02', 'home');
  expect(said).toEqual({ code: 7, stdout: `${home}\n`, stderr: `${home}\n` });
});

test('standard input reaches the command to its end', async () => {
  const { channel, closed } = await exec(await connect('coord-01'), 'wc -c');
  const out: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => out.push(chunk));
  channel.end(Buffer.alloc(5_000_000, 'x'));
  await closed;
  expect(Buffer.concat(out).toString().trim()).toBe('5000000');
});

test('both outputs arrive whole before the end', async () => {
  const { channel, exit, closed } = await exec(
    await connect('coord-01'),
    'head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2; exit 4',
  );
  const sizes = { out: 0, err: 0 };
  channel.on('data', (chunk: Buffer) => {
    sizes.out += chunk.length;
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    sizes.err += chunk.length;
  });
  await closed;
  expect(sizes).toEqual({ out: 9_000_000, err: 9_000_000 });
  expect(await exit).toEqual([4]);
});

test('a command waits for a reader that pauses', async () => {
  const { channel, closed } = await exec(await connect('coord-01'), 'head -c 40000000 /dev/zero; echo written >"$HOME/written"');
  channel.pause();
  const other = await on('coord-01', 'test -f "$HOME/written"');
  expect(other.code).toBe(1);
  channel.resume();
  await closed;
  expect((await on('coord-01', 'cat "$HOME/written"')).stdout).toBe('written\n');
});

test('a signal ends the whole process group', async () => {
  const { channel, exit, closed } = await exec(await connect('coord-01'), 'echo begun; sleep 600 | cat');
  await once(channel, 'data');
  channel.signal('TERM');
  expect((await exit).slice(0, 2)).toEqual([null, 'SIGTERM']);
  await closed;
});

test('a command outlives the connection that began it', async () => {
  const program = `${demo.product.productHome}/bin/atscale_stop`;
  const client = startSsh(entry('query-01'), login(), `${program} >"$HOME/out" 2>&1`);
  await demo.product.waitForLog(({ verdict }) => verdict === 'stop begins');
  const gone = once(client, 'exit');
  client.kill('SIGKILL');
  await gone;
  expect(await demo.product.waitForLog(({ event }) => event === 'end')).toMatchObject({ host: 'query-01', code: 0 });
  expect(demo.product.state().hosts['query-01']).toBe('stopped');
});

test('a broken connection breaks the pipes of its commands', async () => {
  const client = await connect('coord-01');
  const { channel } = await exec(
    client,
    'trap "" PIPE; echo begun; until ! echo more; do sleep 0.02; done 2>/dev/null; echo $$ >"$HOME/ended"',
  );
  await once(channel, 'data');
  channel.write(Buffer.alloc(1_000_000));
  client.destroy();
  const waited = await on('coord-01', 'for i in $(seq 500); do if [ -s "$HOME/ended" ]; then exit 0; fi; sleep 0.02; done; exit 1');
  expect(waited.code).toBe(0);
});

test('an eleventh session on one connection is refused', async () => {
  const client = await connect('coord-01');
  const open = await Promise.all(Array.from({ length: 10 }, () => exec(client, 'cat')));
  await expect(exec(client, 'true')).rejects.toThrow(/open failure/);
  const [first] = open;
  first?.channel.resume().end();
  await first?.closed;
  const next = await exec(client, 'true');
  expect(await next.exit).toEqual([0]);
});

test('another key and another user are refused', async () => {
  const keyPath = clientKey(join(dir, 'stranger'));
  const stranger = await runSsh(entry('coord-01'), { ...login(), keyPath }, 'true');
  expect(stranger).toMatchObject({ code: 255, stderr: expect.stringMatching(/Permission denied/) });
  const other = await runSsh({ ...entry('coord-01'), user: 'root' }, login(), 'true');
  expect(other).toMatchObject({ code: 255, stderr: expect.stringMatching(/Permission denied/) });
});

test('a second start keeps ports, keys and states', async () => {
  await on('query-01', `${demo.product.productHome}/bin/atscale_stop`);
  demo.product.switchover();
  const before = { hosts: demo.hosts, knownHosts: demo.knownHosts, state: demo.product.state(), log: demo.product.log() };
  await demo.close();
  await begin();
  expect({ hosts: demo.hosts, knownHosts: demo.knownHosts, state: demo.product.state(), log: demo.product.log() }).toEqual(before);
  expect(before.state).toMatchObject({ leader: 'engine-02', hosts: { 'query-01': 'stopped', 'coord-01': 'running' } });
});

test('a taken port is said in plain words', async () => {
  const { port } = entry('engine-01');
  await demo.close();
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  await expect(startDemoHosts(createAtscaleCluster(dir))).rejects.toMatchObject({
    code: 'SANDBOX_PORT_TAKEN',
    message: expect.stringContaining(`A sandbox host cannot listen on 127.0.0.1:${port}`),
    check: expect.stringMatching(/Another demo may still run/),
  });
  squatter.close();
  await once(squatter, 'close');
});

test('the demo cluster file names every host', () => {
  const parsed = parseCluster(demoClusterFile({ name: 'atscale-prod', title: 'AtScale production' }, demo), 'atscale-prod.yaml');
  if (parsed.kind !== 'ok') throw new Error(JSON.stringify(parsed.findings));
  expect(parsed.cluster.hosts.map(({ name, port }) => [name, port])).toEqual(demo.hosts.map(({ name, port }) => [name, port]));
});
