/** Nothing passes by accident: what the test does not foresee, and what it foresees in vain, is told. */
import { CLUSTER, play } from './play.ts';

const PROCEDURE = `
steps:
  - { id: look, title: Look, on: main, read_only: true, run: who leads, timeout: 1m, read: lines, bind: { leader: 'lines[0]' }, capture: { count: 'lines.size()' } }
  - { id: A, title: Stop it, on: leader, run: stop, timeout: 1m, unsafe: It stops. }
  - { id: B, title: Tell, on: each node, when: captured.count > 1, run: tell, timeout: 1m, says: 'told {{ host.name }}' }
`;
const ANSWERS = `
answers:
  - { run: who leads, prints: node-2 }
  - { run: stop }
`;

/** What is told of the one case; `more` are its other keys. */
async function told(more: string, answers = ANSWERS): Promise<string> {
  const {
    told: [of = '', whole = ''],
  } = await play(PROCEDURE, `${CLUSTER}${answers}cases:\n  - title: it\n${more.replace(/^/gm, '    ')}\n`);
  return [of, whole].filter((each) => each !== '').join('\n');
}

test('a case that says how it is, is as expected', async () => {
  expect(
    await told(`expect: succeeded
does: [A node-2]
skipped: { B: captured.count > 1 }
asks: [A second]
says: [It stops.]
never_says: [told]
roles: { leader: node-2 }
captured: { count: 1 }
plan: same`),
  ).toBe('');
});

test('a request that expires is told to whoever expected a question', async () => {
  const cases = 'cases: [{ title: it, expect: { waits: A }, people: { A: ignore } }]';
  const { cases: played } = await play(PROCEDURE, `${CLUSTER}${ANSWERS}${cases}\n`);
  expect(played.flatMap(({ failures }) => failures.map(({ check }) => check))).toContainEqual(
    expect.stringContaining('write `stopped` in place of `waits`'),
  );
});

test.each([
  ['expect: aborted', 'aborted | succeeded: every step is done'],
  ['expect: { stopped: A }', 'stopped at A | succeeded'],
  ['expect: { waits: A }', 'waits at A | succeeded'],
  ['expect: { refused: no such }', 'refused, because “no such” | succeeded'],
  ['expect: succeeded\npeople: { A: reject }', 'succeeded | stopped at A node-2, rejected: rejected by the second person'],
  ['expect: { stopped: A, because: other }\npeople: { A: reject }', 'stopped at A, because “other” | stopped at A node-2'],
  ['expect: { stopped: A, on: main-1 }\npeople: { A: reject }', 'stopped at A main-1 | stopped at A node-2'],
  ['expect: { stopped: A, offers: [retry, abort] }\npeople: { A: reject }', '(choices: ask-again, abort)'],
  ['expect: succeeded\nparams: { leader: x }', 'succeeded | refused: there is no "leader"'],
  ['expect: succeeded\ndoes: []', 'commands nothing | A node-2'],
  ['expect: succeeded\ndoes: { some: [A main-1] }', 'commands that include A main-1 | A node-2'],
  ['expect: succeeded\nskipped: []', 'left out: nothing | B'],
  ['expect: succeeded\nskipped: { B: no host }', 'B is left out because “no host” | its condition does not hold here'],
  ['expect: succeeded\nasks: [A anyone]', 'people are asked: A anyone | A second'],
  ['expect: succeeded\nsays: [told]', 'the thread says “told” | nowhere in it'],
  ['expect: succeeded\nnever_says: [It stops]', 'the thread does not say “It stops” | It stops.'],
  ['expect: succeeded\nroles: { leader: main-1 }', 'the leader is main-1 | node-2'],
  ['expect: succeeded\ncaptured: { count: 2 }', 'captured.count is 2 | 1'],
  ['expect: succeeded\nleaves: { main-1: { /etc/it: text } }', '/etc/it on main-1 is'],
  ['expect: succeeded\nplan: { problems: [nobody] }', 'a problem of the plan is “nobody” | nothing'],
])('%j is refuted with what happened', async (more, expected) => {
  expect(await told(more)).toContain(expected);
});

test('a host that is asked what the test does not know ends the case', async () => {
  const said = await told('expect: succeeded', 'answers: [{ run: who leads, prints: node-2 }]\n');
  expect(said).toContain('nothing says what node-2 answers at A to:\nstop');
});

test('an answer that is not needed is told, with its line', async () => {
  expect(await told('expect: succeeded\nanswers: [{ on: main-1, run: stop }]')).toBe(
    'every answer of the case is needed (line 10) | nobody asked for it',
  );
  expect(await told('expect: succeeded\nanswers: [{ run: stop, in_turn: [{}, { status: 1 }] }]')).toContain('only 1 of its 2 turns were');
  expect(await told('expect: succeeded', `${ANSWERS}  - { run: restart }\n`)).toContain(
    'the answer in line 7 is needed by some case | no case asked for it',
  );
});

test('what people are to do must fit and be needed', async () => {
  expect(await told('expect: succeeded\npeople: { A: retry }')).toContain(
    'at A on node-2 people choose retry | there an approval is asked for',
  );
  expect(await told('expect: succeeded\npeople: { A: [approve, abort] }')).toContain('what people do at A is needed');
  expect(await told('expect: succeeded\npeople: { A: [reject, skip] }')).toContain(
    'That is not offered here; the choices are: askAgain, abort.',
  );
});

test('a plan takes no answer away from the run, and must have no problem', async () => {
  const answers = ANSWERS.replace('prints: node-2', 'in_turn: [{ prints: node-2 }, { prints: main-1 }]');
  expect(await told('expect: succeeded\nplan: same\ndoes: [A node-2]', answers)).toBe('');
  const nobody = ANSWERS.replace('prints: node-2', 'prints: node-9');
  expect(await told('expect: { stopped: look }\nplan: same', nobody)).toContain(
    'a plan without problems | look Look: the leader is node-9',
  );
});

test('a text that cannot be filled in is told', async () => {
  const procedure = `
steps: [{ id: A, title: Read, on: main, run: print, timeout: 1m, read: json, says: 'The lag is {{ json.lag }}.' }]
`;
  const test = (prints: string): string =>
    `${CLUSTER}answers: [{ run: print, prints: '${prints}' }]\ncases: [{ title: it, expect: succeeded }]\n`;
  expect((await play(procedure, test('{"lag": 3}'))).told).toEqual(['', '']);
  expect((await play(procedure, test('{}'))).told[0]).toContain('every {{ }} can be filled in | ‹`json.lag`: there is no lag›');
});

test('a tool whose input is closed cannot be asked', async () => {
  const { told: said } = await play(
    'steps: [{ id: A, title: Ask, on: main, run: ask, timeout: 1m }]\n',
    `${CLUSTER}answers: [{ run: ask, asks: [{ prints: 'Sure? ', told: y }] }]\ncases: [{ title: it, expect: succeeded }]\n`,
  );
  expect(said[0]).toContain('it asks, and its input is closed: the step has no `answers`');
});

test('a secret answers a prompt, and the tool gets its value', async () => {
  const procedure = `
secrets: { password: { title: Password of the tool } }
steps: [{ id: A, title: Ask, on: main, run: ask, timeout: 1m, answers: [{ prompt: 'Password: ', answer: secrets.password }] }]
`;
  const test = (more: string): string =>
    `${CLUSTER}answers: [{ run: ask, asks: [{ prints: 'Password: ', told: hush-hush }] }]\ncases: [{ title: it, expect: succeeded${more} }]\n`;
  expect((await play(procedure, test(', secrets: { password: hush-hush }'))).told).toEqual(['', '']);
});
