/** What a procedure is to be given: checked, asked for in a form, and checked again when the form comes back. */
import { type OpenView, visibleText } from '../../infra/sandbox/slack/server.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import { type Bench, startBench } from './bench.ts';
import { gate, OPS, replaceHost, stateOf, TEAM } from './fake-desk.ts';

const TYPED = '/ha replace-host atscale-prod';
const RIGHT = { 'param:old': 'eng-2', 'param:new': 'eng-3.example' };

let bench: Bench;

async function type(text: string, person = 'dana', channel = 'ops') {
  const before = bench.sandbox.ephemerals(person).length;
  const seen = await bench.sandbox.person(person).command({ channel, text });
  expect(seen.failure).toBeUndefined();
  return { told: () => bench.sandbox.ephemerals(person).slice(before).map(visibleText) };
}

async function form(text = TYPED, person = 'dana'): Promise<OpenView> {
  await type(text, person);
  const [view] = bench.sandbox.openViews(person);
  if (view === undefined) throw new Error('no form is open');
  return view;
}

/** Sends the form; what is said privately afterwards is `told`. */
async function send(values: Record<string, string>, person = 'dana', more: object = {}) {
  const before = bench.sandbox.ephemerals(person).length;
  const submitted = await bench.sandbox.person(person).submitView({ values, ...more });
  const told = () => bench.sandbox.ephemerals(person).slice(before).map(visibleText);
  return { submitted, told, answer: () => bench.sandbox.waitFor(() => told()[0], { what: 'the private answer' }) };
}

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  beforeAll(async () => {
    bench = await startBench(transport);
  });
  afterAll(() => bench.close());
  beforeEach(() => {
    bench.desk.started.length = 0;
    bench.desk.runs.clear();
    bench.desk.more = [];
    bench.desk.held = Promise.resolve();
    bench.sandbox.heal();
  });
  afterEach(async () => {
    for (const view of bench.sandbox.openViews('dana')) await bench.sandbox.person('dana').closeView(view.id);
  });

  test('nothing is asked where nothing needed is missing', async () => {
    const { told } = await type(`${TYPED} old=eng-1.example new=eng-3`);
    expect(bench.sandbox.openViews('dana')).toEqual([]);
    expect(told()[0]).toContain('has begun');
    expect(bench.desk.started[0]?.params).toEqual({ old: 'eng-1.example', new: 'eng-3' });
  });

  test('what is missing is asked for, with what is known filled in', async () => {
    await form(`${TYPED} old=ENG-1.example wait=7`);
    const { submitted } = await send({ 'param:new': 'eng-3' });
    expect(submitted.kind).toBe('closed');
    expect(bench.desk.started[0]?.params).toEqual({ old: 'eng-1', new: 'eng-3', package: '/tmp/atscale.rpm', mode: 'soft', wait: '7' });
  });

  test('a needed field that is left empty is no run', async () => {
    await form();
    expect((await send({})).submitted).toMatchObject({
      kind: 'errors',
      errors: { 'param:old': expect.anything(), 'param:new': expect.anything() },
    });
    expect(bench.desk.started).toEqual([]);
  });

  test('a form that is filled in begins the run where it was typed', async () => {
    await form(`${TYPED} wait=7`);
    const { submitted, answer } = await send({ ...RIGHT, 'param:mode': 'hard', 'param:package': '' });
    expect(submitted.kind).toBe('closed');
    expect(await answer()).toContain('`runtest1` has begun: replace-host on atscale-prod.');
    expect(bench.desk.started).toMatchObject([
      {
        procedure: 'replace-host',
        cluster: 'atscale-prod',
        channel: { team: TEAM, id: OPS },
        standing: { person: { user: 'U0DANA0001' } },
      },
    ]);
    expect(bench.desk.started[0]?.params).toEqual({ old: 'eng-2', new: 'eng-3.example', mode: 'hard', wait: '7' });
  });

  test.each([
    [`${TYPED} old=nobody`, 'must be a host in the role engine'],
    [`${TYPED} old=coord-1`, 'must be a host in the role engine'],
    [`${TYPED} new=$(reboot)`, 'must match the pattern'],
    [`${TYPED} old=`, 'must not be empty'],
    [`${TYPED} olt=eng-1`, 'there is no "olt"; did you mean "old"?'],
  ])('“%s” is refused in private, without a form', async (text, fragment) => {
    const { told } = await type(text);
    expect(told().join('\n')).toContain(fragment);
    expect(bench.sandbox.openViews('dana')).toEqual([]);
    expect(bench.desk.started).toEqual([]);
  });

  test.each([
    ['param:new', '-rf', 'must not begin with a dash'],
    ['param:new', 'a b', 'must match the pattern'],
    ['param:new', 'eng\u202e3', 'invisible'],
    ['param:wait', '9999', 'must be at most 600'],
    ['param:package', 'relative/path', 'must be an absolute path'],
  ])('%s filled in with %j is wrong at its field', async (field, value, fragment) => {
    await form();
    const { submitted } = await send({ ...RIGHT, [field]: value });
    expect(submitted).toEqual({ kind: 'errors', errors: { [field]: expect.stringContaining(fragment) } });
    expect(bench.desk.started).toEqual([]);
    expect((await send(RIGHT)).submitted.kind).toBe('closed');
    expect(bench.desk.started).toHaveLength(1);
  });

  test('a value that the form never offered is wrong too', async () => {
    await form();
    const forge = (payload: object) => JSON.parse(JSON.stringify(payload).replaceAll('"value":"eng-2"', '"value":"coord-1"'));
    const { submitted } = await send(RIGHT, 'dana', { forge });
    expect(submitted).toMatchObject({ kind: 'errors', errors: { 'param:old': expect.stringContaining('role engine') } });
    expect(bench.desk.started).toEqual([]);
  });

  test('a form that arrives twice begins one run', async () => {
    await form();
    bench.sandbox.duplicateNext();
    const { told } = await send(RIGHT);
    await bench.sandbox.waitFor(() => told().length === 2, { what: 'an answer to each delivery' });
    expect(bench.desk.started).toHaveLength(1);
    for (const answer of told()) expect(answer).toContain('`runtest1` has begun');
  });

  test('a command that arrives twice opens one form and no complaint', async () => {
    bench.sandbox.duplicateNext();
    const { told } = await type(TYPED);
    expect(bench.sandbox.openViews('dana')).toHaveLength(1);
    expect(told()).toEqual([]);
  });

  test('a plan is asked for and shown in the same way', async () => {
    await form(`/ha plan replace-host atscale-prod`);
    const { submitted, told } = await send(RIGHT);
    expect(submitted.kind).toBe('closed');
    await bench.sandbox.waitFor(() => told()[1], { what: 'the plan' });
    expect(told()[0]).toContain('Reading the cluster atscale-prod');
    expect(told()[1]).toContain('With old=eng-2, new=eng-3.example');
    expect(bench.desk.started).toEqual([]);
  });

  test.each([
    ['alex', 'ops', 'You may not start runs'],
    ['gwen', 'ops', 'guests'],
    ['dana', 'random', '/invite'],
  ])('%s in #%s gets a sentence and no form', async (person, channel, fragment) => {
    const { told } = await type(TYPED, person, channel);
    expect(told()[0]).toContain(fragment);
    expect(bench.sandbox.openViews(person)).toEqual([]);
  });

  test('whoever became a guest meanwhile begins nothing', async () => {
    await form();
    await bench.sandbox.setUser('dana', { is_restricted: true });
    const { answer } = await send(RIGHT).finally(() => bench.sandbox.setUser('dana', { is_restricted: false }));
    expect(await answer()).toContain('guests');
    expect(bench.desk.started).toEqual([]);
  });

  test.each([
    ['a channel that is shared', 'C0VENDOR01', 'shared with another organisation'],
    ['a channel without Keyturn', 'C0RANDOM01', '/invite'],
    ['a direct message', 'D0DANA0001', 'channels only'],
  ])('a form forged for %s begins nothing', async (_what, channel, fragment) => {
    await form();
    const forge = (payload: object) => JSON.parse(JSON.stringify(payload).replaceAll(OPS, channel));
    const told = () => bench.sandbox.callsOf('chat.postEphemeral').map(({ args }) => String(args.text));
    const before = told().length;
    const { submitted } = await send(RIGHT, 'dana', { forge });
    expect(submitted.kind).toBe('closed');
    expect(await bench.sandbox.waitFor(() => told()[before], { what: 'the refusal' })).toContain(fragment);
    expect(bench.desk.started).toEqual([]);
  });

  test('a form forged for a cluster of other channels begins nothing', async () => {
    await form();
    const forge = (payload: object) => JSON.parse(JSON.stringify(payload).replaceAll('atscale-prod', 'atscale-test'));
    const { answer } = await send(RIGHT, 'dana', { forge });
    expect(await answer()).toContain('not worked on in this channel');
    expect(bench.desk.started).toEqual([]);
  });

  test('a form without its order is closed, and nothing begins', async () => {
    await form();
    const forge = (payload: object) =>
      JSON.parse(JSON.stringify(payload).replace(/"private_metadata":"(?:[^"\\]|\\.)*"/, '"private_metadata":"{}"'));
    expect((await send(RIGHT, 'dana', { forge })).submitted.kind).toBe('closed');
    expect(bench.desk.started).toEqual([]);
  });

  test('what the file asks for since is told, not lost', async () => {
    await form();
    const edited: Procedure = {
      ...replaceHost,
      params: { ...replaceHost.params, ticket: { value: { type: 'version' }, title: 'Ticket', required: true } },
    };
    bench.desk.instead = edited;
    const { submitted, answer } = await send(RIGHT);
    bench.desk.instead = undefined;
    expect(submitted.kind).toBe('closed');
    expect(await answer()).toContain('ticket is missing');
    expect(bench.desk.started).toEqual([]);
  });

  test('a cluster that was taken meanwhile is named with its holder', async () => {
    await form();
    bench.desk.runs.set('runheld1', stateOf('runheld1'));
    expect(await (await send(RIGHT)).answer()).toContain('is held by run runheld1');
  });

  test('a slow desk closes the form in time and answers later', async () => {
    await form();
    const held = gate();
    bench.desk.held = held.passed;
    const { submitted, told, answer } = await send(RIGHT);
    expect(submitted.kind).toBe('closed');
    expect(told()).toEqual([]);
    held.open();
    expect(await answer()).toContain('has begun');
  });

  test('a form that Slack does not open says what to type', async () => {
    bench.sandbox.fail('views.open', { error: 'expired_trigger_id' });
    const { told } = await type(`${TYPED} old=eng-1`);
    expect(told()[0]).toContain('the form did not open (Slack answered expired_trigger_id)');
    expect(told()[0]).toContain('give the rest with it: new=…');
  });

  test('more parameters than a form can hold are to be typed', async () => {
    const many = Array.from({ length: 21 }, (_, index) => [
      `p${index}`,
      { value: { type: 'version' }, title: 'One of many', required: index === 3 },
    ]);
    bench.desk.more = [{ ...replaceHost, name: 'many', params: Object.fromEntries(many) }];
    const { told } = await type('/ha many atscale-prod');
    expect(told()[0]).toContain('p3 is missing');
    expect(told()[0]).toContain('many has 21 parameters, and a form asks for 20 at most');
    expect(bench.sandbox.openViews('dana')).toEqual([]);
  });

  test('help names what each parameter may be, with an example', async () => {
    const { told } = await type('/ha help replace-host');
    for (const fragment of [
      'Source: Runbook 7',
      'Example: `/ha replace-host atscale-prod old=eng-1 new=…`',
      '`old` (needed): The host that goes. Its name or alias.',
      'Allowed: a host in the role engine',
      'Allowed: one of soft, hard; if left out: soft',
    ]) {
      expect(told()[0]).toContain(fragment);
    }
  });
});
