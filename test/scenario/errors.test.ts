/** What goes wrong around a run is told in plain words where the person is, and the run goes on once it is put right. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { clientKey } from '../support/sshd.ts';
import { runCommand, TRACE } from './program.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

let town: Town;
let clusterYaml: string;
beforeAll(async () => {
  town = await startTown({ hosts: { seconds: { stop: 1, start: 0.2, services: 0.2 } } });
  clusterYaml = readFileSync(clusterPath(), 'utf8');
}, 60_000);
afterAll(() => town.close());

const clusterPath = (): string => join(town.folder, 'clusters/atscale-prod.yaml');
const knownHostsPath = (): string => join(town.folder, 'data/known_hosts');
const begun = (program: string): string[] =>
  town.hosts.cluster.log().flatMap((entry) => (entry.event === 'begin' && entry.program === program ? [entry.host] : []));

/** In the log a trace has its line ends written out. */
const LOGGED_TRACE = /^\s+at |\\n\s+at |unforeseen|nobody foresaw/;

async function cancelled(thread: ThreadView): Promise<void> {
  await town.type('dana', `/ha cancel ${thread.run}`);
  await thread.see(/\bcancelled\b/);
}

/** The private answer that is new since `before`. */
async function answer(person: string, before: string, words: RegExp): Promise<string> {
  const news = (): string => town.told(person).slice(before.length);
  await town.slack.waitFor(() => words.test(news()), { what: `${words} in a private answer to ${person}`, timeoutMs: 20_000 });
  return news();
}

async function ask(person: string, text: string, words: RegExp, channel?: string): Promise<string> {
  const before = town.told(person);
  await town.type(person, text, channel);
  return answer(person, before, words);
}

function expectNoTraces(thread?: ThreadView): void {
  for (const text of [...(thread?.texts() ?? []), ...['dana', 'sam', 'alex'].map(town.told)]) expect(text).not.toMatch(TRACE);
  for (const line of town.log) expect(line).not.toMatch(LOGGED_TRACE);
}

describe('keys, logins and roads to the hosts', () => {
  let thread: ThreadView;
  afterEach(async () => {
    const lines = [...town.hosts.sshds.values()].map((sshd) => sshd.hostKeyLine('127.0.0.1'));
    writeFileSync(knownHostsPath(), lines.join(''));
    writeFileSync(clusterPath(), clusterYaml);
    await cancelled(thread);
  });

  test('an unknown host key waits for trust, then goes on', async () => {
    rmSync(knownHostsPath());
    thread = await town.begin();
    const trouble = visibleText(await thread.see(/SHA256:[\w+/]{43}[\s\S]*keyturn trust atscale-prod/));
    expect(trouble).toMatch(/not in known_hosts/);
    expect(begun('atscale_stop')).toEqual([]);
    expect(await runCommand(town, 'trust', 'atscale-prod', '-y')).toMatchObject({ code: 0, err: '' });
    await thread.press('dana', /^Retry/);
    await thread.see(/^\*S3 .*: UNSAFE/);
    expectNoTraces(thread);
  }, 60_000);

  test('a changed host key is refused until a person acts', async () => {
    const before = readFileSync(knownHostsPath(), 'utf8');
    await Promise.all(['engine-01', 'engine-02'].map((name) => town.hosts.sshd(name).restart({ newHostKey: true })));
    thread = await town.begin();
    await thread.see(/shows the host key SHA256:\S+, but known_hosts has SHA256:\S+[\s\S]*(rebuilt|in between)/);
    const trust = await runCommand(town, 'trust', 'atscale-prod', '-y');
    expect(trust.code).toBe(1);
    expect(trust.err).toMatch(/REFUSED {2}engine-01 .*shows another key than the known one/);
    expect(readFileSync(knownHostsPath(), 'utf8')).toBe(before);
    expectNoTraces(thread);
  }, 60_000);

  test.each<[string, RegExp, (yaml: string) => string]>([
    ['a key that the host refuses', /did not let \S+ in with the key .*authorized_keys/s, (yaml) => keyed(yaml, otherKey())],
    ['a key file that is not there', /private key \S*nowhere.*the file is not there/s, (yaml) => keyed(yaml, '/nowhere/id')],
    ['a key file that is no key', /it is not a private key in a form that is known/, (yaml) => keyed(yaml, clusterPath())],
    [
      'neither a key nor an agent',
      /There is no key for .*KEYTURN_SSH_KEY is not set, and neither is SSH_AUTH_SOCK/s,
      (yaml) => yaml.replace(/^ {2}key: .*$/m, '  user: nobody'),
    ],
    ['a name that nobody knows', /cannot be reached: the name (is not known|could not be looked up)/, (yaml) => renamed(yaml)],
  ])(
    '%s stops the run with what to check',
    async (_title, words, change) => {
      writeFileSync(clusterPath(), change(clusterYaml));
      thread = await town.begin();
      const trouble = visibleText(await thread.see(words));
      expect(trouble).toMatch(/Check: \S/);
      await thread.see(/Retry/);
      expect(begun('atscale_stop')).toEqual([]);
      expectNoTraces(thread);
    },
    60_000,
  );

  test('hosts on which nothing listens stop the run', async () => {
    const engines = ['engine-01', 'engine-02'].map((name) => town.hosts.sshd(name));
    await Promise.all(engines.map((sshd) => sshd.stop()));
    thread = await town.begin();
    await thread.see(/engine-02 \(127\.0\.0\.1:\d+\) cannot be reached: nothing listens there[\s\S]*Check: that the host is up/);
    await Promise.all(engines.map((sshd) => sshd.start()));
    await thread.press('dana', /^Retry/);
    await thread.see(/^\*S3 .*: UNSAFE/);
    expectNoTraces(thread);
  }, 60_000);

  const keyed = (yaml: string, path: string): string => yaml.replace(/^ {2}key: .*$/m, `  key: ${path}`);
  const otherKey = (): string => clientKey(join(town.folder, 'other-key'));
  const renamed = (yaml: string): string => yaml.replaceAll('127.0.0.1', 'no-such-host.invalid');
});

describe('channels', () => {
  test.each([['random'], ['incident-private']])('in #%s, without Keyturn in it, the answer names /invite', async (channel) => {
    await ask('dana', '/ha restart atscale-prod', /\/invite @Keyturn/, channel);
    expect(town.slack.channel(channel).messages()).toEqual([]);
  });

  test('a bot removed from the channel catches up', async () => {
    const thread = await town.begin();
    await thread.see(/^\*S3 .*: UNSAFE/);
    const { members, id } = town.slack.channel('ops').channel;
    const [reads, stops] = [begun('postgres_nodes').length, begun('atscale_stop').length];
    await thread.press('sam', /^Approve/);
    await town.hosts.cluster.waitForLog(() => begun('atscale_stop').length > stops);
    await town.slack.setChannel('ops', { members: members.filter((member) => member !== town.slack.world.app.botUserId) });
    const isRefused = (): boolean => town.slack.callsOf('chat.postMessage').some((call) => call.answer.error === 'not_in_channel');
    await town.slack.waitFor(isRefused, { what: 'a refused post' });
    // The roles are read again for the next card, which nobody sees yet.
    await town.hosts.cluster.waitForLog(() => begun('postgres_nodes').length > reads);
    expect(thread.texts().join('\n')).not.toMatch(/^\*?S4 .*: UNSAFE/m);
    await town.slack.setChannel(id, { members });
    await thread.see(/^\*S4 .*: UNSAFE/, 45_000);
    await thread.approveToTheEnd();
    await thread.see(/\bsucceeded\b/, 40_000);
    expectNoTraces(thread);
  }, 120_000);
});

test('Redis away for ten seconds delays a run', async () => {
  const stops = begun('atscale_stop').length;
  const thread = await town.begin();
  await thread.press('sam', /^Approve/);
  await town.hosts.cluster.waitForLog(() => begun('atscale_stop').length > stops);
  await town.redis.kill9();
  const back = new Promise<void>((resolve) => setTimeout(resolve, 10_000)).then(() => town.redis.restart());
  const said = await ask('dana', '/ha status', /Redis does not answer at present[\s\S]*REDIS_URL/);
  expect(said).not.toMatch(TRACE);
  await ask('dana', '/ha restart atscale-prod', /Redis does not answer at present/);
  await back;
  await thread.approveToTheEnd();
  await thread.see(/\bsucceeded\b/);
  expect(begun('atscale_stop').slice(stops)).toEqual(['query-01', 'engine-02', 'engine-01', 'coord-01']);
  expect(town.hosts.cluster.violations()).toEqual([]);
  expectNoTraces(thread);
}, 120_000);

describe('malformed files', () => {
  const files = {
    cluster: () => join(town.folder, 'clusters/atscale-test.yaml'),
    broken: () => join(town.folder, 'clusters/aaa.yaml'),
    procedure: () => join(town.folder, 'procedures/atscale/tidy.yaml'),
  };
  beforeAll(() => {
    mkdirSync(join(town.folder, 'clusters'), { recursive: true });
    const cluster = clusterYaml.replace('cluster: atscale-prod', 'cluster: atscale-test').replace(/port: \d+/, 'port: 70000');
    writeFileSync(files.cluster(), cluster);
    writeFileSync(files.broken(), 'cluster: [\n');
    writeFileSync(
      files.procedure(),
      'procedure: tidy\nproduct: atscale\ntitle: Tidy up\nsteps:\n  - { id: S1, title: Look, on: any engine, run: ls, timeout: soon }\n',
    );
  });
  afterAll(() => {
    for (const file of Object.values(files)) rmSync(file());
  });

  test('lint names file, line, column and what is allowed', async () => {
    const { code, err } = await runCommand(town, 'lint');
    expect(code).toBe(1);
    expect(err).toMatch(/atscale-test\.yaml:\d+:\d+ {2}hosts\[0\]\.port: must not be above 65535; found 70000/);
    expect(err).toMatch(/tidy\.yaml:5:\d+ {2}steps\[0\]\.timeout: must be a duration such as .*; found "soon"/);
    expect(err).toMatch(/aaa\.yaml:\d+:\d+/);
    expect(err).not.toMatch(TRACE);
  });

  test.each([
    ['/ha restart atscale-test', /atscale-test\.yaml:\d+:\d+ {1,2}hosts\[0\]\.port: [\s\S]*65535/],
    ['/ha tidy atscale-prod', /tidy\.yaml:5:\d+ {1,2}steps\[0\]\.timeout: [\s\S]*soon/],
  ])('%s is answered with the place of its mistake', async (text, words) => {
    await ask('dana', text, words);
    expectNoTraces();
  });

  test('the other files go on working', async () => {
    const thread = await town.begin();
    await thread.see(/^\*S3 .*: UNSAFE/);
    await cancelled(thread);
  }, 60_000);
});

describe('keyturn plan', () => {
  test('it reads the live cluster and starts nothing', async () => {
    const before = town.hosts.cluster.log().length;
    const { code, out, err } = await runCommand(town, 'plan', 'restart', 'atscale-prod');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Roles as found now: leader engine-0\d, replica engine-0\d/);
    expect(out).toMatch(/^S4 +UNSAFE .*\(on engine-0\d\)$/m);
    const ran = town.hosts.cluster.log().slice(before);
    expect(new Set(ran.map((entry) => entry.program))).toEqual(new Set(['postgres_nodes']));
  });

  test('an agent that does not answer is told with its socket', async () => {
    writeFileSync(clusterPath(), clusterYaml.replace(/^ {2}key: .*$/m, '  user: nobody'));
    const env = { ...town.env, SSH_AUTH_SOCK: join(town.folder, 'no-agent') };
    const { code, err } = await runCommand({ env, folder: town.folder }, 'plan', 'restart', 'atscale-prod');
    writeFileSync(clusterPath(), clusterYaml);
    expect(err).toMatch(/The agent at \S+no-agent, for .* cannot be used[\s\S]*SSH_AUTH_SOCK, and `ssh-add -l`/);
    expect(code).toBe(1);
    expect(err).not.toMatch(TRACE);
  });

  test.each([
    ['a procedure that there is not', ['restrt', 'atscale-prod'], /did you mean "restart"/],
    ['a cluster that there is not', ['restart', 'atscale-prdo'], /did you mean "atscale-prod"/],
    ['a value without a name', ['restart', 'atscale-prod', 'host'], /“host” is not of the form name=value/],
  ])('%s ends with what there is', async (_title, args, words) => {
    const { code, err } = await runCommand(town, 'plan', ...args);
    expect(err).toMatch(words);
    expect(code).toBeGreaterThan(0);
    expect(err).not.toMatch(TRACE);
  });
});
