/** `keyturn show` and `keyturn approvals` on a real Redis and a real folder: runs that go on, are over, were archived; with Slack and without. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { channel, user } from '../../infra/sandbox/slack/default-world.ts';
import { type SandboxSlack, startSandboxSlack } from '../../infra/sandbox/slack/server.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister } from '../../src/journal/register.ts';
import type { Person, RunEvent } from '../../src/run/events.ts';
import { keyFor, openStore, removeFolder, type Store } from '../archive/support.ts';
import { begun, given, itemFor, opened, over, request, subjectFor } from '../run/histories.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Cli, createCli } from './world.ts';

const DANA: Person = { team: 'T1', user: 'U0DANA', name: 'Dana Reyes' };
const SAM: Person = { team: 'T1', user: 'U0SAM', name: 'Sam Okafor' };
const may = { start: { users: [DANA.user], groups: [] }, approve: { users: [SAM.user, 'U0SUE'], groups: ['S0NIGHT'] } };
/** An approval for one step, still open for an hour. */
const subject = subjectFor(itemFor('S1', 'node-1'));
const asking = (more: object = {}): readonly RunEvent[] => [
  { ...begun({ cluster: { may } }), requester: DANA } as RunEvent,
  opened(),
  request(subject, { expiresAt: Date.now() + 3_600_000, ...more }),
];

let server: TestRedis;
let store: Store;
let cli: Cli;
let slack: SandboxSlack;
beforeAll(async () => {
  server = await startRedis();
  const users = [
    user(DANA.user, 'dana', DANA.name, ''),
    user(SAM.user, 'sam', SAM.name, ''),
    user('U0KIM', 'kim', 'Kim', ''),
    user('U0GONE', 'gone', 'Gone', '', { deleted: true }),
  ];
  const usergroups = [{ id: 'S0NIGHT', handle: 'night', name: 'Night', users: ['U0KIM'], disabled: false }];
  slack = await startSandboxSlack({
    rates: 'off',
    world: { users, usergroups, channels: [channel('C1', 'ops', [DANA.user, 'U0KEYTURN1'])] },
  });
});
afterAll(async () => {
  await slack.close();
  await server.stop();
});
beforeEach(async () => {
  store = await openStore({ url: server.url });
  await store.redis.flushall();
  cli = createCli();
  mkdirSync(join(cli.folder, 'data'), { recursive: true });
  writeFileSync(join(cli.folder, 'data', 'installation.key'), `${Buffer.alloc(32, 'archive tests').toString('base64')}\n`, { mode: 0o600 });
  Object.assign(cli.env, { REDIS_URL: server.url, KEYTURN_RECORD: store.record, KEYTURN_PEOPLE: cli.write('people.yaml', PEOPLE) });
});
afterEach(async () => {
  await store.close();
  for (const folder of [store.record, store.data]) removeFolder(folder);
  cli.close();
});

const PEOPLE = 'people: { Sue Park: [U0SUE, U0SUE2] }\n';
const withSlack = (): void => void Object.assign(cli.env, { SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.url });

async function write(run: string, events: readonly RunEvent[]): Promise<void> {
  const [first, ...rest] = events;
  const actor = { kind: 'keyturn' } as const;
  if (first === undefined) return;
  const created = await store.journal.create(run, [first], { at: Date.now() - 90_000, actor, requestId: run });
  if (created.kind !== 'created') throw new Error(created.kind);
  const isOver = rest.at(-1)?.kind === 'runEnded';
  await store.journal.append(run, created.head, rest, { at: Date.now() - 80_000, actor, ...(isOver ? { closes: {} } : {}) });
  await store.notes.thread(run).set('permalink', `https://slack.example/${run}`);
}

describe('keyturn show', () => {
  test('a run is the same from Redis and from its archive file', async () => {
    await store.end('run7k2m9qxa', { text: 'the disk was full' });
    const note = {
      kind: 'lateNote',
      run: 'run7k2m9qxa',
      cluster: 'sample-prod',
      what: 'written',
      ts: '2.1',
      by: SAM,
      text: 'new disk is in',
    } as const;
    await createRegister({ redis: store.redis, key: keyFor('register') }).append(note, { at: Date.now(), id: 'note:run7k2m9qxa:2.1' });
    const before = [await cli.run('show', 'RUN7K2M9QXA'), await cli.run('show', 'run7k2m9qxa', '--json')];
    await store.keep(31);
    expect(await store.redis.exists(keys.journal('run7k2m9qxa'))).toBe(0);
    expect([await cli.run('show', 'run7k2m9qxa'), await cli.run('show', 'run7k2m9qxa', '--json')]).toEqual(before);
    const [plain, json] = before;
    expect(plain?.code).toBe(0);
    for (const part of [
      'Restart it · sample-prod: succeeded',
      'asked for by U1 (Dana)',
      'took 1 s',
      'after the end: new disk is in',
      'Thread: https://slack.example/run7k2m9qxa',
    ])
      expect(plain?.out).toContain(part);
    expect(plain?.out).not.toMatch(/[<>*`]/);
    expect(JSON.parse(json?.out ?? '')).toMatchObject({
      run: 'run7k2m9qxa',
      outcome: 'succeeded',
      why: 'the disk was full',
      durationMs: 1_000,
    });
  });

  test('a run that goes on says whom it waits for', async () => {
    await write('runopen1', asking());
    const { code, out } = await cli.run('show', 'runopen1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /waiting for a second person on S1[\s\S]*goes on, for 1 min 3\d s now[\s\S]*Waits for: one of U0SAM, U0SUE, group S0NIGHT/,
    );
    expect(out).toMatch(/Approvals:\n• S1, digest [0-9a-f]{12}, asked for .*: open\n/);
  });

  test('what is not there and what is damaged is told, with what to do', async () => {
    for (const word of ['runnobody22', 'atscale-prod', '../run1'])
      expect(await cli.run('show', word)).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/Nobody knows a run .*keyturn history/),
      });
    await write('runopen1', asking());
    const [first] = await store.redis.xrange(keys.journal('runopen1'), '-', '+', 'COUNT', 1);
    await store.redis.xdel(keys.journal('runopen1'), first?.[0] ?? '');
    expect(await cli.run('show', 'runopen1')).toMatchObject({ code: 1, err: expect.stringContaining('A journal is damaged') });
  });
});

describe('keyturn approvals', () => {
  test('without Slack lists by id, and says what is taken for granted', async () => {
    await write('runopen1', asking());
    await write('runover1', [...asking(), given(SAM), over('failed')]);
    const { code, out } = await cli.run('approvals', '--as', SAM.user);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^Slack could not be asked about U0SAM \(SLACK_BOT_TOKEN is not set here\)\. Taken for granted: it is an active member/,
    );
    expect(out).toContain('Not known: whether they are in the user groups S0NIGHT. What only those may approve is missing here.');
    expect(out).toMatch(
      /Waits for U0SAM, .*:\n {2}runopen1 .*asked for by U0DANA \(Dana Reyes\): approve S1 do S1 on node-1\. Waits for 1 min since/,
    );
    expect(out).toMatch(
      /Runs in which they approved something, .*:\n {2}runover1 restart on sample-prod: failed; .*; gave: approved S1 .* UTC\n {4}https:/,
    );
    const json = JSON.parse((await cli.run('approvals', '--as', SAM.user, '--json')).out);
    expect(json).toMatchObject({
      ...{ as: SAM.user, slackAsked: false, damaged: [] },
      waiting: [
        { run: 'runopen1', kind: 'approval', steps: ['S1'], hosts: ['node-1'], red: null, permalink: 'https://slack.example/runopen1' },
      ],
      given: { page: 1, more: false, runs: [{ run: 'runover1', outcome: 'failed', gave: [{ what: 'approval', steps: ['S1'] }] }] },
    });
    expect(json.waiting[0].waitsMs).toBeGreaterThan(60_000);
  });

  test('nobody’s own request waits for them, by none of their accounts', async () => {
    const own = { ...DANA, user: 'U0SUE2' };
    await write('runopen1', [{ ...begun({ cluster: { may } }), requester: own } as RunEvent, ...asking().slice(1)]);
    expect(await cli.run('approvals', '--as', 'U0SUE')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing waits for U0SUE.'),
    });
    expect((await cli.run('approvals', '--as', SAM.user)).code).toBe(1);
  });

  test('with Slack its word counts: groups, and who is gone', async () => {
    withSlack();
    await write('runopen1', asking());
    const kim = await cli.run('approvals', '--as', 'U0KIM');
    expect(kim).toMatchObject({ code: 1, out: expect.stringMatching(/^Waits for U0KIM/) });
    expect((await cli.run('approvals', '--as', DANA.user)).out).toMatch(/^Nothing waits for U0DANA\./);
    expect(await cli.run('approvals', '--as', 'U0GONE')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^U0GONE may approve nothing; they would be told: your Slack account is deactivated\.\nNothing waits/),
    });
    expect(await cli.run('approvals', '--as', 'U0NOBODY')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('So it is not known what waits'),
    });
  });

  test('what a check holds up is told apart', async () => {
    const checks = [{ what: 'it is in step', host: 'node-1', ok: false, seen: 'behind' }];
    await write('runopen1', asking({ checks }));
    expect((await cli.run('approvals', '--as', SAM.user)).out).toMatch(
      /Nothing waits for U0SAM\.\nWould be theirs, but cannot be approved now, because a check is NOT OK:\n {2}runopen1 .*it is in step: not so on node-1 \(behind\)/,
    );
  });

  test('what was typed wrongly says what is allowed', async () => {
    expect(await cli.run('approvals')).toMatchObject({ code: 2, err: expect.stringContaining("required option '--as <id>'") });
    expect(await cli.run('approvals', '--as', 'sam')).toMatchObject({ code: 2, err: expect.stringContaining('no id of a Slack user') });
    expect(await cli.run('approvals', '--as', SAM.user, '--page', '0')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Allowed: 1 to 9999'),
    });
    cli.write('people.yaml', 'people: [');
    expect(await cli.run('approvals', '--as', SAM.user)).toMatchObject({
      code: 2,
      err: expect.stringContaining('the file of people has a mistake'),
    });
  });
});
