/** Buttons and forms, over both transports: from the click to the desk and back. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { type Bench, startBench } from './bench.ts';
import { approvalOf, stateOf, troubleOf } from './fake-desk.ts';

const RUN = 'runheld1';

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(transport);
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.desk.acts.length = 0;
    bench.desk.runs.clear();
    bench.desk.runs.set(
      RUN,
      stateOf(RUN, { approvals: { 'S1-1': approvalOf('S1-1') }, trouble: troubleOf('t-1', ['retry', 'skip', 'abort', 'settleDone']) }),
    );
    bench.sandbox.heal();
  });

  async function click(person: string, action: string, value: string, channel = 'ops') {
    const ts = await bench.post(action, value, bench.sandbox.channel(channel).channel.id);
    const before = bench.sandbox.ephemerals(person).length;
    const seen = await bench.sandbox.person(person).click({ channel, ts, actionId: action });
    expect(seen.acked).toBe(true);
    return { ts, told: () => bench.sandbox.ephemerals(person).slice(before).map(visibleText) };
  }

  test('an approval reaches the desk and says nothing', async () => {
    const { told } = await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    expect(bench.desk.acts).toEqual([{ run: RUN, kind: 'approve', user: 'U0SAM00001', reason: undefined }]);
    expect(told()).toEqual([]);
  });

  test('two deliveries of one click approve once', async () => {
    bench.sandbox.duplicateNext();
    await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('a second click is told who decided', async () => {
    await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    const { told } = await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    await bench.sandbox.waitFor(() => told()[0], { what: 'the answer to the second click' });
    expect(told()[0]).toContain('Already approved by');
    expect(bench.desk.acts).toHaveLength(1);
  });

  test.each([
    ['dana', 'You requested this run'],
    ['alex', 'You may not approve'],
    ['gwen', 'guests'],
    ['vera', 'other organisations'],
  ])('%s cannot approve and learns why', async (person, fragment) => {
    const { told } = await click(person, 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    await bench.sandbox.waitFor(() => told()[0], { what: 'the refusal' });
    expect(told()[0]).toContain(fragment);
    expect(bench.desk.acts).toEqual([]);
  });

  test('a card copied to another channel does nothing', async () => {
    const { told } = await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`, 'stakeholders');
    await bench.sandbox.waitFor(() => told()[0], { what: 'the refusal' });
    expect(told()[0]).toContain('belongs to another channel');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['keyturn_approve', 'nonsense', 'another release'],
    ['keyturn_settle_retry', `${RUN}:t-1:skip`, 'another release'],
    ['keyturn_approve', 'runnobody:S1-1', 'knows no run'],
    ['keyturn_approve', `${RUN}:S9-9`, 'does not belong to'],
  ])('%s with the value “%s” is refused', async (action, value, fragment) => {
    const { told } = await click('sam', action, value);
    await bench.sandbox.waitFor(() => told()[0], { what: 'the refusal' });
    expect(told()[0]).toContain(fragment);
  });

  test.each([
    ['keyturn_settle_retry', `${RUN}:t-1:retry`, 'settle'],
    ['keyturn_pause', RUN, 'pause'],
  ])('%s acts without a form', async (action, value, kind) => {
    await click('sam', action, value);
    expect(bench.desk.acts).toMatchObject([{ run: RUN, kind }]);
    expect(bench.sandbox.openViews('sam')).toEqual([]);
  });

  test('a button of another kind is only acknowledged', async () => {
    const { told } = await click('sam', 'open_link', 'x');
    expect(told()).toEqual([]);
  });

  test.each([
    ['keyturn_reject', `${RUN}:S1-1`, { kind: 'reject', reason: 'wrong window' }],
    ['keyturn_settle_skip', `${RUN}:t-1:skip`, { kind: 'settle', reason: 'wrong window' }],
    ['keyturn_settle_settleDone', `${RUN}:t-1:settleDone`, { kind: 'settle', reason: 'wrong window' }],
    ['keyturn_cancel', RUN, { kind: 'cancel', reason: 'wrong window' }],
  ])('%s asks for the reason first', async (action, value, act) => {
    await click('sam', action, value);
    expect(bench.desk.acts).toEqual([]);
    const submitted = await bench.sandbox.person('sam').submitView({ values: { text: ' wrong window ' } });
    expect(submitted.kind).toBe('closed');
    expect(bench.desk.acts).toMatchObject([{ run: RUN, user: 'U0SAM00001', ...act }]);
  });

  test('spaces are no reason for a rejection', async () => {
    await click('sam', 'keyturn_reject', `${RUN}:S1-1`);
    const submitted = await bench.sandbox.person('sam').submitView({ values: { text: '   ' } });
    expect(submitted).toMatchObject({ kind: 'errors' });
    expect(bench.desk.acts).toEqual([]);
    await bench.sandbox.person('sam').closeView();
  });

  test('aborting needs no reason', async () => {
    await click('sam', 'keyturn_settle_abort', `${RUN}:t-1:abort`);
    expect((await bench.sandbox.person('sam').submitView({ values: {} })).kind).toBe('closed');
    expect(bench.desk.acts).toMatchObject([{ kind: 'settle', reason: '' }]);
  });

  test('a form that comes too late is told what happened', async () => {
    await click('sam', 'keyturn_reject', `${RUN}:S1-1`);
    bench.desk.runs.set(RUN, stateOf(RUN, { ended: { outcome: 'cancelled', why: '', at: 0 } }));
    const before = bench.sandbox.ephemerals('sam').length;
    await bench.sandbox.person('sam').submitView({ values: { text: 'no' } });
    const told = await bench.sandbox.waitFor(() => bench.sandbox.ephemerals('sam')[before], { what: 'the late answer' });
    expect(visibleText(told)).toContain('has ended');
  });

  test('a forged form for another channel does nothing', async () => {
    await click('sam', 'keyturn_reject', `${RUN}:S1-1`);
    bench.desk.runs.set(
      RUN,
      stateOf(RUN, { channel: { team: 'T0SANDBOX1', id: 'C0STAKE001' }, approvals: { 'S1-1': approvalOf('S1-1') } }),
    );
    await bench.sandbox.person('sam').submitView({ values: { text: 'no' } });
    expect(bench.desk.acts).toEqual([]);
  });

  test('a form that Slack does not open is told', async () => {
    bench.sandbox.fail('views.open', { error: 'expired_trigger_id' });
    const { told } = await click('sam', 'keyturn_reject', `${RUN}:S1-1`);
    await bench.sandbox.waitFor(() => told()[0], { what: 'the apology' });
    expect(told()[0]).toContain('press the button again');
  });

  test('who clicks is asked anew at every click', async () => {
    await bench.sandbox.setUser('sam', { deleted: true });
    const { told } = await click('sam', 'keyturn_approve', `${RUN}:S1-1:${'c'.repeat(64)}`);
    await bench.sandbox.waitFor(() => told()[0], { what: 'the refusal' });
    expect(told()[0]).toContain('deactivated');
    await bench.sandbox.setUser('sam', { deleted: false });
  });
});
