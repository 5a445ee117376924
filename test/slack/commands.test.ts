/** What people get for what they type, over both transports. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { KeyturnError } from '../../src/errors.ts';
import { type Bench, firstAnswer, startBench } from './bench.ts';
import { gate, stateOf } from './fake-desk.ts';

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench(transport);
  });
  afterEach(() => bench.close());

  test('a start is answered with the run that began', async () => {
    const answer = await bench.answer('dana', 'ops', '/ha restart atscale-prod note="two words"');
    expect(answer).toContain('runtest1');
    expect(answer).toContain('Its thread is being made in this channel.');
    expect(bench.desk.started).toHaveLength(1);
    expect(bench.desk.started[0]).toMatchObject({
      procedure: 'restart',
      cluster: 'atscale-prod',
      params: { note: 'two words' },
      channel: { team: 'T0SANDBOX1', id: 'C0OPS00001' },
      standing: { person: { team: 'T0SANDBOX1', user: 'U0DANA0001' }, kind: { kind: 'member' } },
    });
  });

  test('a command delivered twice begins one run', async () => {
    bench.sandbox.duplicateNext();
    const answer = await bench.answer('dana', 'ops', '/ha restart atscale-prod');
    expect(answer).toContain('runtest1');
    expect(bench.desk.started).toHaveLength(1);
    expect([...bench.desk.runs.keys()]).toEqual(['runtest1']);
  });

  test('a slow desk is acknowledged in time and answered later', async () => {
    const held = gate();
    bench.desk.held = held.passed;
    const seen = await bench.sandbox.person('dana').command({ channel: 'ops', text: '/ha restart atscale-prod' });
    expect(seen.acked).toBe(true);
    expect(await firstAnswer(bench.sandbox, seen)).toContain('still at it');
    held.open();
    const second = await bench.sandbox.waitFor(() => seen.ephemeral[1], { what: 'the later answer' });
    expect(visibleText(second)).toContain('runtest1');
  });

  test('a plan is announced at once and follows', async () => {
    const held = gate();
    bench.desk.held = held.passed;
    const seen = await bench.sandbox.person('dana').command({ channel: 'ops', text: '/ha plan restart atscale-prod' });
    expect(await firstAnswer(bench.sandbox, seen)).toContain('Reading the cluster');
    held.open();
    const plan = await bench.sandbox.waitFor(() => seen.ephemeral[1], { what: 'the plan' });
    expect(visibleText(plan)).toContain('atscale-prod');
    expect(bench.desk.started).toEqual([]);
  });

  test('a broken store is told in a sentence', async () => {
    bench.desk.failure = new KeyturnError('REDIS_UNREACHABLE', 'Redis at r:6379 does not answer.', 'that it runs');
    const answer = await bench.answer('dana', 'ops', '/ha restart atscale-prod');
    expect(answer).toContain('Redis at r:6379 does not answer.');
    expect(answer).toContain('that it runs');
  });

  test('an unforeseen fault shows nothing of its inside', async () => {
    bench.desk.failure = new Error('TypeError at secret.ts:12');
    const answer = await bench.answer('dana', 'ops', '/ha restart atscale-prod');
    expect(answer).toContain('fault in Keyturn');
    expect(answer).not.toContain('secret.ts');
    expect(bench.log.lines.join('')).toContain('secret.ts:12');
  });
});

describe('answers', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench('socket');
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.desk.runs.clear();
    bench.desk.acts.length = 0;
    bench.desk.started.length = 0;
    bench.sandbox.heal();
  });

  test.each([
    ['/ha', ['restart']],
    ['/ha help', ['restart', 'failover']],
    ['/ha list', ['atscale-prod', 'failover']],
    ['/ha restrat atscale-prod', ['Did you mean', 'restart']],
    ['/ha restart atscale-pord', ['Did you mean', 'atscale-prod']],
    ['/ha atscale-prod restart', ['The procedure comes first', '/ha restart atscale-prod']],
    ['/ha chronicle', ['no command and no procedure']],
    ['/ha status nowhere', ['no run or cluster']],
    ['/ha pause atscale-prod', ['Nothing goes on']],
  ])('“%s” is answered', async (text, fragments) => {
    const answer = await bench.answer('dana', 'ops', text);
    for (const fragment of fragments) expect(answer).toContain(fragment);
  });

  test.each([
    ['a direct message', 'directmessage', 'works in channels only'],
    ['a channel without the bot', 'random', '/invite @Keyturn'],
    ['a private channel without the bot', 'incident-private', '/invite @Keyturn'],
    ['a channel shared with another organisation', 'vendor-shared', 'shared with another organisation'],
    ['an archived channel', 'old-ops', 'archived'],
  ])('in %s nothing is started', async (_place, channel, fragment) => {
    expect(await bench.answer('dana', channel, '/ha restart atscale-prod')).toContain(fragment);
    expect(await bench.answer('dana', channel, '/ha list')).toContain(fragment);
    expect(bench.desk.started).toEqual([]);
  });

  test('help is given in a direct message too', async () => {
    expect(await bench.answer('dana', 'directmessage', '/ha help')).toContain('restart');
  });

  test('a channel that was just joined works at once', async () => {
    expect(await bench.answer('dana', 'random', '/ha list')).toContain('/invite');
    await bench.sandbox.setChannel('random', { members: ['U0DANA0001', 'U0KEYTURN1'] });
    expect(await bench.answer('dana', 'random', '/ha list')).toContain('atscale-prod');
  });

  test('a cluster is worked on in its own channels', async () => {
    expect(await bench.answer('dana', 'ops', '/ha restart atscale-test')).toContain('is not worked on in this channel');
    expect(bench.desk.started).toEqual([]);
    expect(await bench.answer('dana', 'stakeholders', '/ha restart atscale-test')).toContain('has begun');
  });

  test.each([
    ['gwen', 'guests'],
    ['lee', 'deactivated'],
    ['vera', 'other organisations'],
    ['deploybot', 'bots'],
    ['alex', 'You may not start runs'],
  ])('%s cannot start a run', async (person, fragment) => {
    expect(await bench.answer(person, 'ops', '/ha restart atscale-prod')).toContain(fragment);
    expect(bench.desk.started).toEqual([]);
  });

  test('a guest learns no names from a mistake', async () => {
    expect(await bench.answer('gwen', 'ops', '/ha restrat atscale-prod')).not.toContain('failover');
  });

  test('while Slack cannot say who it is, nothing starts', async () => {
    bench.sandbox.fail('users.info', { error: 'internal_error' });
    expect(await bench.answer('dana', 'ops', '/ha restart atscale-prod')).toContain('It could not be confirmed who you are');
    expect(bench.desk.started).toEqual([]);
  });

  test('a locked cluster names who holds it', async () => {
    bench.desk.runs.set('runheld1', stateOf('runheld1'));
    const answer = await bench.answer('dana', 'ops', '/ha restart atscale-prod');
    for (const fragment of ['runheld1', 'Dana Reyes', 'Restart every node', '14:13:20 UTC']) expect(answer).toContain(fragment);
  });

  test('status shows the run of a cluster', async () => {
    bench.desk.runs.set('runheld1', stateOf('runheld1'));
    for (const text of ['/ha status', '/ha status atscale-prod', '/ha status RUNHELD1']) {
      expect(await bench.answer('alex', 'ops', text)).toContain('runheld1');
    }
  });

  test.each([
    ['/ha pause atscale-prod lunch', 'pause', 'lunch'],
    ["/ha cancel runheld1 it's wrong", 'cancel', "it's wrong"],
  ])('“%s” reaches the run with its reason', async (text, kind, reason) => {
    bench.desk.runs.set('runheld1', stateOf('runheld1'));
    expect(await bench.answer('sam', 'ops', text)).toContain('runheld1');
    expect(bench.desk.acts).toEqual([{ run: 'runheld1', kind, user: 'U0SAM00001', reason }]);
  });

  test('of two runs on a cluster one must be named', async () => {
    bench.desk.runs.set('runheld1', stateOf('runheld1'));
    bench.desk.runs.set('runheld2', stateOf('runheld2'));
    expect(await bench.answer('sam', 'ops', '/ha cancel atscale-prod')).toContain('Name the one to cancel');
    expect(bench.desk.acts).toEqual([]);
  });

  test('every answer is for the asker alone', async () => {
    await bench.answer('dana', 'ops', '/ha restart atscale-prod');
    expect(bench.sandbox.channel('ops').all()).toEqual([]);
    expect(bench.sandbox.ephemerals('sam').filter((each) => each.text.includes('has begun'))).toEqual([]);
  });

  test('no token and no answer address reaches the log', () => {
    const log = bench.log.lines.join('');
    for (const secret of [bench.sandbox.botToken, bench.sandbox.appToken, '/commands/T0SANDBOX1/']) expect(log).not.toContain(secret);
  });
});

test('a thread that is known already is linked', async () => {
  const bench = await startBench('socket', {}, async () => 'https://northwind-data.slack.com/archives/C0OPS00001/p1');
  try {
    expect(await bench.answer('dana', 'ops', '/ha restart atscale-prod')).toContain('Open the thread');
  } finally {
    await bench.close();
  }
});
