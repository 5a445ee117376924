/** `/ha export`: a file in the thread of the run, for whoever may read it. */
import { startBench, type Bench, firstAnswer } from './bench.ts';
import { stateOf } from './fake-desk.ts';
import { recordOf, sound } from '../export/records.ts';
import { visibleText } from '../../infra/sandbox/slack/server.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench('socket');
  bench.desk.runs.set('run2', stateOf('run2', { ended: { outcome: 'succeeded', why: '', at: 0 } }));
  bench.threads.set('run2', await bench.post('nothing', 'x'));
  bench.records.set('run2', recordOf(sound));
});
afterEach(() => bench.close());

const files = () =>
  bench.sandbox
    .channel('ops')
    .thread(bench.threads.get('run2') ?? '')
    .filter((message) => (message.files ?? []).length > 0);

async function second(text: string, person = 'dana'): Promise<string> {
  const seen = await bench.sandbox.person(person).command({ channel: 'ops', text });
  expect(await firstAnswer(bench.sandbox, seen)).toContain('it will stand in the thread of the run');
  return visibleText(await bench.sandbox.waitFor(() => seen.ephemeral[1], { what: 'the second answer' }));
}

test.each([
  ['/ha export run2', 'run2.html', 'HTML'],
  ['/ha export RUN2 JSON', 'run2.json', 'JSON'],
  ['/ha export run2 md', 'run2.md', 'MD'],
])('%s puts %s into the thread', async (text, name, form) => {
  expect(await second(text)).toMatch(new RegExp(`The ${form} export of run2 stands in its thread \\(\\d+ bytes\\)`));
  const file = await bench.sandbox.waitFor(() => files()[0], { what: 'the file in the thread' });
  expect(file.files?.[0]).toMatchObject({ name });
  expect(file.text).toMatch(/Export of run run2 as \w+, asked for by <@U0DANA0001>\. 8 events, sha256 [0-9a-f]{64}\./);
});

test('an open run is said to be not finished', async () => {
  bench.desk.runs.set('run2', stateOf('run2'));
  expect(await second('/ha export run2')).toContain('NOT FINISHED');
  expect((await bench.sandbox.waitFor(() => files()[0], { what: 'the file' })).text).toContain('NOT FINISHED');
});

test.each([
  ['/ha export', 'Which run? Write /ha export &lt;run&gt; [json|md|html]'],
  ['/ha export run2 pdf', 'pdf is no form of an export'],
  ['/ha export run2 md now', 'takes one run and one form'],
  ['/ha export run9', 'knows no run run9'],
  ['/ha export atscale-prod', 'knows no run atscale-prod'],
])('“%s” is answered and uploads nothing', async (text, fragment) => {
  expect((await bench.answer('dana', 'ops', text)).replaceAll('`', '')).toContain(fragment);
  expect(files()).toEqual([]);
});

test('who may not read the run learns nothing of it', async () => {
  const state = stateOf('run2');
  bench.desk.runs.set('run2', {
    ...state,
    cluster: { ...state.cluster, may: { ...state.cluster.may, read: { users: ['U0SAM00001'], groups: [] } } },
  });
  expect(await bench.answer('alex', 'ops', '/ha export run2')).toContain('knows no run');
  expect(files()).toEqual([]);
  expect(bench.desk.turnedAway).toMatchObject([{ user: 'U0ALEX0001', action: 'read' }]);
});

test('without a thread the way out is told', async () => {
  bench.threads.delete('run2');
  expect(await second('/ha export run2')).toContain('keyturn export run2');
});

test('a missing scope is told with what to do', async () => {
  bench.sandbox.fail('files.getUploadURLExternal', { error: 'missing_scope' });
  const told = await second('/ha export run2');
  expect(told).toContain('could not be put into the thread');
  expect(told).toContain('files:write');
});
