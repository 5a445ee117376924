/**
 * One person who would like to be two: every way to the second person's word, tried by the requester, by their second account and with codes that
 * are not theirs or not for this, on the built bot over both transports. Nothing runs on a host but what others allowed.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { JsonObject } from '../../infra/sandbox/slack/server.ts';
import { createFactors } from '../../src/factor/factors.ts';
import { codeAt, newSecret } from '../../src/factor/totp.ts';
import { readInstallationKey } from '../../src/installation-key.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { type Errand, writeErrand } from '../../src/slack/modals.ts';
import { CALLBACK } from '../../src/slack/views/index.ts';
import { forge, journalOf, openCard, toldAfter, townOver, type Written } from './attacker.ts';
import { OPS, type ThreadView, type Town } from './town.ts';

const [DANA, SAM, ALEX] = ['U0DANA0001', 'U0SAM00001', 'U0ALEX0001'];
const CHANNEL = 'C0OPS00001';
const STEP = 30_000;

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let town: Town;
  let thread: ThreadView;
  const secrets = new Map<string, Buffer>();

  const place = (name: string): string => join(town.folder, name);
  const ran = (): string => (existsSync(place('ran')) ? readFileSync(place('ran'), 'utf8') : '');
  /** Alex is the requester's second account, or somebody else. */
  const people = (same: boolean): void =>
    writeFileSync(place('people.yaml'), same ? `people: { dana@example.com: [${DANA}, ${ALEX}] }\n` : 'people: {}\n');
  const code = (person: string, steps = 0): string => codeAt(secrets.get(person) ?? Buffer.alloc(20), Date.now() + steps * STEP);
  const events = async (...kinds: readonly string[]): Promise<readonly Written[]> =>
    (await journalOf(town, thread.run)).filter(({ kind }) => kinds.includes(kind));
  const click = (person: string, action: string, value: string) => forge(town, person, thread, { action, value });

  beforeAll(async () => {
    town = await townOver(transport, { env: { KEYTURN_PEOPLE: 'people.yaml' } });
    people(true);
    await town.slack.setUsergroup('S0APPROVE1', { users: [SAM, DANA] });
    const log = `env: { LOG: '"${place('ran')}"' }`;
    writeFileSync(
      join(town.folder, 'procedures/atscale/twice.yaml'),
      `procedure: twice
product: atscale
title: Try it
steps:
  - { id: A, title: Stop it, on: coordinator, unsafe: It stops, ${log}, run: 'echo one >>"$LOG"; exit 3', timeout: 20s }
  - { id: B, title: It may go live, confirm: Is it so?, second: It goes live }
`,
    );
    const path = join(town.folder, 'clusters/atscale-prod.yaml');
    const yaml = readFileSync(path, 'utf8').replace(/ {2}approve:\n {4}- S0APPROVE1\n/, `  approve: [S0APPROVE1, ${ALEX}]\n`);
    const named = (name: string, text: string): void =>
      writeFileSync(join(town.folder, 'clusters', `${name}.yaml`), text.replace('cluster: atscale-prod', `cluster: ${name}`));
    named('atscale-prod', `${yaml}break_glass: { people: [${SAM}], channel: C0STAKE001 }\n`);
    named('atscale-code', `${yaml}second_factor: totp\n`);
    named('atscale-other', `${yaml}second_factor: totp\n`);
    named('atscale-two', yaml.replace(/approve: \[(.*)\]/, 'approve: { count: 2, of: [$1] }'));
    await enrol();
  }, 60_000);
  afterAll(() => town.close());
  beforeEach(() => rmSync(place('ran'), { force: true }));
  afterEach(async () => {
    people(true);
    await town.type(DANA, `/ha cancel ${thread.run}`);
    await thread.see(/\b(cancelled|aborted|succeeded)\b/);
    expect(town.log.filter((line) => /unforeseen|nobody foresaw|could not be handled/.test(line))).toEqual([]);
  });

  async function enrol(): Promise<void> {
    const log = pino({ level: 'silent' });
    const redis = await connectRedis(town.redis.url, { role: 'journal', log });
    const key = (await readInstallationKey(join(town.folder, 'data/installation.key')))('factor');
    const factors = createFactors({ redis, key, log });
    for (const user of [SAM, DANA, ALEX]) {
      secrets.set(user, newSecret());
      const step = Math.floor(Date.now() / STEP) - 5;
      const enrolment = { user, secret: secrets.get(user) ?? Buffer.alloc(0), step, by: SAM, at: Date.now(), first: false };
      expect(await factors.enrol(enrolment)).toBe('enrolled');
    }
    await disconnectRedis(redis);
  }

  /** A form that nobody was shown: whichever opens for everybody, sent as if it were this one. */
  async function send(person: string, errand: Errand, typed: Readonly<Record<string, string>>) {
    await click(person, 'keyturn_cancel', thread.run);
    await town.slack.waitFor(() => town.slack.openViews(person).length > 0, { what: 'a form' });
    const field = (value: string, action: string): JsonObject => ({ [action]: { type: 'plain_text_input', value } });
    const values = Object.fromEntries(
      Object.entries(typed).map(([block, value]) => [block, field(value, block === 'code' ? 'totp' : 'text')]),
    );
    const sent = await town.slack.person(person).submitView({
      values: { text: 'x' },
      forge: (payload) => ({
        ...payload,
        view: { ...object(payload.view), callback_id: CALLBACK[errand.kind], private_metadata: writeErrand(errand), state: { values } },
      }),
    });
    for (const view of town.slack.openViews(person)) await town.slack.person(person).closeView(view.id);
    return sent;
  }

  const refused = async (person: string): Promise<readonly string[]> =>
    (await events('refused')).filter((event) => isOf(event, person)).map(({ action }) => String(action));

  test('a requester is no second person by any path', async () => {
    thread = await town.begin('/ha twice atscale-prod');
    const { value } = await openCard(town, thread);
    const [, request = '', digest = ''] = value.split(':');
    const about = { run: thread.run, channel: CHANNEL, thread: thread.ts };
    const told = (person: string, act: () => Promise<unknown>) => toldAfter(town, person, act);
    for (const person of [DANA, ALEX]) {
      expect(await told(person, () => click(person, 'keyturn_approve', value))).toMatch(/You requested this run/);
      expect(await told(person, () => send(person, { kind: 'approve', request, digest, ...about }, {}))).toMatch(/You requested this run/);
      const glass = { kind: 'breakGlass', request, digest, ...about } as const;
      expect(await told(person, () => send(person, glass, { reason: 'it burns' }))).toMatch(/You may not break the glass/);
    }
    for (const words of [`approve ${thread.run}`, `skip ${thread.run}`, `answer ${thread.run} done`]) await town.type(DANA, `/ha ${words}`);
    expect([ran(), await events('approvalGiven', 'approvalBacked', 'glassBroken')]).toEqual(['', []]);

    await click(SAM, 'keyturn_approve', value);
    const { value: skip } = await openCard(town, thread, /^Skip/);
    const trouble = skip.split(':')[1] ?? '';
    for (const person of [DANA, ALEX]) {
      const settle = (choice: 'skip' | 'settleDone') => send(person, { kind: 'settle', trouble, choice, ...about }, { reason: 'I say so' });
      expect(await told(person, () => settle('skip'))).toMatch(/You requested this run/);
      expect(await told(person, () => settle('settleDone'))).toMatch(/not offered here/);
    }
    expect(await events('troubleSettled', 'choiceBacked')).toEqual([]);
    await send(SAM, { kind: 'settle', trouble, choice: 'skip', ...about }, { reason: 'it was down' });

    const { value: done } = await openCard(town, thread, /^(Done|Yes)/);
    for (const person of [DANA, ALEX])
      expect(await told(person, () => click(person, 'keyturn_answer_done', done))).toMatch(/You requested this run/);
    expect(await events('questionAnswered')).toEqual([]);
    await click(SAM, 'keyturn_answer_done', done);
    await thread.see(/Try it.*: succeeded/);
    expect(await refused(ALEX)).toEqual(['approve', 'approve', 'breakGlass', 'approve', 'approve']);
    expect(await refused(DANA)).toEqual(await refused(ALEX));
    expect([ran(), (await events('approvalGiven')).length]).toEqual(['one\n', 1]);
  }, 60_000);

  test('of two who are wanted each counts once', async () => {
    people(false);
    thread = await town.begin('/ha twice atscale-two');
    const { value } = await openCard(town, thread);
    await Promise.all([SAM, ALEX, SAM, DANA, ALEX, SAM].map((person) => click(person, 'keyturn_approve', value)));
    await openCard(town, thread, /^Skip/);
    const [backed, given, ...more] = await events('approvalBacked', 'approvalGiven');
    expect([backed?.kind, given?.kind, more]).toEqual(['approvalBacked', 'approvalGiven', []]);
    expect([ran(), await events('attemptIntended')]).toEqual(['one\n', [expect.objectContaining({ attempt: 1 })]]);
  }, 60_000);

  test('a code counts for its person, for this, and once', async () => {
    people(false);
    const other = await town.begin('/ha twice atscale-other');
    const foreign = (await openCard(town, other)).value.split(':');
    thread = await town.begin('/ha twice atscale-code');
    const [, request = '', digest = ''] = (await openCard(town, thread)).value.split(':');
    const mine: Errand = { kind: 'approve', request, digest, run: thread.run, channel: CHANNEL, thread: thread.ts };
    const theirs: Errand = { ...mine, run: other.run, request: foreign[1] ?? '', digest: foreign[2] ?? '' };
    const nothing = async (): Promise<void> => expect([ran(), await events('approvalGiven')]).toEqual(['', []]);

    // From another person's telephone.
    expect(await send(SAM, mine, { code: code(ALEX) })).toMatchObject({ kind: 'errors' });
    // The requester's own.
    expect(await toldAfter(town, DANA, () => send(DANA, mine, { code: code(DANA) }))).toMatch(/You requested this run/);
    // None at all, and one for another run's request behind this one's name.
    expect(await toldAfter(town, SAM, () => send(SAM, mine, {}))).toMatch(/wants a code of your second factor/);
    const first = code(ALEX, -1);
    expect(await toldAfter(town, ALEX, () => send(ALEX, { ...mine, digest: theirs.digest }, { code: first }))).toMatch(/another version/);
    await nothing();
    // That code is used up, for whatever it was.
    expect(await send(ALEX, mine, { code: first })).toMatchObject({ kind: 'errors' });
    // Redirected to the other run, from this one's thread.
    expect(await toldAfter(town, ALEX, () => send(ALEX, theirs, { code: code(ALEX) }))).toMatch(/another thread/);
    await nothing();
    expect((await journalOf(town, other.run)).filter(({ kind }) => kind === 'approvalGiven')).toEqual([]);

    const right = code(SAM);
    expect((await send(SAM, mine, { code: right })).kind).toBe('closed');
    await thread.see(/approved A/);
    expect(await send(SAM, mine, { code: right })).toMatchObject({ kind: 'errors' });
    expect(await events('approvalGiven')).toMatchObject([{ by: { user: SAM }, stands: { factor: 'totp' } }]);
    await town.type(DANA, `/ha cancel ${other.run}`);
    await other.see(/\bcancelled\b/);
  }, 60_000);

  test('another’s run is cancelled by no form of a guest', async () => {
    thread = await town.begin('/ha twice atscale-prod');
    await openCard(town, thread);
    const guest = 'U0GUEST001';
    const cancel: Errand = { kind: 'cancel', run: thread.run, channel: CHANNEL, thread: thread.ts };
    expect(await toldAfter(town, guest, () => send(guest, cancel, { reason: 'x' }))).toMatch(/guests/);
    expect(await events('cancelRequested')).toEqual([]);
    expect(town.slack.channel(OPS).messages().length).toBeGreaterThan(0);
  }, 30_000);
});

function isOf(event: Written, user: string): boolean {
  return typeof event.person === 'object' && event.person !== null && 'user' in event.person && event.person.user === user;
}

function object(value: JsonObject[string]): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}
