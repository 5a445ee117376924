/** Questions in the thread: from the button, or its form, to the desk, over both transports. */
import { visibleText } from '../../infra/sandbox/slack/server.ts';
import type { Question, RunState } from '../../src/run/state.ts';
import { type Bench, startBench } from './bench.ts';
import { questionOf, stateOf } from './fake-desk.ts';

const RUN = 'runheld1';
const prompt = { about: 'prompt', step: 'S1', host: 'eng-1', attempt: 1, number: 1 } as const;

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench(transport);
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.desk.acts.length = 0;
    bench.desk.runs.clear();
    bench.sandbox.heal();
  });

  function asked(question: Partial<Question>, patch: Partial<RunState> = {}): void {
    bench.desk.runs.set(RUN, stateOf(RUN, { questions: { q3: questionOf('q3', question) }, ...patch }));
  }

  async function press(person: string, word: string, channel = 'ops', value = `${RUN}:q3:${word}`) {
    const ts = await bench.post(`keyturn_answer_${word}`, value, bench.sandbox.channel(channel).channel.id);
    const before = bench.sandbox.ephemerals(person).length;
    const seen = await bench.sandbox.person(person).click({ channel, ts, actionId: `keyturn_answer_${word}` });
    expect(seen.acked).toBe(true);
    const told = () => bench.sandbox.ephemerals(person).slice(before).map(visibleText);
    return { told, answer: () => bench.sandbox.waitFor(() => told()[0], { what: 'the private answer' }) };
  }

  const answerIn = (): unknown => bench.desk.runs.get(RUN)?.questions.q3?.status;

  test.each([
    ['manual', 'done', 'done'],
    ['confirm', 'done', 'done'],
    ['prompt', 'y', 'y'],
    ['prompt', 'n', 'n'],
    ['prompt', 'enter', ''],
  ] as const)('of a %s question “%s” answers %j at once', async (about, word, answer) => {
    asked(about === 'prompt' ? { ...prompt, text: 'Continue? ' } : { about });
    const { told } = await press('dana', word);
    expect(answerIn()).toMatchObject({ kind: 'answered', answer, by: { user: 'U0DANA0001' } });
    expect(told()).toEqual([]);
    expect(bench.sandbox.openViews('dana')).toEqual([]);
  });

  test('a no is sent with its reason, and stops the run', async () => {
    asked({ about: 'confirm' });
    await press('dana', 'declined');
    expect(answerIn()).toEqual({ kind: 'open' });
    expect(await bench.sandbox.person('dana').submitView({ values: { text: '  ' } })).toMatchObject({ kind: 'errors' });
    expect((await bench.sandbox.person('dana').submitView({ values: { text: 'it still serves' } })).kind).toBe('closed');
    expect(answerIn()).toMatchObject({ kind: 'answered', answer: 'declined' });
    expect(bench.desk.runs.get(RUN)?.trouble?.what.why).toBe('Dana Reyes says that it is not so: it still serves');
  });

  test('a line for a tool is sent as it was typed', async () => {
    asked({ ...prompt, text: 'Name: ' });
    await press('dana', 'text');
    expect((await bench.sandbox.person('dana').submitView({ values: { text: ' node 1;`rm`$(x) ' } })).kind).toBe('closed');
    expect(answerIn()).toMatchObject({ kind: 'answered', answer: ' node 1;`rm`$(x) ' });
  });

  test.each([
    ['two lines', 'a\nb'],
    ['an invisible character', 'a\u200bb'],
    ['more than a terminal takes', 'x'.repeat(1_001)],
  ])('a line for a tool with %s is sent nowhere', async (_what, text) => {
    asked({ ...prompt, text: 'Name: ' });
    await press('dana', 'text');
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').submitView({ values: { text } });
    const told = await bench.sandbox.waitFor(() => bench.sandbox.ephemerals('dana')[before], { what: 'the refusal' });
    expect(visibleText(told)).toContain('Nothing was sent');
    expect(answerIn()).toEqual({ kind: 'open' });
  });

  test.each(['y', 'enter'])('a question for a secret takes no answer “%s”, whoever forges it', async (word) => {
    asked({ ...prompt, text: 'Vault password: ' });
    expect(await (await press('dana', word)).answer()).toContain('never typed into Slack');
    expect(answerIn()).toEqual({ kind: 'open' });
  });

  test('a form for a secret takes no answer either', async () => {
    asked({ ...prompt, text: 'Vault password: ' });
    await press('dana', 'text');
    const before = bench.sandbox.ephemerals('dana').length;
    await bench.sandbox.person('dana').submitView({ values: { text: 'hunter2' } });
    const told = await bench.sandbox.waitFor(() => bench.sandbox.ephemerals('dana')[before], { what: 'the refusal' });
    expect(visibleText(told)).toContain('never typed into Slack');
    expect(answerIn()).toEqual({ kind: 'open' });
    expect(bench.log.lines.join('')).not.toContain('hunter2');
  });

  test.each([
    ['alex', {}, 'not decide about runs'],
    ['gwen', {}, 'guests'],
    ['dana', { second: 'It cuts traffic.' }, 'You requested this run'],
    ['alex', { second: 'It cuts traffic.' }, 'You may not approve'],
  ])('%s may not answer a question with %j', async (person, fields, fragment) => {
    asked({ about: 'confirm', ...fields });
    expect(await (await press(person, 'done')).answer()).toContain(fragment);
    expect(answerIn()).toEqual({ kind: 'open' });
  });

  test('a second person answers what needs one', async () => {
    asked({ ...prompt, text: 'Overwrite? ', second: 'It overwrites the standby.' });
    await press('sam', 'y');
    expect(answerIn()).toMatchObject({ kind: 'answered', by: { user: 'U0SAM00001' } });
  });

  test('two deliveries of one press answer once', async () => {
    asked({ about: 'manual' });
    bench.sandbox.duplicateNext();
    const { told } = await press('dana', 'done');
    expect(bench.desk.acts).toHaveLength(1);
    for (const note of told()) expect(note).toContain('Already answered by Dana Reyes');
  });

  test('whoever comes second is told who was first', async () => {
    asked({ about: 'manual' });
    await press('dana', 'done');
    expect(await (await press('sam', 'done')).answer()).toContain('Already answered by Dana Reyes');
    expect(bench.desk.acts).toHaveLength(1);
  });

  test('a late answer is told that the tool went on', async () => {
    asked({ ...prompt, text: 'Continue? ', status: { kind: 'withdrawn', at: 0, why: 'the tool went on by itself' } });
    expect(await (await press('dana', 'y')).answer()).toContain('the tool went on by itself');
    expect(bench.desk.acts).toEqual([]);
  });

  test.each([
    ['done', `${RUN}:q9:done`, 'does not belong to'],
    ['done', 'runnobody:q3:done', 'knows no run'],
    ['done', `${RUN}:constructor:done`, 'does not belong to'],
    ['done', `${RUN}:q3:y`, 'another release'],
    ['done', `${RUN}:q3:maybe`, 'another release'],
    ['y', `${RUN}:q3:y`, 'not offered for this question'],
    ['enter', `${RUN}:q3:enter`, 'not offered for this question'],
  ])('a press of “%s” with the value “%s” does nothing', async (word, value, fragment) => {
    asked({ about: 'confirm' });
    expect(await (await press('dana', word, 'ops', value)).answer()).toContain(fragment);
    expect(answerIn()).toEqual({ kind: 'open' });
  });

  test('a word for people is no line for a tool', async () => {
    asked({ ...prompt, text: 'Continue? ' });
    expect(await (await press('dana', 'done')).answer()).toContain('not offered for this question');
    expect(answerIn()).toEqual({ kind: 'open' });
  });

  test('a question that was copied to another channel takes no answer', async () => {
    asked({ about: 'confirm' });
    expect(await (await press('dana', 'done', 'stakeholders')).answer()).toContain('belongs to another channel');
    expect(answerIn()).toEqual({ kind: 'open' });
  });
});
