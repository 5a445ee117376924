/** replace-host with a machine of the same name: A1 to A4 of the document. The new machine shows a new host key, and only a person may trust it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { begun, configuration, DEB, done, replace, startReplaceTown } from './replace-town.ts';
import type { Town } from './town.ts';

let town: Town;
afterEach(() => town.close());

const changes = (): readonly string[] => begun(town, 'atscale_stop', 'atscale_start', 'configurator.sh', 'rpm', 'dpkg');

async function exchangeMachine(name: string): Promise<void> {
  town.hosts.cluster.replaceMachine(name);
  await town.hosts.sshd(name).restart({ newHostKey: true });
}

/** What `keyturn trust --replace` does once the operator has compared the fingerprints. */
function trust(name: string): void {
  const path = join(town.folder, 'data', 'known_hosts');
  const line = town.hosts.sshd(name).hostKeyLine('127.0.0.1');
  const [place = ''] = line.split(' ');
  const others = readFileSync(path, 'utf8')
    .split('\n')
    .filter((each) => !each.startsWith(`${place} `));
  writeFileSync(path, [...others.filter((each) => each !== ''), line].join('\n'));
}

test.each([
  ['an application host', 'engine-02'],
  ['the coordinator', 'coord-01'],
])(
  '%s is exchanged for a machine of its name',
  async (_what, host) => {
    town = await startReplaceTown({ toBeReplaced: [host] });
    const thread = await replace(town, host, '', DEB);
    const through = thread.approveToTheEnd();
    const card = await thread.see(/A1-exchange .*to be done by hand/, 60_000);
    expect(visibleText(card)).toContain(`keyturn trust atscale-prod --replace ${host}`);
    await exchangeMachine(host);
    trust(host);
    await done(town, thread, /A1-exchange .*to be done by hand/);
    await through;

    await thread.see(/succeeded/);
    expect(changes()).toEqual([
      `${host} atscale_stop`,
      expect.stringMatching(new RegExp(`^${host} dpkg --install .*\\.deb$`)),
      `${host} configurator.sh --activate`,
    ]);
    expect(town.hosts.cluster.violations()).toEqual([]);
    expect(configuration(town, host).text).toBe(configuration(town, 'engine-01').text);
    expect(thread.texts().join('\n')).toMatch(/engine-01\.atscale-prod\.example Leader running/);
  },
  120_000,
);

test('a machine whose key nobody trusted gets nothing', async () => {
  town = await startReplaceTown({ toBeReplaced: ['engine-02'] });
  const thread = await replace(town, 'engine-02', '', DEB);
  const through = thread.approveToTheEnd();
  await thread.see(/A1-exchange .*to be done by hand/, 60_000);
  await exchangeMachine('engine-02');
  await done(town, thread, /A1-exchange .*to be done by hand/);
  await thread.see(/but known_hosts has/, 60_000);
  expect(changes()).toEqual(['engine-02 atscale_stop']);
  trust('engine-02');
  await thread.press('dana', /^Retry/);
  await through;
  expect(changes().at(-1)).toBe('engine-02 configurator.sh --activate');
}, 120_000);

test('a silent machine is replaced without a stop', async () => {
  town = await startReplaceTown({ toBeReplaced: ['engine-02'] });
  town.hosts.cluster.powerOff('engine-02');
  await town.hosts.sshd('engine-02').stop();
  const thread = await replace(town, 'engine-02', '', DEB);
  const through = thread.approveToTheEnd();
  await thread.see(/does not answer, so there is nothing to stop/, 60_000);
  await thread.see(/A1-exchange .*to be done by hand/, 60_000);
  await exchangeMachine('engine-02');
  trust('engine-02');
  await done(town, thread, /A1-exchange .*to be done by hand/);
  await through;
  expect(changes()[0]).toMatch(/^engine-02 dpkg --install/);
  expect(changes().at(-1)).toBe('engine-02 configurator.sh --activate');
}, 120_000);
