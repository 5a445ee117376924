/**
 * What changes between the card, the click and the start, on the built bot: groups, files, hosts, leaders, what Redis holds, and the order in which
 * clicks arrive. What was approved is started or nothing is; the thread, a log that the hosts write, and the journal say so.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { controlsOf, visibleText } from '../../infra/sandbox/slack/server.ts';
import { keys } from '../../src/journal/keys.ts';
import { fillIn, forge, journalOf, openCard, openRuns, toldAfter, townOver, type Written } from './attacker.ts';
import type { ThreadView, Town } from './town.ts';

const [DANA, SAM, ALEX] = ['U0DANA0001', 'U0SAM00001', 'U0ALEX0001'];
const GROUP = 'S0APPROVE1';
/** On every day, whenever this runs. */
const ALWAYS = '{ title: Quarter end, days: [mon, tue, wed, thu, fri, sat, sun] }';

let town: Town;
let clusterYaml: string;
let thread: ThreadView;

const clusterPath = (name = 'atscale-prod'): string => join(town.folder, 'clusters', `${name}.yaml`);
const place = (name: string): string => join(town.folder, name);
/** What the hosts themselves wrote as they ran something. */
const ran = (): string => (existsSync(place('ran')) ? readFileSync(place('ran'), 'utf8') : '');
const leader = (name: string): void => writeFileSync(place('leader'), `${name}\n`);

function procedures(): Readonly<Record<string, string>> {
  const find = `  - { id: A, title: Find the leader, on: any engine, env: { L: '"${place('leader')}"' }, run: cat "$L", timeout: 20s, read: lines, bind: { leader: 'lines[0]' } }`;
  const env = `env: { L: '"${place('leader')}"', LOG: '"${place('ran')}"' }`;
  const stop = `on: leader, unsafe: It stops, recheck: [leader], ${env}, timeout: 20s, expect: status == 0`;
  return {
    halt: `procedure: halt\nproduct: atscale\ntitle: Halt it\nsteps:\n${find}\n  - { id: B, title: Stop it, ${stop}, run: 'echo one >>"$LOG"' }\n`,
    both: `procedure: both
product: atscale
title: Two as one
steps:
${find}
  - phase: down
    unsafe: It stops
    approval: together
    steps:
      - { id: B, title: Stop the coordinator, on: coordinator, ${env}, timeout: 20s, run: 'echo one >>"$LOG"; echo engine-02 >"$L"' }
      - { id: C, title: Stop the leader, on: leader, recheck: [leader], ${env}, timeout: 20s, run: 'echo two >>"$LOG"' }
`,
  };
}

beforeAll(async () => {
  town = await townOver('socket');
  clusterYaml = readFileSync(clusterPath(), 'utf8');
  for (const [name, yaml] of Object.entries(procedures())) writeFileSync(join(town.folder, 'procedures/atscale', `${name}.yaml`), yaml);
  const named = (name: string, more: string): void =>
    writeFileSync(clusterPath(name), `${clusterYaml.replace('cluster: atscale-prod', `cluster: ${name}`)}${more}\n`);
  named(
    'atscale-iced',
    `freeze: { time_zone: Europe/Zurich, override: [${SAM}], windows: [${ALWAYS}] }\nbreak_glass: { people: [${DANA}, ${ALEX}], channel: C0STAKE001 }`,
  );
}, 60_000);
afterAll(() => town.close());

beforeEach(() => {
  leader('engine-01');
  rmSync(place('ran'), { force: true });
});
afterEach(async () => {
  await town.slack.setUsergroup(GROUP, { users: [SAM] });
  writeFileSync(clusterPath(), clusterYaml);
  for (const run of await openRuns(town)) await town.type(DANA, `/ha cancel ${run}`);
  await until('every run has ended', async () => ((await openRuns(town)).length === 0 ? true : undefined));
  expect(town.log.filter((line) => /unforeseen|nobody foresaw|could not be handled/.test(line))).toEqual([]);
});

/** For what only Redis tells. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not seen within 20 s: ${what}`);
}

async function events(kind: string): Promise<readonly Written[]> {
  return (await journalOf(town, thread.run)).filter((event) => event.kind === kind);
}

const click = (person: string, value: string, action = 'keyturn_approve') => forge(town, person, thread, { action, value });

/** Sam has approved, and nothing starts before Dana resumes. */
async function approvedAndPaused(procedure = 'halt'): Promise<string> {
  thread = await town.begin(`/ha ${procedure} atscale-prod`);
  const { value } = await openCard(town, thread);
  await town.type(DANA, `/ha pause ${thread.run}`);
  await thread.see(/Paused by/);
  await click(SAM, value);
  await thread.see(/approved B/);
  return value;
}

// First, for cards are rewritten at Slack's pace, and this waits for one.
describe('clicks in another order, and more than once', () => {
  test('an approval that comes before its card counts once', async () => {
    thread = await town.begin('/ha halt atscale-prod');
    const asked = await until('the request is in the journal', async () => (await events('approvalRequested'))[0]);
    const value = `${thread.run}:${String(asked.request)}:${String(asked.digest)}`;
    await Promise.all([click(SAM, value), click(SAM, value)]);
    await thread.see(/Halt it.*: succeeded/);
    expect(ran()).toBe('one\n');
    expect(await events('approvalGiven')).toHaveLength(1);
    const isOpen = (): boolean => thread.messages().some(({ blocks }) => controlsOf(blocks).some(({ label }) => /^Approve/.test(label)));
    await town.slack.waitFor(() => !isOpen(), { what: 'the card without its buttons' });
  }, 30_000);

  test('a rejection delivered late changes nothing', async () => {
    thread = await town.begin('/ha halt atscale-prod');
    const { value } = await openCard(town, thread);
    await click(SAM, value, 'keyturn_reject');
    await town.slack.waitFor(() => town.slack.openViews(SAM).length === 1, { what: 'the form' });
    await click(SAM, value);
    await thread.see(/approved B/);
    expect(await toldAfter(town, SAM, () => fillIn(town, SAM, 'no, wait'))).toMatch(/Already approved by|has ended/);
    await thread.see(/Halt it.*: succeeded/);
    expect([await events('approvalRejected'), ran()]).toEqual([[], 'one\n']);
  }, 30_000);

  test('an approval with or after a cancel starts nothing', async () => {
    thread = await town.begin('/ha halt atscale-prod');
    const { value } = await openCard(town, thread);
    await town.type(DANA, `/ha pause ${thread.run}`);
    await thread.see(/Paused by/);
    await Promise.all([town.type(DANA, `/ha cancel ${thread.run}`), click(SAM, value)]);
    await thread.see(/\bcancelled\b/);
    expect(await toldAfter(town, SAM, () => click(SAM, value))).toMatch(/has ended \(cancelled\)/);
    expect([ran(), await events('runEnded')]).toEqual(['', [expect.objectContaining({ outcome: 'cancelled' })]]);
  }, 30_000);

  test('a hold is overridden once, and a glass broken once', async () => {
    thread = await town.begin('/ha halt atscale-iced');
    const { value: hold } = await openCard(town, thread, /^Override/);
    for (const person of [SAM, SAM]) await click(person, hold, 'keyturn_override');
    await Promise.all([fillIn(town, SAM, 'the disk is full'), fillIn(town, SAM, 'the disk is full')]);
    await thread.see(/overrode the freeze window/);
    expect(await toldAfter(town, SAM, () => click(SAM, hold, 'keyturn_override'))).toMatch(/Already overridden by/);
    expect(await toldAfter(town, SAM, () => click(SAM, `${thread.run}:h1`, 'keyturn_override'))).toMatch(/does not belong to what holds/);
    expect(await events('holdOverridden')).toHaveLength(1);

    const { value } = await openCard(town, thread);
    await click(DANA, value, 'keyturn_break_glass');
    await click(ALEX, value, 'keyturn_break_glass');
    await Promise.all([fillIn(town, DANA, 'nobody answers'), fillIn(town, ALEX, 'nobody answers'), click(SAM, value)]);
    await thread.see(/Halt it.*: succeeded/);
    const decided = [...(await events('glassBroken')), ...(await events('approvalGiven'))];
    expect([decided.length, ran()]).toEqual([1, 'one\n']);
  }, 30_000);
});

describe('between the click and the start', () => {
  test('an approver who leaves the group opens nothing', async () => {
    await approvedAndPaused();
    await town.slack.setUsergroup(GROUP, { users: [] });
    // What Slack said at a click is good for two seconds, and only the clock makes it old.
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await town.type(DANA, `/ha resume ${thread.run}`);
    await thread.see(/was voided: Sam Okafor, who approved it, may not do so any more/);
    await openCard(town, thread);
    expect([ran(), await events('attemptIntended')]).toEqual(['', [expect.objectContaining({ step: 'A' })]]);
  }, 30_000);

  test('files that change on disk change nothing of this run', async () => {
    await approvedAndPaused();
    const path = join(town.folder, 'procedures/atscale/halt.yaml');
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('echo one', 'echo forged'));
    writeFileSync(clusterPath(), clusterYaml.replaceAll(GROUP, ALEX).replaceAll(/name: engine-01/g, 'name: engine-77'));
    await town.type(DANA, `/ha resume ${thread.run}`);
    await thread.see(/Halt it.*: succeeded/);
    writeFileSync(path, before);
    expect(ran()).toBe('one\n');
  }, 30_000);

  test('a leader that moves stops it, and old cards stay void', async () => {
    const old = await approvedAndPaused();
    leader('engine-02');
    await town.type(DANA, `/ha resume ${thread.run}`);
    await thread.see(/leader was engine-01 and is now engine-02/);
    expect(ran()).toBe('');
    await thread.press('dana', /^Use New Roles/);
    const values = (): readonly (string | undefined)[] =>
      thread.messages().flatMap(({ blocks }) => controlsOf(blocks).flatMap((each) => (/^Approve/.test(each.label) ? [each.value] : [])));
    const value = (await town.slack.waitFor(() => values().find((each) => each !== old), { what: 'the new card' })) ?? '';
    expect(await toldAfter(town, SAM, () => click(SAM, old))).toMatch(/was voided at/);
    const [run, request, digest] = [value.split(':')[0], value.split(':')[1], old.split(':')[2]];
    expect(await toldAfter(town, SAM, () => click(SAM, `${run}:${request}:${digest}`))).toMatch(/made for another version/);
    expect(await events('approvalGiven')).toHaveLength(1);
    expect(ran()).toBe('');
    await click(SAM, value);
    await thread.see(/Halt it.*: succeeded/);
    expect(ran()).toBe('one\n');
    expect(await events('attemptIntended')).toContainEqual(expect.objectContaining({ step: 'B', host: 'engine-02' }));
  }, 30_000);

  test('a leader that moves inside a joint approval voids the rest', async () => {
    thread = await town.begin('/ha both atscale-prod');
    const { value } = await openCard(town, thread, /^Approve B to C$/);
    await click(SAM, value);
    await thread.see(/leader was engine-01 and is now engine-02/);
    expect(ran()).toBe('one\n');
    expect(await events('approvalVoided')).toHaveLength(1);
    expect(await toldAfter(town, SAM, () => click(SAM, value))).toMatch(/was voided at/);
  }, 30_000);

  test('values changed in Redis, hashes left, freeze the run', async () => {
    thread = await town.begin('/ha halt atscale-prod');
    const { value } = await openCard(town, thread);
    const redis = new Redis(town.redis.url);
    try {
      const key = keys.journal(thread.run);
      const entries = await redis.xrange(key, '-', '+');
      const rewrite = async (change: (text: string) => string): Promise<void> => {
        const all = redis.multi().del(key);
        for (const [id, fields] of entries) all.xadd(key, id, ...fields.map(change));
        await all.exec();
      };
      // Alex becomes an approver, and what is asked for is something else.
      await rewrite((text) => text.replaceAll(GROUP, 'S0NOBODY99').replaceAll('echo one', 'echo forged'));
      expect(await toldAfter(town, SAM, () => click(SAM, value))).toMatch(/is not what Keyturn wrote: nothing is done for this run/);
      expect(await toldAfter(town, DANA, () => town.type(DANA, `/ha status`))).toMatch(/The journal of one open run is damaged/);
      expect(ran()).toBe('');
      await rewrite((text) => text);
    } finally {
      redis.disconnect();
    }
    expect(await events('approvalGiven')).toEqual([]);
  }, 30_000);
});

describe('another machine behind the name', () => {
  test('a host swapped after the approval gets nothing', async () => {
    await approvedAndPaused();
    await town.hosts.sshd('engine-01').restart({ newHostKey: true });
    const fingerprint = /SHA256:[A-Za-z0-9+/]+/;
    await town.type(DANA, `/ha resume ${thread.run}`);
    const told = await thread.see(fingerprint);
    expect(visibleText(told)).toMatch(/host key/i);
    expect(ran()).toBe('');
    const [end] = (await events('attemptEnded')).filter(({ step }) => step === 'B');
    expect(end).toMatchObject({ outcome: { kind: 'refused', code: 'HOST_KEY_CHANGED' } });
  }, 60_000);
});
