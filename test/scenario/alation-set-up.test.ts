/** A whole set-up of an Alation pair from Slack, whose longest step outlives whatever can die under it. */
import { type AlationPair, createAlationPair } from '../../infra/sandbox/hosts/alation/pair.ts';
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { sayYesUntil } from './alation-town.ts';
import { startTownOn, type ThreadView, type Town } from './town.ts';

const ONE = 'alation-01';
const TWO = 'alation-02';
const SECONDS = { postgres: 14, kvstore: 0.2, restart: 0.2 } as const;

let town: Town<AlationPair>;
let pair: AlationPair;
let thread: ThreadView;

beforeAll(async () => {
  town = await startTownOn('alation-prod', (dir) => createAlationPair(dir, { seconds: SECONDS }));
  pair = town.hosts.cluster;
  pair.fault('helper-asks-more', TWO);
  thread = await town.begin('/ha ha-setup alation-prod');
}, 60_000);
afterAll(() => town.close());

const progress = (): number => pair.state(TWO).progress?.percent ?? 0;

/** The program writes it down for itself, whoever is dead: nothing tells of it but the file. */
async function progressBeyond(percent: number): Promise<void> {
  for (const deadline = performance.now() + 20_000; progress() <= percent; ) {
    if (performance.now() > deadline) throw new Error(`the replication stands at ${progress()} %`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

test('what the helper asks beyond the documents is answered in the thread', async () => {
  await sayYesUntil(town, thread, /S3.*the tool asks what nobody foresaw/);
  const card = await thread.see(/the tool asks what nobody foresaw/);
  expect(visibleText(card)).toMatch(/alation-02/);
  expect(visibleText(card)).toMatch(/Replace the existing known hosts entry\? \(yes\/no\)/);
  await thread.press('dana', /^y$/);
  await thread.see(/S3.*answered/);
  await sayYesUntil(town, thread, /S4.*alation-01 is in master mode/s);
  expect(pair.log().find(({ verdict }) => verdict.startsWith('was told'))?.verdict).toBe('was told: y');
}, 60_000);

test('the replication outlives bot, connection and Redis', async () => {
  await sayYesUntil(town, thread, /^\*S8 .*: UNSAFE/);
  await thread.press('sam', /^Approve S8/);
  await pair.waitForLog(({ verdict }) => verdict === 'cluster_replicate_postgres is under way');
  await progressBeyond(5);
  await town.killBot();
  const atTheKill = progress();
  await progressBeyond(atTheKill);
  await town.startBot();
  await thread.see(/cluster_replicate_postgres: \d+%/);
  await town.hosts.sshd(TWO).restart();
  await progressBeyond(progress());
  await town.redis.kill9();
  await progressBeyond(progress());
  await town.redis.restart();
  await thread.see(/S8.*PostgreSQL of alation-02 is a replica/s, 40_000);
  const started = pair.log().filter(({ args, event }) => args === 'cluster_replicate_postgres' && event === 'begin');
  expect(started).toHaveLength(1);
}, 90_000);

test('the pair is set up, in the documented order', async () => {
  await sayYesUntil(town, thread, /^\S+: announcement .*are an HA pair now/);
  await town.slack.waitFor(() => /\bsucceeded\b/.test(thread.texts()[0] ?? ''), { what: 'the end on the top card' });
  const actions = pair
    .log()
    .flatMap(({ event, program, args, host }) =>
      event === 'begin' && /^alation_action|^replication_helper/.test(program) ? [`${args || program} ${host}`] : [],
    );
  expect(actions).toEqual([
    ...['cluster_generate_keys', 'cluster_generate_keys', 'replication_helper', 'replication_helper'].map(() => expect.any(String)),
    `cluster_enter_master_mode ${ONE}`,
    `cluster_add_slaves ${ONE}`,
    `cluster_replicate_postgres ${TWO}`,
    `cluster_kvstore_copy ${TWO}`,
    `cluster_start_kafka_sync ${TWO}`,
    `cluster_replicate_files ${TWO}`,
    `enable_backupv2 ${ONE}`,
  ]);
  expect(actions.slice(0, 4).sort()).toEqual([
    `cluster_generate_keys ${ONE}`,
    `cluster_generate_keys ${TWO}`,
    `replication_helper ${ONE}`,
    `replication_helper ${TWO}`,
  ]);
  expect(pair.state(ONE)).toMatchObject({ mode: 'master', services: 'running' });
  expect(pair.state(ONE).conf).toMatchObject({
    'alation.cluster.hosts': '10.0.0.2',
    'alation.cluster.override_ip': '10.0.0.1',
    'alation.cluster.enable_override_ip': 'True',
    'alation.cluster.protected_instance': 'True',
    'alation.backup_v2.enabled': 'True',
  });
  expect(pair.state(TWO)).toMatchObject({ mode: 'slave', postgres: 'replicating', kvstore: 'copied', kafka: true });
  expect(pair.violations()).toEqual([]);
}, 60_000);

test('each unsafe step had a second person, and nobody else was needed', () => {
  const approved = thread.texts().flatMap((text) => /\bSam Okafor\) approved (S\d+)/.exec(text)?.[1] ?? []);
  expect(approved).toEqual(['S4', 'S5', 'S7', 'S8', 'S9']);
});

test('the stakeholders hear of the restarts and of the end', () => {
  const texts = town.slack.channel('stakeholders').messages().map(visibleText);
  expect(texts).toEqual([expect.stringMatching(/services restart/), expect.stringMatching(/are an HA pair now/)]);
});
