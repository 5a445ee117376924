/** Codes of the second factor in Slack's forms, over both transports, with a real Redis behind: at the field what is wrong, once what is right. */
import { randomBytes } from 'node:crypto';
import { type JsonObject, visibleText } from '../../infra/sandbox/slack/server.ts';
import { createFactors, type Factors, proverOf } from '../../src/factor/factors.ts';
import { codeAt, newSecret, stepOf } from '../../src/factor/totp.ts';
import type { Prover } from '../../src/factor/verdict.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import type { RunState } from '../../src/run/state.ts';
import { holds } from '../support/authenticator.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type Bench, logInMemory, startBench } from './bench.ts';
import { approvalOf, cluster, gate, questionOf, stateOf, troubleOf } from './fake-desk.ts';

const RUN = 'runheld1';
const SAM = 'U0SAM00001';
const DIGEST = 'c'.repeat(64);
const STEP = 30_000;
const guarded = { ...cluster, secondFactor: 'totp' as const };

let server: TestRedis;
let redis: RedisClient;
let factors: Factors;
let prover: Prover;
let secret: Buffer;
let now = 1_790_000_010_000;
const { logger } = logInMemory();

beforeAll(async () => {
  server = await startRedis();
  redis = await connectRedis(server.url, { role: 'journal', log: logger });
});
afterAll(async () => {
  await disconnectRedis(redis);
  await server.stop();
});

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(transport, {}, undefined, { verify: (...asked) => prover.verify(...asked) });
    factors = createFactors({ redis, key: randomBytes(32), log: bench.log.logger });
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await redis.flushall();
    now += 100 * STEP;
    secret = newSecret();
    const step = stepOf(secret, code(-5), now - 5 * STEP) ?? -1;
    expect(await factors.enrol({ user: SAM, secret, step, by: 'U0ADMIN001', at: now, first: false })).toBe('enrolled');
    prover = proverOf(factors, () => now);
    bench.desk.acts.length = 0;
    bench.sandbox.heal();
    run();
  });
  afterEach(async () => {
    for (const view of bench.sandbox.openViews('sam')) await bench.sandbox.person('sam').closeView(view.id);
  });

  function code(steps = 0): string {
    return codeAt(secret, now + steps * STEP);
  }

  /** Of none of the steps that count. */
  function wrong(): string {
    const all = Array.from({ length: 4 }, (_, number) => `73915${number}`);
    return all.find((each) => stepOf(secret, each, now) === undefined) ?? '';
  }

  function run(patch: Partial<RunState> = {}): void {
    const approvals = { 'S1-1': approvalOf('S1-1'), 'S1-2': { ...approvalOf('S1-2'), digest: 'e'.repeat(64) } };
    const trouble = troubleOf('t-1', ['retry', 'skip', 'abort', 'settleDone']);
    bench.desk.runs.set(RUN, stateOf(RUN, { cluster: guarded, approvals, trouble, ...patch }));
  }

  async function click(action: string, value: string, person = 'sam') {
    const ts = await bench.post(action, value);
    const before = bench.sandbox.ephemerals(person).length;
    const seen = await bench.sandbox.person(person).click({ channel: 'ops', ts, actionId: action });
    expect(seen.acked).toBe(true);
    const told = () => bench.sandbox.ephemerals(person).slice(before).map(visibleText);
    return { told, answer: () => bench.sandbox.waitFor(() => told()[0], { what: 'the private answer' }) };
  }

  const approve = (person = 'sam', request = 'S1-1', digest = DIGEST) => click('keyturn_approve', `${RUN}:${request}:${digest}`, person);

  async function send(values: Record<string, string>, more: object = {}) {
    const before = bench.sandbox.ephemerals('sam').length;
    const sent = await bench.sandbox.person('sam').submitView({ values, ...more });
    const answer = () => bench.sandbox.waitFor(() => bench.sandbox.ephemerals('sam')[before], { what: 'the private answer' });
    return { sent, answer: async () => visibleText(await answer()) };
  }

  const approval = (request = 'S1-1') => bench.desk.runs.get(RUN)?.approvals[request];
  const shown = (): string => JSON.stringify(bench.sandbox.openViews('sam').map(({ view }) => view));

  test('Approve opens a form that says what the code is for', async () => {
    const { told } = await approve();
    expect(bench.desk.acts).toEqual([]);
    for (const words of ['S1', 'eng-1', 'cccccccccccc', 'Code of your authenticator app', RUN]) expect(shown()).toContain(words);
    expect(told()).toEqual([]);
  });

  test('a right code approves, and the record says by what', async () => {
    await approve();
    expect((await send({ totp: ` ${code().slice(0, 3)} ${code().slice(3)} ` })).sent.kind).toBe('closed');
    expect(bench.desk.acts).toMatchObject([{ kind: 'approve', user: SAM }]);
    expect(approval()?.backers).toMatchObject([{ stands: { factor: 'totp' } }]);
  });

  test('a wrong code is told at its field, and the form stays', async () => {
    await approve();
    const { sent } = await send({ totp: wrong() });
    expect(sent).toEqual({ kind: 'errors', errors: { code: expect.stringContaining('This code is wrong') } });
    expect(bench.desk.acts).toEqual([]);
    expect((await send({ totp: code() })).sent.kind).toBe('closed');
    expect(bench.desk.acts).toHaveLength(1);
  });

  test.each(['12345', '1234567', 'abcdef', '１２３４５６', '-1'])('“%s” is no code and counts as no try', async (typed) => {
    await approve();
    for (let time = 0; time < 6; time += 1) {
      expect((await send({ totp: typed })).sent).toMatchObject({ errors: { code: expect.stringContaining('six digits') } });
    }
    expect((await send({ totp: code() })).sent.kind).toBe('closed');
  });

  test('five wrong codes lock, and the field says until when', async () => {
    await approve();
    for (let time = 0; time < 5; time += 1) await send({ totp: wrong() });
    const { sent } = await send({ totp: code() });
    const until = new Date(now + 10 * 60_000).toISOString().slice(11, 16);
    expect(sent).toMatchObject({ kind: 'errors', errors: { code: expect.stringContaining(`${until} UTC`) } });
    expect(bench.desk.acts).toEqual([]);
    now += 10 * 60_000;
    expect((await send({ totp: code() })).sent.kind).toBe('closed');
  });

  test('whoever is not enrolled learns who enrols', async () => {
    await factors.reset(SAM);
    await approve();
    const { sent } = await send({ totp: '123456' });
    expect(sent).toMatchObject({ errors: { code: expect.stringContaining('An administrator of Keyturn enrols you') } });
    expect(bench.desk.acts).toEqual([]);
  });

  test('a code that was used for one request is none for another', async () => {
    await approve();
    await send({ totp: code() });
    await approve('sam', 'S1-2', 'e'.repeat(64));
    expect((await send({ totp: code() })).sent).toMatchObject({ errors: { code: expect.stringContaining('used already') } });
    expect(approval('S1-2')?.status).toEqual({ kind: 'open' });
    now += STEP;
    expect((await send({ totp: code() })).sent.kind).toBe('closed');
    expect(approval('S1-2')?.status).toMatchObject({ kind: 'given' });
  });

  test('two deliveries of one form approve once', async () => {
    await approve();
    bench.sandbox.duplicateNext();
    await send({ totp: code() });
    expect(bench.desk.acts).toHaveLength(1);
  });

  /** What a person cannot do, and whoever could write Slack's payloads might try. */
  const forging = (change: (view: JsonObject) => JsonObject) => (payload: JsonObject) => ({
    ...payload,
    view: change(payload.view as JsonObject),
  });
  const metadata = (patch: object) =>
    forging((view) => ({ ...view, private_metadata: JSON.stringify({ ...JSON.parse(String(view.private_metadata)), ...patch }) }));

  test('the same code sent from two forms at once approves one', async () => {
    await approve();
    const other = metadata({ request: 'S1-2', digest: 'e'.repeat(64) });
    const elsewhere = (payload: JsonObject) => forging((view) => ({ ...view, id: 'V0OTHER' }))(other(payload));
    const sent = await Promise.all([send({ totp: code() }), send({ totp: code() }, { forge: elsewhere })]);
    expect(sent.map(({ sent: { kind } }) => kind).sort()).toEqual(['closed', 'errors']);
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('a form for one digest approves no other request', async () => {
    await approve();
    const { answer } = await send({ totp: code() }, { forge: metadata({ request: 'S1-2' }) });
    expect(await answer()).toContain('another version of the request');
    expect(bench.desk.acts).toEqual([]);
  });

  test('a form without a code approves nothing', async () => {
    await approve();
    const { answer } = await send({ totp: code() }, { forge: forging((view) => ({ ...view, state: { values: {} } })) });
    expect(await answer()).toContain('wants a code of your second factor');
    expect(bench.desk.acts).toEqual([]);
  });

  test('a code proves nothing for another person who sends it', async () => {
    await approve();
    const alex = (payload: JsonObject) => ({ ...payload, user: { ...(payload.user as JsonObject), id: 'U0ALEX0001' } });
    expect((await send({ totp: code() }, { forge: alex })).sent).toMatchObject({
      errors: { code: expect.stringContaining('no second factor') },
    });
    expect(bench.desk.acts).toEqual([]);
  });

  test('what changed while the form was open is not approved', async () => {
    await approve();
    run({ approvals: { 'S1-1': { ...approvalOf('S1-1'), digest: 'f'.repeat(64) } } });
    const { sent, answer } = await send({ totp: code() });
    expect(sent.kind).toBe('closed');
    expect(await answer()).toContain('another version of the request');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['dana', 'You requested this run'],
    ['alex', 'You may not approve'],
    ['gwen', 'guests'],
  ])('%s is refused at the click, without a form', async (person, fragment) => {
    expect(await (await approve(person)).answer()).toContain(fragment);
    expect(bench.sandbox.openViews(person)).toEqual([]);
  });

  test('what is settled already opens no form', async () => {
    await approve();
    await send({ totp: code() });
    expect(await (await approve()).answer()).toContain('Already approved by');
    expect(bench.sandbox.openViews('sam')).toEqual([]);
  });

  test('a check that takes too long approves nothing, whatever it says', async () => {
    const held = gate();
    prover = { verify: (_user, _code, about) => held.passed.then(() => ({ kind: 'proved', about })) };
    await approve();
    const { sent } = await send({ totp: code() });
    expect(sent).toMatchObject({ errors: { code: expect.stringContaining('Redis took too long') } });
    held.open();
    await held.passed;
    expect(bench.desk.acts).toEqual([]);
  });

  test('a check that breaks down approves nothing', async () => {
    prover = { verify: () => Promise.reject(new Error('boom')) };
    await approve();
    expect((await send({ totp: code() })).sent).toMatchObject({ errors: { code: expect.stringContaining('could not be checked') } });
    expect(bench.desk.acts).toEqual([]);
  });

  test('settling something unsafe takes a reason and a code', async () => {
    await click('keyturn_settle_settleDone', `${RUN}:t-1:settleDone`);
    expect((await send({ text: ' ', totp: code() })).sent).toMatchObject({ errors: { reason: expect.any(String) } });
    expect((await send({ text: 'seen on the host', totp: wrong() })).sent).toMatchObject({ errors: { code: expect.any(String) } });
    expect((await send({ text: 'seen on the host', totp: code() })).sent.kind).toBe('closed');
    expect(bench.desk.acts).toMatchObject([{ kind: 'settle', reason: 'seen on the host' }]);
  });

  test.each([
    ['keyturn_settle_retry', `${RUN}:t-1:retry`],
    ['keyturn_pause', RUN],
  ])('%s needs no code', async (action, value) => {
    await click(action, value);
    expect(bench.desk.acts).toHaveLength(1);
  });

  test.each([
    ['keyturn_reject', `${RUN}:S1-1:${DIGEST}`],
    ['keyturn_settle_skip', `${RUN}:t-1:skip`],
    ['keyturn_settle_abort', `${RUN}:t-1:abort`],
    ['keyturn_cancel', RUN],
  ])('%s asks for a reason and for no code', async (action, value) => {
    await click(action, value);
    expect(shown()).not.toContain('authenticator');
    expect((await send({ text: 'wrong window' })).sent.kind).toBe('closed');
    expect(bench.desk.acts).toHaveLength(1);
  });

  const prompt = { about: 'prompt', host: 'eng-1', attempt: 1, number: 1, text: 'Overwrite? ' } as const;

  test.each([
    ['done', { about: 'confirm' }, 'done'],
    ['y', prompt, 'y'],
    ['n', prompt, 'n'],
    ['enter', prompt, ''],
  ] as const)('“%s” that needs a second person takes a code', async (word, fields, answer) => {
    run({ questions: { q3: questionOf('q3', { ...fields, second: 'It cuts traffic.' }) } });
    await click(`keyturn_answer_${word}`, `${RUN}:q3:${word}`);
    expect(bench.desk.acts).toEqual([]);
    expect((await send({ totp: wrong() })).sent).toMatchObject({ errors: { code: expect.any(String) } });
    expect((await send({ totp: code() })).sent.kind).toBe('closed');
    expect(bench.desk.runs.get(RUN)?.questions.q3?.status).toMatchObject({ kind: 'answered', answer });
  });

  test.each([
    ['declined', { about: 'confirm' }, 'declined'],
    ['text', prompt, 'node 1'],
  ] as const)('“%s” that needs a second person takes words and a code', async (word, fields, answer) => {
    run({ questions: { q3: questionOf('q3', { ...fields, second: 'It cuts traffic.' }) } });
    await click(`keyturn_answer_${word}`, `${RUN}:q3:${word}`);
    expect((await send({ text: 'node 1', totp: wrong() })).sent).toMatchObject({ errors: { code: expect.any(String) } });
    expect((await send({ text: 'node 1', totp: code() })).sent.kind).toBe('closed');
    expect(bench.desk.runs.get(RUN)?.questions.q3?.status).toMatchObject({ kind: 'answered', answer });
  });

  test('what anybody may answer is answered at once', async () => {
    run({ questions: { q3: questionOf('q3', { about: 'manual' }) } });
    await click('keyturn_answer_done', `${RUN}:q3:done`);
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('a form of another channel’s run tells nothing of it', async () => {
    run({ channel: { team: 'T0SANDBOX1', id: 'C0STAKE001' } });
    await click('keyturn_settle_settleDone', `${RUN}:t-1:settleDone`);
    expect(shown()).not.toContain('authenticator');
    expect(shown()).not.toContain('Restart every node');
  });

  test('a cluster without a second factor asks nobody for a code', async () => {
    run({ cluster });
    await approve();
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('no code stands in any log, answer or state', async () => {
    await approve();
    const codes = [wrong(), code(), code(1)];
    await send({ totp: codes[0] ?? '' });
    await send({ totp: codes[1] ?? '' });
    prover = { verify: () => Promise.reject(new Error('boom')) };
    await approve('sam', 'S1-2', 'e'.repeat(64));
    await send({ totp: codes[2] ?? '' });
    const everywhere = [
      bench.log.lines.join(''),
      JSON.stringify([bench.desk.acts, [...bench.desk.runs]]),
      JSON.stringify([bench.sandbox.ephemerals('sam'), bench.sandbox.ephemerals('dana')]),
    ].join('');
    for (const each of codes) expect(holds(everywhere, each)).toBe(false);
  });
});
