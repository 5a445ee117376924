/** replace-host with a host of another name: B1 to B8 of the document, on hosts of their own. */
import { readFileSync } from 'node:fs';
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { begun, configuration, done, RPM, replace, startReplaceTown } from './replace-town.ts';
import { OPS, type Town } from './town.ts';

let town: Town;
afterEach(() => town.close());

const changes = (): readonly string[] => begun(town, 'atscale_stop', 'atscale_start', 'configurator.sh', 'rpm', 'dpkg');
const announced = (): string => town.slack.channel('stakeholders').messages().map(visibleText).join('\n');

test('an application host is replaced', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] });
  const thread = await replace(town, 'engine-02', 'engine-03');
  const through = thread.approveToTheEnd();
  const card = await thread.see(/B4-edit .*UNSAFE/, 60_000);
  await done(town, thread, /B8 .*by hand/);
  await done(town, thread, /cluster-file .*by hand/);
  await through;

  await thread.see(/succeeded/);
  expect(changes()).toEqual([
    expect.stringMatching(/^engine-03 rpm -i .*\.rpm$/),
    'engine-02 atscale_stop',
    'engine-01 atscale_stop',
    'coord-01 atscale_stop',
    'coord-01 configurator.sh --apply',
    'engine-01 configurator.sh --apply',
    'engine-03 configurator.sh --activate',
  ]);
  expect(town.hosts.cluster.violations()).toEqual([]);
  const files = ['engine-01', 'coord-01', 'engine-03'].map((host) => configuration(town, host));
  expect(new Set(files.map(({ text }) => text)).size).toBe(1);
  expect(files[0]?.text).toContain('engine-03.atscale-prod.example');
  expect(files[0]?.text).not.toContain('engine-02.atscale-prod.example');
  expect(files.map(({ kept }) => kept.length)).toEqual([1, 1, 0]);
  expect(visibleText(card)).toMatch(/-.*engine-02\.atscale-prod\.example[\s\S]*\+.*engine-03\.atscale-prod\.example/);
  expect(announced()).toMatch(/engine-03 has taken the place of engine-02/);
}, 120_000);

test('the coordinator is replaced', async () => {
  town = await startReplaceTown({ replacements: ['coord-02'] });
  const thread = await replace(town, 'coord-01', 'coord-02');
  const through = thread.approveToTheEnd();
  await done(town, thread, /cluster-file .*by hand/);
  await through;

  expect(changes()).toEqual([
    expect.stringMatching(/^coord-02 rpm -i /),
    'engine-02 atscale_stop',
    'engine-01 atscale_stop',
    'coord-01 atscale_stop',
    'coord-02 configurator.sh --activate',
    'engine-01 configurator.sh --apply',
    'engine-02 configurator.sh --apply',
  ]);
  expect(town.hosts.cluster.violations()).toEqual([]);
  expect(thread.texts().join('\n')).toMatch(/B8 .*skipped/);
}, 120_000);

test('the database leader is never the one', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] });
  const thread = await replace(town, 'engine-01', 'engine-03');
  await thread.see(/engine-01 is the database leader, and the leader is never the one that is replaced/);
  expect(changes()).toEqual([expect.stringMatching(/^engine-03 rpm/)]);
}, 60_000);

test('a machine that is dead already is not stopped', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] });
  town.hosts.cluster.powerOff('engine-02');
  await town.hosts.sshd('engine-02').stop();
  const thread = await replace(town, 'engine-02', 'engine-03');
  const through = thread.approveToTheEnd();
  await thread.see(/does not answer, so there is nothing to stop/, 60_000);
  await done(town, thread, /B8 .*by hand/);
  await done(town, thread, /cluster-file .*by hand/);
  await through;
  expect(changes()).toContain('engine-03 configurator.sh --activate');
  expect(changes()).not.toContain('engine-02 atscale_stop');
}, 120_000);

test('an activation that failed is never tried again', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] });
  town.hosts.cluster.fault('activation-fails', 'engine-03');
  const thread = await replace(town, 'engine-02', 'engine-03');
  const through = thread.approveToTheEnd();
  const failed = await thread.see(/full reinstallation of engine-03/, 60_000);
  expect(visibleText(failed)).not.toMatch(/Retry/);
  await thread.press('dana', /^Abort/);
  await town.slack.person('dana').submitView({ values: { reason: 'AtScale must be installed anew' } });
  await through;
  await thread.see(/aborted/);
  expect(changes().filter((line) => line.includes('--activate'))).toHaveLength(1);
}, 120_000);

test('what nobody declared is asked in the thread, and a second person answers', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] });
  town.hosts.cluster.fault('asks-more', 'engine-03');
  const thread = await replace(town, 'engine-02', 'engine-03');
  const through = thread.approveToTheEnd();
  const question = await thread.see(/the tool asks what nobody foresaw/, 60_000);
  expect(visibleText(question)).toMatch(/Overwrite the existing certificate\? \[y\/N\][\s\S]*time limit stands still/);
  await town.slack.person('dana').click({ channel: OPS, ts: question.ts, label: /^y$/ });
  await town.slack.waitFor(() => /never|second person/i.test(town.told('dana')), { what: 'the refusal' });
  await town.slack.person('sam').click({ channel: OPS, ts: question.ts, label: /^y$/ });
  await done(town, thread, /B8 .*by hand/);
  await done(town, thread, /cluster-file .*by hand/);
  await through;
  await thread.see(/Overwrite the existing certificate[\s\S]*answered `y` by .*Sam Okafor|[Aa]nswered.*Sam Okafor/);
}, 120_000);

test('query engines are confirmed by a second person first', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'], queryEngines: 1 });
  const thread = await replace(town, 'engine-02', 'engine-03');
  const card = await thread.see(/B3-query-engines .*confirmed by a second person/, 60_000);
  expect(visibleText(card)).toMatch(/query engines, of which AtScale's document says nothing/);
  await town.slack.person('dana').click({ channel: OPS, ts: card.ts, label: /^Yes/ });
  expect(changes()).toEqual([expect.stringMatching(/^engine-03 rpm/)]);
  await town.slack.person('sam').click({ channel: OPS, ts: card.ts, label: /^Yes/ });
  await thread.see(/B3-old-follower .*UNSAFE/, 30_000);
}, 60_000);

test('a package of 500 MB is copied with progress, in constant memory', async () => {
  town = await startReplaceTown({ replacements: ['engine-03'] }, 500_000_000);
  const before = peakMemory();
  const thread = await replace(town, 'engine-02', 'engine-03', RPM);
  await thread.see(/MB copied/, 60_000);
  await thread.see(/A2-install .*succeeded/, 60_000);
  expect(thread.texts().join('\n')).toMatch(/500000000 bytes, sha256/);
  expect(peakMemory() - before).toBeLessThan(150_000_000);
}, 120_000);

/** The most that the bot has ever held, in bytes. */
function peakMemory(): number {
  const [, kilobytes = ''] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${town.botPid()}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
