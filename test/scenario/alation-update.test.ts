/** A whole update of an Alation pair from Slack, from a release before every limit of the document to one behind them. */
import { join } from 'node:path';
import { makeAlationPackage } from '../../infra/sandbox/hosts/alation/package.ts';
import { type AlationPair, createAlationPair } from '../../infra/sandbox/hosts/alation/pair.ts';
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { sayYesUntil } from './alation-town.ts';
import { startTownOn, type ThreadView, type Town } from './town.ts';

const ONE = 'alation-01';
const TWO = 'alation-02';
const OLD = '2020.3.7.1200';
const NEW = '2021.4.1.3456';

let town: Town<AlationPair>;
let pair: AlationPair;
let thread: ThreadView;
/** What the run asked, in order. */
const asked: string[] = [];

beforeAll(async () => {
  const options = { version: OLD, paired: true, seconds: { update: 0.2, postgres: 0.2, kvstore: 0.2, restart: 0.1 } };
  town = await startTownOn('alation-prod', (dir) => createAlationPair(dir, options));
  pair = town.hosts.cluster;
  pair.fault('slow', TWO, { program: 'update', value: 8 });
  const path = join(pair.dir, `alation-${NEW}.rpm`);
  makeAlationPackage(path, { version: NEW, bytes: 50_000_000 });
  thread = await town.begin(`/ha update-split alation-prod from=2020.3 to=2021.4 package=${path} backup=v1-keep`);
}, 60_000);
afterAll(() => town.close());

/** People do by hand what the card asks for. */
function byHand(card: string): void {
  const step = /^\*(\S+) /.exec(card)?.[1] ?? card;
  asked.push(step);
  if (step === 'U2') pair.markKeysRotated();
  if (step === 'U3') pair.markReindexed();
}

test('installer.log is followed into the thread while the update runs', async () => {
  await sayYesUntil(town, thread, /^\*U9 .*on alation-02: running/, byHand);
  const running = await thread.see(/INFO {2}\d+% of the update to 2021\.4\.1\.3456/);
  expect(visibleText(running)).toMatch(/^\*U9 .*on alation-02: running/);
  expect(pair.state(ONE)).toMatchObject({ version: OLD, mode: 'standalone' });
}, 60_000);

test('the pair is updated and rebuilt, in the documented order', async () => {
  await sayYesUntil(town, thread, /^\S+: announcement .*they are an HA pair again/, byHand);
  await town.slack.waitFor(() => /\bsucceeded\b/.test(thread.texts()[0] ?? ''), { what: 'the end on the top card' });
  const actions = pair.log().flatMap(({ event, program, args, host }) => {
    if (event !== 'begin' || !/^(alation_action|rpm|alation)$/.test(program) || args === 'shell') return [];
    return [`${program === 'rpm' ? 'rpm' : args} ${host}`];
  });
  expect(actions).toEqual([
    `cluster_enter_standalone_mode ${ONE}`,
    `cluster_enter_standalone_mode ${TWO}`,
    `rpm ${TWO}`,
    `update ${TWO}`,
    `rpm ${ONE}`,
    `update ${ONE}`,
    `cluster_enter_master_mode ${ONE}`,
    `cluster_add_slaves ${ONE}`,
    `cluster_kvstore_copy ${TWO}`,
    `cluster_replicate_postgres ${TWO}`,
    `cluster_start_kafka_sync ${TWO}`,
    `disable_backupv2 ${ONE}`,
  ]);
  expect(pair.state(ONE)).toMatchObject({ version: NEW, mode: 'master', services: 'running' });
  expect(pair.state(ONE).conf).toMatchObject({
    'alation.backup.enabled': 'True',
    'alation.backup_v2.enabled': 'False',
    'pgsql.config.archive_mode': 'False',
    'alation.cluster.override_ip': '10.0.0.1',
  });
  expect(pair.state(TWO)).toMatchObject({ version: NEW, mode: 'slave', postgres: 'replicating', kvstore: 'copied', kafka: true });
  expect(pair.violations()).toEqual([]);
}, 60_000);

test('people are asked for what the document leaves to them', () => {
  expect(asked).toEqual(['U1', 'U2', 'U3-downtime', 'U3', 'U4', 'U6', 'U9', 'U10', 'U14', 'U15', 'R1', 'R4', 'R5', 'R6']);
});

test('the stakeholders hear when Alation goes down and is back', () => {
  const texts = town.slack.channel('stakeholders').messages().map(visibleText);
  expect(texts).toEqual(
    [
      /goes down for an update, from the reindexing/,
      /goes down for the update to 2021\.4/,
      /runs 2021\.4\. The HA pair is rebuilt/,
      /are an HA pair again/,
    ].map((words) => expect.stringMatching(words)),
  );
});

test('the state of the pair shows in a run of its own', async () => {
  const status = await town.begin('/ha ha-status alation-prod');
  await town.slack.waitFor(() => /\bsucceeded\b/.test(status.texts()[0] ?? ''), { what: 'the end of ha-status' });
  await status.see(/Lag of Postgres in bytes, five readings: \d+, \d+/);
  await status.see(/alation\.backup_v2\.enabled is True on alation-02 and False on alation-01/);
}, 60_000);
