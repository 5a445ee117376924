/** A malformed test file: each mistake with its place, what is wrong and what is allowed. */
import { findingsIn } from './play.ts';

const PROCEDURE = `
params: { wait: { type: integer, default: 1 } }
steps:
  - { id: S1, title: Look, on: main, run: look, timeout: 1m }
  - { id: S2, title: Act, on: main, run: act, timeout: 1m }
`;
const HEAD = 'cluster: { hosts: { main-1: [main], node-2: [node] } }\n';

function told(test: string): string {
  const found = findingsIn(PROCEDURE, test);
  return typeof found === 'string' ? found : '';
}

test('a right file has no findings', () => {
  expect(told(`${HEAD}answers: [{ run: look }]\ncases: [{ title: it, expect: succeeded }]\n`)).toBe('');
});

test.each([
  ['cases: [{ title: it, expect: succeeded }]', '1:1  cluster: the key "cluster" is missing'],
  [`${HEAD}cases: []`, '3:8  cases: must have at least 1 entry'],
  [`${HEAD}cases: [{ title: it, expects: succeeded }]`, 'unknown key "expects"; did you mean "expect"?'],
  [`${HEAD}cases: [{ title: it, expect: suceeded }]`, 'cases[0].expect: must be one of succeeded, aborted, cancelled'],
  [`${HEAD}cases: [{ title: it, expect: { stoped: S1 } }]`, 'unknown key "stoped"; did you mean "stopped"?'],
  [`${HEAD}cases: [{ title: it, expect: { because: it } }]`, '3:30  cases[0].expect: a case ends in one way, and this names none'],
  [`${HEAD}cases: [{ title: it, expect: { stopped: S1, waits: S2 } }]`, 'this names stopped, waits'],
  [`${HEAD}cases: [{ title: it, expect: { stopped: S3 } }]`, 'cases[0].expect.stopped: the procedure has no step "S3"; did you mean "S1"?'],
  [`${HEAD}cases: [{ title: it, expect: { stopped: S1, offers: [redo] } }]`, 'offers[0]: there is no choice "redo"'],
  [`${HEAD}cases: [{ title: it, expect: succeeded, does: [S1] }]`, 'does[0]: "S1" does not say where'],
  [`${HEAD}cases: [{ title: it, expect: succeeded, does: [S1 main-2] }]`, 'the cluster has no host "main-2"; did you mean "main-1"?'],
  [`${HEAD}cases: [{ title: it, expect: succeeded, does: [S1 on main-1] }]`, '"S1 on main-1" is no place'],
  [`${HEAD}cases: [{ title: it, expect: succeeded, asks: [S1 third] }]`, '"S1 third" is not who is asked'],
  [`${HEAD}cases: [{ title: it, expect: succeeded, skipped: { S9: why } }]`, 'skipped.S9: the procedure has no step "S9"'],
  [
    `${HEAD}cases: [{ title: it, expect: succeeded, people: { S1: refuse } }]`,
    'cases[0].people.S1: must be one of approve, check-again, reject, ignore',
  ],
  [
    `${HEAD}cases: [{ title: it, expect: succeeded, people: { S1: { reject: a, retry: b } } }]`,
    'people do one thing at a time, and this names reject, retry',
  ],
  [
    `${HEAD}cases: [{ title: it, expect: succeeded, cluster: { without: [node-3] } }]`,
    'cluster.without[0]: the cluster has no host "node-3"',
  ],
  [
    `${HEAD}cases: [{ title: it, expect: succeeded, cluster: { hosts: { node-3: { roles: [node], address: main-1 } } } }]`,
    'node-3 has the same address and port as main-1',
  ],
  [`${HEAD}cases: [{ title: it, expect: succeeded }, { title: it, expect: aborted }]`, 'cases[1].title: another case has the same title'],
  [
    `${HEAD}answers: [{ prints: x }]\ncases: [{ title: it, expect: succeeded }]`,
    '3:11  answers[0]: it does not say what it is an answer to',
  ],
  [
    `${HEAD}answers: [{ run: a, http: b }]\ncases: [{ title: it, expect: succeeded }]`,
    'an answer is to one thing, and this names run, http',
  ],
  [`${HEAD}answers: [{ run: a, method: GET }]\ncases: [{ title: it, expect: succeeded }]`, 'only a request has a method'],
  [
    `${HEAD}answers: [{ run: a, status: 1, in_turn: [{}] }]\ncases: [{ title: it, expect: succeeded }]`,
    '`status` and `in_turn` stand side by side',
  ],
  [
    `${HEAD}answers: [{ run: a, output: twi }]\noutputs: { two: x }\ncases: [{ title: it, expect: succeeded }]`,
    'there is no "twi" under outputs; did you mean "two"?',
  ],
  [
    `${HEAD}answers: [{ run: a, prints: { file: gone.txt } }]\ncases: [{ title: it, expect: succeeded }]`,
    'answers[0].prints.file: the file gone.txt cannot be read',
  ],
  [`${HEAD}answers: [{ run: a, takes: 5 }]\ncases: [{ title: it, expect: succeeded }]`, 'answers[0].takes: must be text; found 5'],
  [
    `${HEAD}answers: [{ run: a, refuses: down }]\ncases: [{ title: it, expect: succeeded }]`,
    'must be one of unreachable, host-key-changed',
  ],
  [`${HEAD}files: { main-1: { /etc/it: { text: a, is: folder } } }\ncases: [{ title: it, expect: succeeded }]`, 'a file has text, is'],
  [`${HEAD}files: { main-1: { etc/it: a } }\ncases: [{ title: it, expect: succeeded }]`, 'etc/it is no absolute path'],
  ['cluster: prod\ncases: [{ title: it, expect: succeeded }]', '2:10  cluster: there is no cluster file "prod"'],
  ['cluster: { hosts: { Main 1: [main] } }\ncases: [{ title: it, expect: succeeded }]', 'hosts[0].name: must be letters, digits, dots'],
])('%j is told with its place', (test, expected) => {
  expect(told(test)).toContain(expected);
});

test('every mistake is told at once, in the order of the file', () => {
  const found = told(
    `${HEAD}answers: [{ on: main-2, run: look }]\ncases:\n  - { title: it, expect: { stopped: S4 }, does: [S7 main-1] }\n`,
  );
  expect(found.split('\n').filter((line) => !line.startsWith('  Check'))).toEqual([
    expect.stringContaining('it.test.yaml:3:17  answers[0].on'),
    expect.stringContaining('it.test.yaml:5:37  cases[0].expect.stopped'),
    expect.stringContaining('it.test.yaml:5:50  cases[0].does[0]'),
  ]);
});
