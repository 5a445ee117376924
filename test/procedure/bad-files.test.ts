/** A corpus of malformed procedures, each with exactly what must be said about it and where. */
import { parseProcedure } from '../../src/procedure/parse.ts';

const head = 'procedure: p\nproduct: q\ntitle: T\n';
/** Six lines before the keys of the step under test; the step begins at line 5, its own lines at line 6, column 5. */
const step = (...lines: readonly string[]): string => `${head}steps:\n  - id: S1\n${lines.map((line) => `    ${line}\n`).join('')}`;
const ok = ['title: T', 'on: any engine', 'run: uptime', 'timeout: 1m'];

function findings(text: string): readonly string[] {
  const result = parseProcedure(text, 'f.yaml');
  if (result.kind === 'ok') return [];
  return result.findings.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
}

describe('shape', () => {
  test.each([
    ['an empty file', '', ['1:1  the file is empty']],
    ['only a comment', '# nothing\n', ['1:1  the file is empty']],
    ['an unclosed list', `${head}steps: [\n`, ['5:1  not valid YAML: deficient indentation']],
    ['a key that stands twice', `${head}title: U\nsteps: []\n`, ['4:1  the key "title" stands here twice']],
    ['two documents', `${head}---\na: 1\n`, ['1:1  the file holds more than one document']],
    ['a tag', `${head}steps: !!js/function x\n`, ['4:8  not allowed here: unknown scalar tag !<tag:yaml.org,2002:js/function>']],
    ['a tab as indentation', `${head}steps:\n\t- id: S1\n`, ['5:1  not valid YAML: tab characters must not be used in indentation']],
    ['a list at the top', '- a\n', ['1:1  must be a group of keys; found ["a"]']],
    [
      'missing keys',
      'procedure: p\nsteps: []\n',
      [
        '1:1 title the key "title" is missing',
        '1:1 product the key "product" is missing',
        '2:8 steps must have at least 1 entry; found []',
      ],
    ],
    [
      'a misspelt key at the top',
      `${head}parms: {}\nsteps: [{ announce: hi }]\n`,
      ['4:1 parms unknown key "parms"; did you mean "params"?'],
    ],
    ['a misspelt key of a step', step(...ok, 'timeuot: 1m'), ['10:5 steps[0].timeuot unknown key "timeuot"; did you mean "timeout"?']],
    [
      'a misspelt key in a phase',
      `${head}steps:\n  - phase: x\n    steps:\n      - { annonce: hi }\n`,
      ['7:11 steps[0].steps[0].annonce unknown key "annonce"; did you mean "announce"?'],
    ],
    [
      'a phase in a phase',
      `${head}steps:\n  - phase: x\n    steps:\n      - { phase: y, steps: [] }\n`,
      [
        '7:9 steps[0].steps[0] nothing here says what it is: it needs one of the keys announce, manual, confirm, group, id; it has phase, steps',
      ],
    ],
    ['a step that is text', `${head}steps:\n  - run it\n`, ['5:5 steps[0] must be a group of keys; found "run it"']],
    ['a duration without a unit', step(...ok.slice(0, 3), 'timeout: 10'), ['9:14 steps[0].timeout must be text; found 10']],
    [
      'a duration with a wrong unit',
      step(...ok.slice(0, 3), 'timeout: 10 minutes'),
      ['9:14 steps[0].timeout must be a duration such as 200ms, 90s, 10m, 2h or 3d; found "10 minutes"'],
    ],
    [
      'a duration of nought',
      step(...ok.slice(0, 3), 'timeout: 0s'),
      ['9:14 steps[0].timeout must be a duration such as 200ms, 90s, 10m, 2h or 3d; found "0s"'],
    ],
    [
      'an unknown reader',
      step(...ok, 'read: tabel'),
      ['10:11 steps[0].read must be one of text, lines, table, services, json, keys, regex; found "tabel"'],
    ],
    [
      'an unknown selector',
      step('title: T', 'on: every engine', 'run: x', 'timeout: 1m'),
      ['7:9 steps[0].on must be a role, `each <role>`, `any <role>` or `all <role>`; found "every engine"'],
    ],
    ['an expectation of another kind', step(...ok, 'expect: 3'), ['10:13 steps[0].expect must be text or a list; found 3']],
    [
      'an expectation without else',
      step(...ok, 'expect:', '  - that: status == 0'),
      ['11:9 steps[0].expect[0].else the key "else" is missing'],
    ],
    ['a retry of another kind', step(...ok, 'retry: never'), ['10:12 steps[0].retry must be "allowed" or a group of keys; found "never"']],
    [
      'an environment name in small letters',
      step(...ok, 'env: { home: vars.x }'),
      ['10:12 steps[0].env.home the name "home" must be capital letters, digits and _, not beginning with a digit'],
    ],
    [
      'a wait without an end',
      step(...ok, 'until:', '  run: x', '  expect: status == 0', '  waiting: it'),
      ['11:7 steps[0].until.within the key "within" is missing'],
    ],
    [
      'an unknown type of parameter',
      `${head}params:\n  x: { type: number }\nsteps: [{ announce: hi }]\n`,
      ['5:14 params.x.type must be one of text, enum, host, version, path, integer; found "number"'],
    ],
    [
      'a step that says nothing of what it is',
      `${head}steps:\n  - { when: 'true' }\n`,
      ['5:5 steps[0] nothing here says what it is: it needs one of the keys announce, manual, confirm, group, phase, id; it has when'],
    ],
    [
      'a manual step with a misspelt key',
      `${head}steps:\n  - { mnual: x }\n`,
      ['5:7 steps[0].mnual unknown key "mnual"; did you mean "manual"?'],
    ],
    [
      'a member named __proto__',
      step(...ok, 'env: { __proto__: "1" }'),
      ['10:12 steps[0].env.__proto__ the name "__proto__" is not allowed'],
    ],
    ['a user who is none', step(...ok, 'become: root; id'), ['10:13 steps[0].become must be the name of a user account; found "root; id"']],
    ['an exit status above 255', step(...ok, 'statuses: [0, 256]'), ['10:19 steps[0].statuses[1] must not be above 255; found 256']],
    ['no exit status at all', step(...ok, 'statuses: []'), ['10:15 steps[0].statuses must have at least 1 entry; found []']],
    [
      'a request without an address',
      step('title: T', 'on: a', 'timeout: 1m', 'http: { method: GET }'),
      ['9:11 steps[0].http.url the key "url" is missing'],
    ],
    [
      'a method that is none',
      step('title: T', 'on: a', 'timeout: 1m', `http: { url: '"x"', method: PATCH }`),
      ['9:33 steps[0].http.method must be one of GET, POST, PUT, DELETE; found "PATCH"'],
    ],
    [
      'a header with a line end in its name',
      step('title: T', 'on: a', 'timeout: 1m', `http: { url: '"x"', headers: { "A\\nB": '"c"' } }`),
      ['9:36 steps[0].http.headers["A\\nB"] the name "A\\nB" must be the name of a header'],
    ],
    [
      'a form field that is none',
      step('title: T', 'on: a', 'timeout: 1m', `http: { url: '"x"', form: { a=b: '"c"' } }`),
      ['9:33 steps[0].http.form["a=b"] the name "a=b" must be the name of a form field'],
    ],
    [
      'a mode that is not octal',
      step('title: T', 'on: a', 'timeout: 1m', `copy: { from: bot, path: '"/x"', mode: "888" }`),
      ['9:44 steps[0].copy.mode must be three octal digits, such as 640; found "888"'],
    ],
    [
      'a mode that YAML reads as a number',
      step('title: T', 'on: a', 'timeout: 1m', `copy: { from: bot, path: '"/x"', mode: 640 }`),
      ['9:44 steps[0].copy.mode must be text; found 640'],
    ],
    [
      'a copy from nowhere',
      step('title: T', 'on: a', 'timeout: 1m', `copy: { from: The Bot, path: '"/x"' }`),
      ['9:19 steps[0].copy.from must be a role of one host, or `bot`; found "The Bot"'],
    ],
    [
      'a setting that is none',
      step('title: T', 'on: a', 'timeout: 1m', `edit: { path: '"/x"', set: { a b: '"c"' } }`),
      ['9:34 steps[0].edit.set["a b"] the name "a b" must be the name of a setting'],
    ],
    [
      'a captured value of an unknown type',
      step(...ok, 'capture: { lag: { value: stdout, type: number } }'),
      ['10:44 steps[0].capture.lag.type must be one of text, version, path, integer, host; found "number"'],
    ],
    [
      'a captured value with a misspelt key',
      step(...ok, 'capture: { lag: { value: stdout, typ: text } }'),
      ['10:38 steps[0].capture.lag.typ unknown key "typ"; did you mean "type"?'],
    ],
    [
      'an answer without a prompt',
      step(...ok, 'answers: [{ answer: \'"y"\' }]'),
      ['10:15 steps[0].answers[0].prompt the key "prompt" is missing'],
    ],
    [
      'a warning without a sentence',
      step(...ok, 'warn: [{ that: status == 0 }]'),
      ['10:12 steps[0].warn[0].else the key "else" is missing'],
    ],
    [
      'an answer to a rule that there is not',
      step(...ok, 'accept: { endles: it ends }'),
      ['10:15 steps[0].accept.endles unknown key "endles"; did you mean "endless"?'],
    ],
    [
      'no library in the list',
      `${head}libraries: []\nsteps: [{ announce: hi }]\n`,
      ['4:12 libraries must have at least 1 entry; found []'],
    ],
    [
      'a secret without a title',
      `${head}secrets: { x: {} }\nsteps: [{ announce: hi }]\n`,
      ['4:15 secrets.x.title the key "title" is missing'],
    ],
    ['a group without steps', `${head}groups: { x: {} }\nsteps: [{ announce: hi }]\n`, ['4:14 groups.x.steps the key "steps" is missing']],
    [
      'a name that is no name',
      `procedure: Re start\nproduct: q\ntitle: T\nsteps: [{ announce: hi }]\n`,
      ['1:12 procedure must be lower-case letters, digits and -, beginning with a letter; found "Re start"'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('meaning', () => {
  test.each([
    [
      'an id that stands twice',
      `${step(...ok)}  - { id: S1, title: U, on: leader, run: x, timeout: 1m }\n`,
      ['10:11 steps[1].id the id S1 stands for two steps'],
    ],
    [
      'a use of nothing',
      `${step('title: T', 'on: leader', 'use: stpo')}shared: { stop: { run: x, timeout: 1m } }\n`,
      ['8:10 steps[0].use there is no "stpo" under shared; did you mean "stop"?'],
    ],
    [
      'a step that does nothing',
      step('title: T', 'on: leader'),
      ['5:5 steps[0] step S1 has neither `run`, `http`, `copy`, `edit` nor `until`'],
    ],
    ['a script without a time limit', step('title: T', 'on: leader', 'run: x'), ['5:5 steps[0] step S1 has no `timeout`']],
    [
      'an unsafe step without a script',
      step('title: T', 'on: leader', 'unsafe: bad', 'until: { run: x, expect: status == 0, within: 1m, waiting: it }'),
      ['8:13 steps[0].unsafe `unsafe` needs a `run`: there is nothing to allow'],
    ],
    [
      'an unsafe step with a gate',
      step(...ok, 'unsafe: bad', 'gate: sure?'),
      ['11:11 steps[0].gate a step is `unsafe` or has a `gate`, not both'],
    ],
    [
      'an invisible character in a script',
      step('title: T', 'on: any engine', 'run: "up\\u202etime"', 'timeout: 1m'),
      ['8:10 steps[0].run the script holds the invisible character U+202E'],
    ],
    [
      'a gate in an unsafe phase',
      `${head}steps:\n  - phase: down\n    unsafe: bad\n    steps:\n      - { id: S1, title: T, on: leader, run: x, timeout: 1m, gate: sure? }\n`,
      ['8:68 steps[0].steps[0].gate a `gate` in an unsafe phase would let the requester alone allow what the phase calls unsafe'],
    ],
    [
      'a procedure that changes nothing with an unsafe step',
      step(...ok, 'unsafe: bad').replace('title: T', 'title: T\nread_only: true'),
      ['4:12 read_only the procedure says that it changes nothing, and step S1 is unsafe, has a gate, copies, edits or exchanges'],
    ],
    [
      'roles found by an unsafe step',
      step(...ok, 'unsafe: bad', 'bind: { leader: stdout }'),
      [
        '11:11 steps[0].bind a step that finds roles must be safe, without a gate and without questions: it is run again, to check and for a plan',
      ],
    ],
    [
      'roles found on each host',
      step('title: T', 'on: each engine', 'run: x', 'timeout: 1m', 'bind: { leader: stdout }'),
      ['10:11 steps[0].bind a step on each host of a role cannot find roles'],
    ],
    [
      'a recheck of what nobody found',
      step(...ok, 'recheck: [leader]'),
      ['10:15 steps[0].recheck[0] no earlier step finds the role leader'],
    ],
    [
      'a role that only a later step finds',
      `${step('title: T', 'on: leader', 'run: x', 'timeout: 1m')}  - { id: S2, title: U, on: any engine, run: x, timeout: 1m, bind: { leader: stdout } }\n`,
      ['7:9 steps[0].on the role leader is not known yet: only a later step finds it'],
    ],
    [
      'a wait that ends before it looks again',
      step(...ok, 'until: { run: x, expect: status == 0, every: 2m, within: 1m, waiting: it }'),
      ['10:62 steps[0].until.within `within` (1m) is shorter than `every` (2m)'],
    ],
    [
      'an expectation without a script',
      step('title: T', 'on: leader', 'expect: status == 0', 'until: { run: x, expect: status == 0, within: 1m, waiting: it }'),
      ['8:13 steps[0].expect `expect` belongs to a `run`, and here is none'],
    ],
    [
      'an expression that breaks off',
      step(...ok, 'expect: status =='),
      ['10:13 steps[0].expect `status ==`: not a valid expression: Unexpected token: EOF (at character 10)'],
    ],
    [
      'an unknown function',
      step(...ok, 'expect: first(stdout) == "x"'),
      [
        '10:13 steps[0].expect `first(stdout) == "x"`: there is no such function for these values (found no matching overload for \'first(dyn)\')',
      ],
    ],
    [
      'an expectation that is no truth',
      step(...ok, 'expect: stdout + "x"'),
      ['10:13 steps[0].expect `stdout + "x"` must give true or false, but gives string'],
    ],
    [
      'rows without the table reader',
      step(...ok, 'expect: rows.size() == 1'),
      ['10:13 steps[0].expect there is no rows here; it needs `read: table`'],
    ],
    ['a misspelt root', step(...ok, 'env: { X: param.x }'), ['10:15 steps[0].env.X there is no param here; did you mean "params"?']],
    [
      'an undeclared parameter',
      `${step(...ok, 'env: { X: params.form }')}params: { from: { type: version } }\n`,
      ['10:15 steps[0].env.X there is no params.form; did you mean "from"?'],
    ],
    ['an undeclared variable in text', step('title: On {{ vars.home }}', ...ok.slice(1)), ['6:12 steps[0].title there is no vars.home']],
    ['braces that stay open', `${head}steps:\n  - announce: hello {{ cluster.name\n`, ['5:15 steps[0].announce a {{ has no matching }}']],
    [
      'the host in an announcement',
      `${head}steps:\n  - announce: on {{ host.name }}\n`,
      ['5:15 steps[0].announce there is no host here; did you mean "hosts"?'],
    ],
    [
      'output in an announcement',
      `${head}steps:\n  - announce: got {{ stdout }}\n`,
      ['5:15 steps[0].announce there is no stdout here; only what follows a command can use it'],
    ],
    [
      'a script that uses what nobody gives',
      step('title: T', 'on: leader', `run: '"$ATSCALE_HOME"/bin/x'`, 'timeout: 1m', 'env: { ATSCALE_HOM: "1" }'),
      ['8:10 steps[0].run the script uses $ATSCALE_HOME, which nobody gives it; did you mean "ATSCALE_HOM"?'],
    ],
    [
      'a value pasted into a script',
      step('title: T', 'on: leader', `run: 'rm {{ params.x }}'`, 'timeout: 1m'),
      ['8:10 steps[0].run {{ params.x }} is not filled in here: no value is ever pasted into a script'],
    ],
    [
      'a default that is not allowed',
      `${head}params:\n  mode: { type: enum, values: [soft, hard], default: sotf }\nsteps: [{ announce: hi }]\n`,
      ['5:54 params.mode.default the default of mode must be one of soft, hard; did you mean "soft"?'],
    ],
    [
      'a pattern that is none',
      `${head}params:\n  x: { type: text, pattern: '[' }\nsteps: [{ announce: hi }]\n`,
      ['5:29 params.x.pattern the pattern of x is not a regular expression'],
    ],
    [
      'a mistake in a shared entry, once',
      `${head}steps:\n  - { id: A, title: T, on: leader, use: x }\n  - { id: B, title: T, on: leader, use: x }\nshared:\n  x: { run: y, timeout: 1m, expect: nope }\n`,
      ['8:37 shared.x.expect there is no nope here'],
    ],
    [
      'several mistakes, in the order of the file',
      `${step('title: "{{ x }}"', 'on: leader', 'run: echo "$NOPE"', 'timeout: 1m', 'recheck: [leader]')}`,
      [
        '6:12 steps[0].title there is no x here',
        '8:10 steps[0].run the script uses $NOPE, which nobody gives it',
        '10:15 steps[0].recheck[0] no earlier step finds the role leader',
      ],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});
