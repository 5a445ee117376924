/** Libraries: what they lend, whose mistake is told where, and what can be said of one by itself. */
import { isLibrary, type Library, parseLibrary, type Shelf } from '../../src/procedure/library.ts';
import { lintLibrary, unusedIn } from '../../src/procedure/lint/library.ts';
import { lintProcedure } from '../../src/procedure/lint/lint.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';

function library(text: string, name = 'common'): Library {
  const result = parseLibrary(`library: ${name}\nproduct: q\n${text}`, `${name}.yaml`);
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return result.library;
}

function shelf(...libraries: readonly Library[]): Shelf {
  return new Map(libraries.map((each) => [each.source.library, each]));
}

const head = 'procedure: p\nproduct: q\ntitle: T\nlibraries: [common]\n';

function findings(text: string, on: Shelf): readonly string[] {
  const result = parseProcedure(text, 'p.yaml', on);
  return result.kind === 'ok' ? [] : result.findings.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
}

function parsed(text: string, on: Shelf): Procedure {
  const result = parseProcedure(text, 'p.yaml', on);
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return result.procedure;
}

const lending = library(`variables: { home: { type: path, default: /opt } }
secrets: { pw: { title: The password } }
shells: { own: { run: /etc/init.d/own shell } }
env: { HOME_DIR: vars.home }
shared:
  look: { run: 'ls "$HOME_DIR"', timeout: 1m, shell: own, env: { PW: secrets.pw } }
groups:
  both:
    steps:
      - { announce: both }
      - { id: B1, title: First, on: leader, use: look }
      - { group: inner, when: cluster.name != "x" }
  inner:
    steps:
      - { id: B2, title: Second, on: leader, run: 'true', timeout: 1m }
`);

test('everything that a library lends is there', () => {
  const procedure = parsed(`${head}steps:\n  - { group: both, when: hosts.size() > 1 }\n`, shelf(lending));
  expect(procedure.variables).toMatchObject({ home: { default: '/opt' } });
  expect(procedure.secrets).toEqual({ pw: 'The password' });
  expect(procedure.steps).toMatchObject([
    { id: 'announce-1', when: 'hosts.size() > 1' },
    { id: 'B1', shell: { name: 'own', run: '/etc/init.d/own shell' }, env: { HOME_DIR: 'vars.home', PW: 'secrets.pw' } },
    { id: 'B2', when: '(hosts.size() > 1) && (cluster.name != "x")' },
  ]);
});

test('the same steps written out have the same hash', () => {
  const lent = parsed(`${head}steps:\n  - { group: inner }\n`, shelf(lending));
  const own = parsed(
    `procedure: p\nproduct: q\ntitle: T\nvariables: { home: { type: path, default: /opt } }\nsecrets: { pw: { title: The password } }\nenv: { HOME_DIR: vars.home }\nsteps:\n  - { id: B2, title: Second, on: leader, run: 'true', timeout: 1m }\n`,
    shelf(),
  );
  expect(lent.hash).toBe(own.hash);
});

test.each<[string, string, Shelf, readonly string[]]>([
  [
    'a library that is not there',
    `${head.replace('common', 'comon')}steps: [{ announce: hi }]\n`,
    shelf(lending),
    ['p.yaml:4:13 there is no library comon beside this file; did you mean "common"?'],
  ],
  [
    'a library named twice',
    `${head.replace('common', 'common, common')}steps: [{ announce: hi }]\n`,
    shelf(lending),
    ['p.yaml:4:21 the library common stands here twice'],
  ],
  [
    'a library of another product',
    'procedure: p\nproduct: z\ntitle: T\nlibraries: [common]\nsteps: [{ announce: hi }]\n',
    shelf(lending),
    ['p.yaml:4:12 the library common is for q'],
  ],
  [
    'an entry that the library has too',
    `${head}shared: { look: { run: x } }\nsteps: [{ announce: hi }]\n`,
    shelf(lending),
    ['p.yaml:5:17 shared has look twice: in this procedure and in the library common'],
  ],
  [
    'an entry that two libraries have',
    `${head.replace('common', 'common, other')}steps: [{ announce: hi }]\n`,
    shelf(lending, library('env: { HOME_DIR: \'"/x"\' }', 'other')),
    ['p.yaml:4:12 env has HOME_DIR twice: in the library common and in the library other'],
  ],
  [
    'a group that is not there',
    `${head}steps:\n  - { group: boht }\n  - phase: x\n    steps:\n      - { group: nothing }\n`,
    shelf(lending),
    ['p.yaml:6:14 there is no "boht" under groups; did you mean "both"?', 'p.yaml:9:18 there is no "nothing" under groups'],
  ],
  [
    'a group that holds itself',
    `${head}steps: [{ group: a }]\ngroups:\n  a: { steps: [{ announce: hi }, { group: b }] }\n  b: { steps: [{ group: a }] }\n`,
    shelf(lending),
    ['p.yaml:8:25 the group a holds itself'],
  ],
  [
    'a group used twice',
    `${head}steps:\n  - { group: inner }\n  - { group: inner }\n`,
    shelf(lending),
    ['common.yaml:17:15 the id B2 stands for two steps'],
  ],
  [
    'a mistake in the library, with the library’s place, after those of the file',
    `${head}steps:\n  - { group: g }\n  - announce: '{{ nope }}'\n`,
    shelf(
      library(
        'groups:\n  g:\n    steps:\n      - { announce: "{{ what }}" }\n      - { id: S1, title: T, on: leader, use: x }\nshared:\n  x: { run: "echo $A", timeout: 1m }\n',
      ),
    ),
    [
      'p.yaml:7:15 there is no nope here',
      'common.yaml:6:21 there is no what here',
      'common.yaml:9:13 the script uses $A, which nobody gives it',
    ],
  ],
])('%s is said with its place', (_title, text, on, expected) => {
  expect(findings(text, on)).toEqual(expected);
});

test('a library is known by its first level', () => {
  expect([
    isLibrary('library: x\n'),
    isLibrary('# library: x\nprocedure: p\n'),
    isLibrary('procedure: p\nenv: { A: "library: x" }\n'),
  ]).toEqual([...[true, false, false]]);
});

test('the shape of a library is told as that of one', () => {
  const result = parseLibrary('library: x\nproduct: q\nsteps: []\n', 'x.yaml');
  expect(result).toMatchObject({ kind: 'bad', findings: [{ line: 3, message: 'unknown key "steps"' }] });
});

describe('by itself', () => {
  const told = (text: string) =>
    lintLibrary(library(text)).map(({ line, column, message, rule = '' }) => `${line}:${column} ${message} ${rule}`.trim());

  test.each<[string, string, readonly string[]]>([
    [
      'names of the procedures that use it',
      'groups:\n  g:\n    steps:\n      - { id: S1, title: "{{ params.x }} {{ captured.y }} {{ roles.z }}", on: leader, use: other, shell: own, env: { A: secrets.pw, B: vars.v }, recheck: [leader] }\n',
      [],
    ],
    [
      'pieces that are completed elsewhere',
      'shared:\n  a: { expect: rows.size() == 1 }\n  b: { run: "$HOME_DIR/x" }\n  c: { pattern: x }\n  d: { answers: [{ prompt: x, answer: peer.y }] }\n  e: { unsafe: bad }\n',
      ['7:39 there is no peer.y'],
    ],
    [
      'an expression that breaks off',
      'shared:\n  a: { expect: "status ==" }\n',
      ['4:16 `status ==`: not a valid expression: Unexpected token: EOF (at character 10)'],
    ],
    ['a pattern that is none', 'shared:\n  a: { pattern: "(" }\n', ['4:17 this is not a regular expression']],
    [
      'a default that is not allowed',
      'variables: { n: { type: integer, default: x } }\n',
      ['3:43 the default of n must be a whole number in digits'],
    ],
    ['common values', 'env: { A: nope }\n', ['3:11 there is no nope here']],
    ['an invisible character', 'shared:\n  a: { run: "a\\u202eb" }\n', ['4:13 the script holds the invisible character U+202E']],
    [
      'a step of a group without a time limit',
      'groups: { g: { steps: [{ id: S1, title: T, on: leader, run: x }] } }\n',
      ['3:24 step S1 has no `timeout`'],
    ],
    [
      'words whose harm depends on the step',
      'shared: { a: { run: rm -r /x, timeout: 1m } }\ngroups: { g: { steps: [{ id: S1, title: T, on: leader, run: reboot, timeout: 1m }] } }\n',
      [],
    ],
    [
      'a wait without an end',
      'shared: { a: { run: sleep infinity, timeout: 1m } }\n',
      ['3:21 `sleep infinity` never ends by itself endless'],
    ],
    [
      'a word in what only looks',
      'shared: { a: { run: rm -r /x, read_only: true } }\n',
      ['3:21 the step is run for a plan too, and here is `rm` verb-in-look'],
    ],
    ['nothing at all', '', []],
  ])('%s: %j', (_title, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test('what no procedure uses is known', () => {
    const linted = lintProcedure(`${head}steps:\n  - { group: both }\n`, 'p.yaml', shelf(lending));
    expect(linted.findings).toEqual([]);
    expect(linted.kind === 'read' && unusedIn(lending, [linted.used])).toEqual([]);
    expect(unusedIn(lending, [])).toEqual([
      ...['the variable home', 'the secret pw', 'the shell own', 'the shared entry look', 'the group both', 'the group inner'].map(
        (what) => `no procedure uses ${what}`,
      ),
    ]);
    expect(unusedIn(library('accept: { unused: for others }\nshared: { a: { run: x } }\n'), [])).toEqual([]);
  });
});
