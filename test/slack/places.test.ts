/** Where decisions count: a channel may be shared, left or archived while a run goes on in it. Over both transports. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import { type Bench, startBench } from './bench.ts';
import { approvalOf, questionOf, stateOf, troubleOf } from './fake-desk.ts';

const RUN = 'runheld1';
const DIGEST = 'c'.repeat(64);
const HOLD = { hold: 'h4', window: 'Trading hours', since: 0, expiresAt: Number.MAX_SAFE_INTEGER, status: { kind: 'open' as const } };

const SAM = { users: ['U0SAM00001'], groups: [] };
const { cluster } = stateOf(RUN);

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(transport);
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    bench.desk.acts.length = 0;
    bench.desk.started.length = 0;
    bench.desk.runs.clear();
    bench.desk.runs.set(
      RUN,
      stateOf(RUN, {
        approvals: { 'S1-1': approvalOf('S1-1') },
        questions: { q9: questionOf('q9') },
        trouble: troubleOf('t-1', ['retry', 'skip', 'abort', 'settleDone']),
        hold: HOLD,
        cluster: {
          ...cluster,
          freeze: { timeZone: 'UTC', override: SAM, windows: [] },
          breakGlass: { people: SAM, channel: 'C0STAKE001' },
        },
      }),
    );
    await bench.sandbox.setChannel('ops', { is_ext_shared: false, is_pending_ext_shared: false, is_archived: false });
  });

  async function click(person: string, action: string, value: string) {
    const ts = await bench.post(action, value, bench.sandbox.channel('ops').channel.id);
    const before = bench.sandbox.ephemerals(person).length;
    return {
      press: () => bench.sandbox.person(person).click({ channel: 'ops', ts, actionId: action }),
      told: () => bench.sandbox.ephemerals(person).slice(before).map(visibleText).join('\n'),
    };
  }

  test.each([
    ['shared', { is_ext_shared: true }, 'shared with another organisation by now'],
    ['about to be shared', { is_pending_ext_shared: true }, 'shared with another organisation by now'],
    ['archived', { is_archived: true }, 'archived by now'],
  ])('nothing is approved in a channel that is %s by now', async (_title, patch, said) => {
    const { press, told } = await click('sam', 'keyturn_approve', `${RUN}:S1-1:${DIGEST}`);
    await bench.sandbox.setChannel('ops', patch);
    await press();
    await bench.sandbox.waitFor(() => told() !== '', { what: 'the refusal' });
    expect(told()).toContain(said);
    expect(told()).toContain('Pause, Cancel, Reject and Abort still work.');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['an answer', 'dana', 'keyturn_answer_done', `${RUN}:q9:done`],
    ['a retry', 'dana', 'keyturn_settle_retry', `${RUN}:t-1:retry`],
    ['a resume', 'dana', 'keyturn_resume', RUN],
  ])('%s in a shared channel is refused', async (_title, person, action, value) => {
    const { press, told } = await click(person, action, value);
    await bench.sandbox.setChannel('ops', { is_ext_shared: true });
    await press();
    await bench.sandbox.waitFor(() => told() !== '', { what: 'the refusal' });
    expect(told()).toContain('so nothing was decided');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['an override', 'keyturn_override', `${RUN}:h4`],
    ['a broken glass', 'keyturn_break_glass', `${RUN}:S1-1:${DIGEST}`],
    ['a skip', 'keyturn_settle_skip', `${RUN}:t-1:skip`],
  ])('the form of %s that is sent from a shared channel is refused', async (_title, action, value) => {
    const { press, told } = await click('sam', action, value);
    await press();
    await bench.sandbox.waitFor(() => bench.sandbox.openViews('sam').length === 1, { what: 'the form' });
    await bench.sandbox.setChannel('ops', { is_ext_shared: true });
    await bench.sandbox.person('sam').submitView({ values: { reason: 'it must be now' } });
    await bench.sandbox.waitFor(() => told() !== '', { what: 'the refusal' });
    expect(told()).toContain('so nothing was decided');
    expect(bench.desk.acts).toEqual([]);
  });

  test('stopping stays possible in a shared channel', async () => {
    const { press } = await click('dana', 'keyturn_pause', RUN);
    await bench.sandbox.setChannel('ops', { is_ext_shared: true });
    await press();
    await bench.sandbox.waitFor(() => bench.desk.acts[0], { what: 'the pause' });
    const reject = await click('sam', 'keyturn_reject', `${RUN}:S1-1:${DIGEST}`);
    await reject.press();
    await bench.sandbox.waitFor(() => bench.sandbox.openViews('sam').length === 1, { what: 'the form' });
    await bench.sandbox.person('sam').submitView({ values: { reason: 'others read along' } });
    await bench.sandbox.waitFor(() => bench.desk.acts.length === 2, { what: 'the rejection' });
    expect(bench.desk.acts.map(({ kind }) => kind)).toEqual(['pause', 'reject']);
  });

  test('a form of parameters that is sent from a shared channel starts nothing', async () => {
    bench.desk.runs.clear();
    await bench.sandbox.person('dana').command({ channel: 'ops', text: '/ha replace-host atscale-prod' });
    await bench.sandbox.waitFor(() => bench.sandbox.openViews('dana').length === 1, { what: 'the form' });
    await bench.sandbox.setChannel('ops', { is_ext_shared: true });
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').submitView({ values: { 'param:old': 'eng-1', 'param:new': 'eng-3' } });
    const told = (): string => bench.sandbox.ephemerals('dana').slice(before).map(visibleText).join('\n');
    await bench.sandbox.waitFor(() => told() !== '', { what: 'the refusal' });
    expect(told()).toContain('This channel is shared with another organisation');
    expect(bench.desk.started).toEqual([]);
  });
});
