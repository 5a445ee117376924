/** A corpus of procedures that mean something wrong, each with exactly what must be said about it and where. */
import { parseProcedure } from '../../src/procedure/parse.ts';

type Case = readonly [title: string, text: string, expected: readonly string[]];

const head = 'procedure: p\nproduct: q\ntitle: T\n';
/** The step begins at line 5, its own lines at line 6, column 5. */
const step = (...lines: readonly string[]): string => `${head}steps:\n  - id: S1\n${lines.map((line) => `    ${line}\n`).join('')}`;
const ok = ['title: T', 'on: any engine', 'run: uptime', 'timeout: 1m'];
const bare = ['title: T', 'on: leader'];
const until = 'until: { run: x, expect: status == 0, within: 1m, waiting: it }';
const http = `http: { url: '"http://x"' }`;

function findings(text: string): readonly string[] {
  const result = parseProcedure(text, 'f.yaml');
  return result.kind === 'ok' ? [] : result.findings.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
}

describe('declarations', () => {
  test.each<Case>([
    [
      'limits that exclude each other',
      `${head}params:\n  n: { type: integer, min: 5, max: 4 }\nsteps: [{ announce: hi }]\n`,
      ['5:36 params.n.max max of n is below min'],
    ],
    [
      'a default below the limit',
      `${head}variables:\n  n: { type: integer, min: 5, default: 4 }\nsteps: [{ announce: hi }]\n`,
      ['5:40 variables.n.default the default of n must be at least 5'],
    ],
    [
      'a value that nobody can give',
      `${head}params:\n  mode: { type: enum, values: [soft, -hard, soft] }\nsteps: [{ announce: hi }]\n`,
      [
        '5:38 params.mode.values[1] a value of mode must not begin with a dash (a program would take it for an option)',
        '5:45 params.mode.values[2] mode has the value "soft" twice',
      ],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('work', () => {
  test.each<Case>([
    ['a step that does two things', step(...ok, http), ['10:11 steps[0].http a step does one thing, and here are run and http']],
    [
      'a script that finds no entry but needs one',
      `${step('title: T', 'on: leader', 'use: piece')}shared: { piece: { env: { A: "1" } } }\n`,
      ['5:5 steps[0] step S1 has neither `run`, `http`, `copy`, `edit` nor `until`'],
    ],
    [
      'a shell that is not there',
      `${step(...ok, 'shell: alatoin')}shells: { alation: { run: sh } }\n`,
      ['10:12 steps[0].shell there is no "alatoin" under shells; did you mean "alation"?'],
    ],
    [
      'what follows a script, without one',
      step(
        ...bare,
        until,
        'timeout: 1m',
        'read: json',
        'warn: [{ that: "true", else: x }]',
        'bind: { a: stdout }',
        'capture: { a: stdout }',
        'answers: []',
        'statuses: [0]',
      ),
      [
        '9:14 steps[0].timeout `timeout` belongs to a `run`, and here is none',
        '10:11 steps[0].read `read` belongs to a `run`, and here is none',
        '11:11 steps[0].warn `warn` belongs to a `run`, and here is none',
        '12:11 steps[0].bind `bind` belongs to a `run`, and here is none',
        '12:11 steps[0].bind a step that finds roles must be safe, without a gate and without questions: it is run again, to check and for a plan',
        '13:14 steps[0].capture `capture` belongs to a `run`, and here is none',
        '14:14 steps[0].answers `answers` belongs to a `run`, and here is none',
        '15:15 steps[0].statuses `statuses` belongs to a `run`, and here is none',
      ],
    ],
    [
      'answers to a request',
      step(...bare, http, 'timeout: 1m', 'answers: []'),
      ['10:14 steps[0].answers `answers` belongs to a `run`, and here is http'],
    ],
    [
      'a copy with a reader',
      `${step(
        ...bare,
        `copy: { from: bot, path: '"x"', to: '"/x"' }`,
        'timeout: 1m',
        'read: json',
        'expect: status == 0',
        'answers: []',
        'shell: a',
        'statuses: [0]',
        'says: done',
      )}shells: { a: { run: sh } }\n`,
      [
        '10:11 steps[0].read `read` belongs to a `run`, and here is copy',
        '11:13 steps[0].expect `expect` belongs to a `run`, and here is copy',
        '12:14 steps[0].answers `answers` belongs to a `run`, and here is copy',
        '13:12 steps[0].shell `shell` belongs to a `run`, and here is copy',
        '14:15 steps[0].statuses `statuses` belongs to a `run`, and here is copy',
      ],
    ],
    [
      'an edit with a reader',
      step(
        ...bare,
        `edit: { path: '"/x"', set: { a: '"b"' } }`,
        'timeout: 1m',
        'capture: { a: stdout }',
        'bind: { a: stdout }',
        'warn: [{ that: "true", else: x }]',
        'pattern: x',
      ),
      [
        '10:14 steps[0].capture `capture` belongs to a `run`, and here is edit',
        '11:11 steps[0].bind `bind` belongs to a `run`, and here is edit',
        '11:11 steps[0].bind a step that finds roles must be safe, without a gate and without questions: it is run again, to check and for a plan',
        '12:11 steps[0].warn `warn` belongs to a `run`, and here is edit',
        '13:14 steps[0].pattern `pattern` belongs to a `run`, and here is edit',
      ],
    ],
    [
      'a copy from the worker to nowhere',
      step(...bare, `copy: { from: bot, path: '"x"' }`, 'timeout: 1m'),
      ['8:11 steps[0].copy a copy from `bot` needs `to`: where the file goes on the host'],
    ],
    [
      'an edit that changes nothing',
      step(...bare, `edit: { path: '"/x"' }`, 'timeout: 1m'),
      ['8:11 steps[0].edit `edit` has neither `set` nor `replace`'],
    ],
    [
      'a wait that does not look',
      step(...bare, 'until: { expect: status == 0, within: 1m, waiting: it }'),
      ['8:12 steps[0].until it has neither `run` nor `http`'],
    ],
    [
      'a warning beside a wait',
      step(...ok, 'warn: [{ that: status == 0, else: x }]', until),
      ['10:11 steps[0].warn `warn` is not looked at beside `until`'],
    ],
    [
      'a wait of so many words',
      step(...bare, `until: { run: x, expect: status == 0, within: { seconds: '"ten"' }, waiting: it }`),
      ['8:62 steps[0].until.within.seconds `"ten"` must give a number, but gives string'],
    ],
    [
      'a wait that looks twice',
      step(...bare, `until: { run: x, ${http}, expect: status == 0, within: 1m, waiting: it }`),
      ['8:28 steps[0].until.http it has both `run` and `http`'],
    ],
    [
      'an unless that does not look',
      step(...ok, 'unless: { expect: status == 0, saying: it }'),
      ['10:13 steps[0].unless it has neither `run` nor `http`'],
    ],
    [
      'a requirement that does not look, and one that looks twice',
      step(
        ...ok,
        'gate: Now?',
        'requires:',
        '  - { expect: status == 0, says: it }',
        `  - { run: x, ${http}, expect: status == 0, says: it }`,
      ),
      ['12:9 steps[0].requires[0] it has neither `run` nor `http`', '13:25 steps[0].requires[1].http it has both `run` and `http`'],
    ],
    [
      'a requirement of a step that nobody is asked for',
      step(...ok, 'requires: [{ run: x, expect: status == 0, says: it }]'),
      ['10:15 steps[0].requires `requires` is for a step that somebody is asked for, and nobody is asked for this one'],
    ],
    [
      'requirements that post, read wrong, and speak of what there is not',
      step(
        ...ok,
        'unsafe: U',
        'requires:',
        `  - { http: { url: '"http://x"', method: POST }, expect: k, says: '{{ l }}' }`,
        '  - { run: x, read: regex, expect: status == 0, says: it }',
      ),
      [
        '12:17 steps[0].requires[0].http what only looks asks with GET, and this is POST: it is run before anybody is asked',
        '12:62 steps[0].requires[0].expect there is no k here',
        '12:71 steps[0].requires[0].says there is no l here',
        '13:25 steps[0].requires[1].read `read: regex` needs a `pattern`',
      ],
    ],
    [
      'an unless that looks twice',
      step(...ok, `unless: { run: x, ${http}, expect: status == 0, saying: it }`),
      ['10:29 steps[0].unless.http it has both `run` and `http`'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('pieces', () => {
  test.each<Case>([
    [
      'an entry that uses one that is not there',
      `${step(...ok, 'use: a')}shared:\n  a: { use: bb }\n  b: { timeout: 1m }\n`,
      ['12:13 shared.a.use there is no "bb" under shared'],
    ],
    [
      'entries that use each other',
      `${step('title: T', 'on: leader', 'use: a')}shared:\n  a: { use: b }\n  b: { use: a, run: x, timeout: 1m }\n`,
      ['10:13 shared.a.use the shared entry a uses itself', '11:13 shared.b.use the shared entry b uses itself'],
    ],
    [
      'a mistake in an entry that another uses',
      `${step('title: T', 'on: leader', 'use: a')}shared:\n  a: { use: b, timeout: 1m }\n  b: { run: x, env: { A: nope } }\n`,
      ['11:26 shared.b.env.A there is no nope here'],
    ],
    [
      'a shell that uses what the step does not give it',
      `${step(...ok, 'shell: own')}shells: { own: { run: 'sudo "$INIT" {{ vars.x }}' } }\n`,
      [
        '11:23 shells.own.run the script uses $INIT, which nobody gives it',
        '11:23 shells.own.run {{ vars.x }} is not filled in here: no value is ever pasted into a script',
      ],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('readers', () => {
  test.each<Case>([
    ['a regex reader without a pattern', step(...ok, 'read: regex'), ['10:11 steps[0].read `read: regex` needs a `pattern`']],
    ['a pattern for another reader', step(...ok, 'read: json', 'pattern: x'), ['11:14 steps[0].pattern `pattern` is for `read: regex`']],
    ['a pattern for no reader', step(...ok, 'pattern: x'), ['10:14 steps[0].pattern `pattern` is for `read: regex`']],
    [
      'patterns that are none',
      step(
        ...ok,
        'read: regex',
        'pattern: "("',
        `until: { run: x, read: regex, pattern: '[', expect: 'true', within: 1m, waiting: it }`,
        `unless: { run: x, read: regex, pattern: '*', expect: 'true', saying: it }`,
        `answers: [{ prompt: '(', answer: '"y"' }]`,
      ),
      [
        '11:14 steps[0].pattern this is not a regular expression',
        '12:44 steps[0].until.pattern this is not a regular expression',
        '13:45 steps[0].unless.pattern this is not a regular expression',
        '14:25 steps[0].answers[0].prompt this is not a regular expression',
      ],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('safety', () => {
  test.each<Case>([
    [
      'a step that is safe and unsafe',
      step(...ok, 'unsafe: bad', 'safe: good'),
      ['11:11 steps[0].safe the step is `safe`, and it or its phase is `unsafe`'],
    ],
    [
      'a safe step in an unsafe phase',
      `${head}steps:\n  - phase: down\n    unsafe: bad\n    steps:\n      - { id: S1, title: T, on: leader, run: x, timeout: 1m, safe: good }\n`,
      ['8:68 steps[0].steps[0].safe the step is `safe`, and it or its phase is `unsafe`'],
    ],
    [
      'a gate before a mere wait',
      step(...bare, until, 'gate: sure?'),
      ['9:11 steps[0].gate `gate` needs a `run`: there is nothing to allow'],
    ],
    [
      'a step that only looks and is unsafe',
      step(...ok, 'read_only: true', 'unsafe: bad'),
      [
        '10:16 steps[0].read_only a step that only looks must be safe, without a gate and without questions: it is run again, to check and for a plan',
      ],
    ],
    [
      'a step that only looks and is asked',
      step(...ok, 'read_only: true', 'answers: []'),
      [
        '10:16 steps[0].read_only a step that only looks must be safe, without a gate and without questions: it is run again, to check and for a plan',
      ],
    ],
    [
      'a step that only looks in an unsafe phase',
      `${head}steps:\n  - phase: down\n    unsafe: bad\n    steps:\n      - { id: S1, title: T, on: leader, run: x, timeout: 1m, read_only: true }\n`,
      [
        '8:73 steps[0].steps[0].read_only a step that only looks must be safe, without a gate and without questions: it is run again, to check and for a plan',
      ],
    ],
    [
      'a look that posts',
      step(
        ...bare,
        `http: { url: '"http://x"', form: { a: '"b"' } }`,
        'timeout: 1m',
        'read_only: true',
        `unless: { http: { url: '"http://x"', method: PUT }, expect: 'true', saying: it }`,
      ),
      [
        '8:11 steps[0].http what only looks asks with GET, and this is POST: it is run before anybody is asked',
        '11:21 steps[0].unless.http what only looks asks with GET, and this is PUT: it is run before anybody is asked',
      ],
    ],
    [
      'an unless that posts',
      step(...ok, `unless: { http: { url: '"http://x"', method: POST }, expect: 'true', saying: it }`),
      ['10:21 steps[0].unless.http what only looks asks with GET, and this is POST: it is run before anybody is asked'],
    ],
    [
      'roles found on all hosts at once',
      step('title: T', 'on: all engine', 'run: x', 'timeout: 1m', 'bind: { leader: stdout }'),
      ['10:11 steps[0].bind a step on each host of a role cannot find roles'],
    ],
    [
      'roles found by a step that may be skipped',
      step(...ok, 'bind: { leader: stdout }', `unless: { run: x, expect: 'true', saying: it }`, 'unreachable: fine'),
      [
        '11:13 steps[0].unless a step that finds roles cannot be skipped by `unless`',
        '12:18 steps[0].unreachable a step that finds roles cannot be skipped by `unreachable`',
      ],
    ],
    [
      'a procedure that changes nothing and exchanges a host',
      `${head}read_only: true\nsteps:\n  - { manual: x, exchanges: leader }\n`,
      ['4:12 read_only the procedure says that it changes nothing, and step manual-1 is unsafe, has a gate, copies, edits or exchanges'],
    ],
    [
      'a procedure that changes nothing and copies',
      `${head}read_only: true\nsteps:\n  - { id: S1, title: T, on: leader, copy: { from: bot, path: '"x"', to: '"/x"' }, timeout: 1m }\n`,
      ['4:12 read_only the procedure says that it changes nothing, and step S1 is unsafe, has a gate, copies, edits or exchanges'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('roles', () => {
  test.each<Case>([
    [
      'a copy from a role that only a later step finds',
      `${head}steps:\n  - { id: S1, title: T, on: a, copy: { from: leader, path: '"/x"' }, timeout: 1m }\n  - { id: S2, title: T, on: a, run: x, timeout: 1m, bind: { leader: stdout } }\n`,
      ['5:46 steps[0].copy.from the role leader is not known yet: only a later step finds it'],
    ],
    [
      'an exchange of a role that only a later step finds',
      `${head}steps:\n  - { manual: x, exchanges: leader }\n  - { id: S2, title: T, on: a, run: x, timeout: 1m, bind: { leader: stdout } }\n`,
      ['5:29 steps[0].exchanges the role leader is not known yet: only a later step finds it'],
    ],
    [
      'a recheck of a role that follows from the parameters',
      `${head}params: { h: { type: host } }\nroles: { old: params.h }\nsteps:\n  - { id: S1, title: T, on: old, run: x, timeout: 1m, recheck: [old] }\n`,
      ['7:65 steps[0].recheck[0] no earlier step finds the role old'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('times', () => {
  test.each<Case>([
    [
      'pauses that shrink',
      step(...bare, 'until: { run: x, expect: status == 0, growing_to: 2s, within: 1m, waiting: it }'),
      ['8:55 steps[0].until.growing_to `growing_to` (2s) is shorter than `every` (5s, the default)'],
    ],
    [
      'a wait shorter than the default pause',
      step(...bare, 'until: { run: x, expect: status == 0, within: 3s, waiting: it }'),
      ['8:51 steps[0].until.within `within` (3s) is shorter than `every` (5s, the default)'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('scripts', () => {
  test.each<Case>([
    [
      'scripts of looks that use what nobody gives',
      step(
        ...ok,
        'env: { HOSTS: "1" }',
        `until: { run: 'echo $HOST', expect: 'true', within: 1m, waiting: it }`,
        `unless: { run: 'echo "$ZONE"', expect: 'true', saying: it }`,
      ),
      [
        '11:19 steps[0].until.run the script uses $HOST, which nobody gives it; did you mean "HOSTS"?',
        '12:20 steps[0].unless.run the script uses $ZONE, which nobody gives it',
      ],
    ],
    [
      'a captured value pasted into a script',
      step('title: T', 'on: leader', `run: 'echo {{captured.x}}'`, 'timeout: 1m'),
      ['8:10 steps[0].run {{captured.x}} is not filled in here: no value is ever pasted into a script'],
    ],
    [
      'a name that the request has for itself',
      step(
        ...bare,
        http,
        'timeout: 1m',
        'env: { REQUEST_URL: "1", UNTIL_URL: "1" }',
        `until: { ${http}, expect: 'true', within: 1m, waiting: it }`,
      ),
      [
        '10:25 steps[0].env.REQUEST_URL REQUEST_URL is the name of a value of the request',
        '10:41 steps[0].env.UNTIL_URL UNTIL_URL is the name of a value of the request',
      ],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('expressions', () => {
  test.each<Case>([
    ['a value that is a list', step(...ok, 'env: { X: "[1]" }'), ['10:15 steps[0].env.X `[1]` must give text, but gives list<int>']],
    [
      'a role that is no name',
      step(...ok, 'bind: { leader: "1 + 1" }'),
      ['10:21 steps[0].bind.leader `1 + 1` must give the name of a host, but gives int'],
    ],
    [
      'a condition that is no truth',
      `${head}steps:\n  - { announce: hi, when: '"yes"' }\n`,
      ['5:27 steps[0].when `"yes"` must give true or false, but gives string'],
    ],
    [
      'a condition of a phase, told where it stands',
      `${head}steps:\n  - phase: x\n    when: nope\n    steps:\n      - { announce: a }\n      - { announce: b, when: cluster.name == "c" }\n`,
      ['6:11 steps[0].when there is no nope here'],
    ],
    [
      'a condition of a group, told where it stands',
      `${head}steps:\n  - { group: g, when: nope }\ngroups: { g: { steps: [{ announce: a }] } }\n`,
      ['5:23 steps[0].when there is no nope here'],
    ],
    [
      'the reason of a phase',
      `${head}steps:\n  - phase: x\n    unsafe: '{{ nope }}'\n    steps:\n      - { id: S1, title: T, on: leader, run: x, timeout: 1m }\n`,
      ['6:13 steps[0].unsafe there is no nope here'],
    ],
    [
      'texts for people who act',
      `${head}steps:\n  - { manual: '{{ a }}', title: '{{ b }}' }\n  - { confirm: '{{ c }}', title: '{{ d }}', second: '{{ e }}' }\n`,
      [
        '5:15 steps[0].manual there is no a here',
        '5:33 steps[0].title there is no b here',
        '6:16 steps[1].confirm there is no c here',
        '6:34 steps[1].title there is no d here',
        '6:53 steps[1].second there is no e here',
      ],
    ],
    [
      'every text of a step',
      step(
        'title: T',
        'on: leader',
        'run: x',
        'timeout: 1m',
        `unsafe: '{{ a }}'`,
        `undo: '{{ b }}'`,
        `advice: '{{ c }}'`,
        `retry: { forbidden: '{{ d }}' }`,
        `unreachable: '{{ e }}'`,
        `says: '{{ f }}'`,
        `warn: [{ that: g, else: '{{ h }}' }]`,
        `until: { run: x, expect: i, within: 1m, waiting: '{{ j }}' }`,
        `unless: { run: x, expect: k, saying: '{{ l }}' }`,
      ),
      [
        '10:13 steps[0].unsafe there is no a here',
        '11:11 steps[0].undo there is no b here',
        '12:13 steps[0].advice there is no c here',
        '13:25 steps[0].retry.forbidden there is no d here',
        '14:18 steps[0].unreachable there is no e here',
        '15:11 steps[0].says there is no f here',
        '16:11 steps[0].warn `warn` is not looked at beside `until`',
        '16:20 steps[0].warn[0].that there is no g here',
        '16:29 steps[0].warn[0].else there is no h here',
        '17:30 steps[0].until.expect there is no i here',
        '17:54 steps[0].until.waiting there is no j here',
        '18:31 steps[0].unless.expect there is no k here',
        '18:42 steps[0].unless.saying there is no l here',
      ],
    ],
    [
      'every expression that is sent',
      step(
        'title: T',
        'on: leader',
        'timeout: 1m',
        `http: { url: a, user: b, password: c, form: { x: d }, headers: { X: e } }`,
        'env: { F: f }',
      ),
      [
        '9:18 steps[0].http.url there is no a here',
        '9:27 steps[0].http.user there is no b here',
        '9:40 steps[0].http.password there is no c here',
        '9:54 steps[0].http.form.x there is no d here',
        '9:73 steps[0].http.headers.X there is no e here',
        '10:15 steps[0].env.F there is no f here',
      ],
    ],
    [
      'the paths of a copy',
      step('title: T', 'on: leader', 'timeout: 1m', `copy: { from: bot, path: a, to: b }`),
      ['9:30 steps[0].copy.path there is no a here', '9:37 steps[0].copy.to there is no b here'],
    ],
    [
      'the parts of an edit',
      step('title: T', 'on: leader', 'timeout: 1m', `edit: { path: a, set: { x: b }, replace: [{ text: c, with: d }] }`),
      [
        '9:19 steps[0].edit.path there is no a here',
        '9:32 steps[0].edit.set.x there is no b here',
        '9:55 steps[0].edit.replace[0].text there is no c here',
        '9:64 steps[0].edit.replace[0].with there is no d here',
      ],
    ],
    ['an answer', step(...ok, 'answers: [{ prompt: x, answer: y }]'), ['10:36 steps[0].answers[0].answer there is no y here']],
    [
      'a role from what only a later step captures',
      `${head}roles: { old: captured.x }\nsteps: [{ announce: hi }]\n`,
      ['4:15 roles.old there is no captured here; roles are found before anything is captured'],
    ],
    [
      'output before there is any',
      step(...ok, 'env: { X: stdout, Y: rows.size() }'),
      [
        '10:15 steps[0].env.X there is no stdout here; only what follows a command can use it',
        '10:26 steps[0].env.Y there is no rows here; only what follows a command can use it',
      ],
    ],
    [
      'a reader of the step in its wait',
      step(...ok, 'read: json', 'until: { run: x, expect: json == 1, within: 1m, waiting: it }'),
      ['11:30 steps[0].until.expect there is no json here; it needs `read: json`'],
    ],
    [
      'a secret in a text',
      `${step('title: "{{ secrets.pw }}"', ...ok.slice(1))}secrets: { pw: { title: P } }\n`,
      ['6:12 steps[0].title there is no secrets here; a secret goes to a host by `env`, `answers` or `http`, and is never shown'],
    ],
    [
      'a secret in a check',
      `${step(...ok, 'expect: stdout == secrets.pw')}secrets: { pw: { title: P } }\n`,
      ['10:13 steps[0].expect there is no secrets here; a secret goes to a host by `env`, `answers` or `http`, and is never shown'],
    ],
    [
      'a secret in an edit',
      `${step(...bare, 'timeout: 1m', `edit: { path: '"/x"', set: { a: secrets.pw } }`)}secrets: { pw: { title: P } }\n`,
      ['9:37 steps[0].edit.set.a there is no secrets here; a secret goes to a host by `env`, `answers` or `http`, and is never shown'],
    ],
    [
      'a secret that is not declared',
      `${step(...ok, 'env: { X: secrets.pww }')}secrets: { pw: { title: P } }\n`,
      ['10:15 steps[0].env.X there is no secrets.pww; did you mean "pw"?'],
    ],
    [
      'all secrets at once',
      `${step(...ok, 'env: { X: string(secrets) }')}secrets: { pw: { title: P } }\n`,
      ['10:15 steps[0].env.X a secret is named one by one: secrets.<name>'],
    ],
    [
      'a value that only this step captures',
      step(...ok, 'capture: { lag: stdout }', 'env: { X: captured.lag }'),
      ['11:15 steps[0].env.X captured.lag is not known yet: only this or a later step captures it'],
    ],
    ['a value that nobody captures', step(...ok, 'env: { X: captured.lag }'), ['10:15 steps[0].env.X there is no captured.lag']],
    [
      'a captured value without a type that is sent',
      `${step(...ok, 'capture: { lag: stdout }')}  - { id: S2, title: T, on: leader, run: x, timeout: 1m, env: { X: captured.lgg + captured.lag } }\n`,
      [
        '11:68 steps[1].env.X there is no captured.lgg; did you mean "lag"?',
        '11:68 steps[1].env.X captured.lag reaches a script and has no type',
      ],
    ],
    [
      'a captured value with a type in one place only',
      `${step(...ok, 'capture: { lag: stdout }')}  - { id: S2, title: T, on: leader, run: x, timeout: 1m, capture: { lag: { value: stdout, type: text } } }\n  - { id: S3, title: T, on: leader, run: x, timeout: 1m, env: { X: captured.lag } }\n`,
      ['12:68 steps[2].env.X captured.lag reaches a script and has no type'],
    ],
    [
      'a value of each host where one is needed',
      `${head}steps:\n  - { id: S1, title: T, on: all engine, run: x, timeout: 1m, capture: { ip: { value: stdout, type: text } } }\n  - { id: S2, title: T, on: leader, run: x, timeout: 1m, env: { X: captured.ip, Y: 'captured.ip[host.name]' } }\n`,
      ['6:68 steps[1].env.X captured.ip holds one value of each host, and here one is needed'],
    ],
    [
      'what was said outside of answers',
      step(...ok, 'env: { X: said.key, Y: peer.key }'),
      [
        '10:15 steps[0].env.X there is no said here; only `answers` can use it',
        '10:28 steps[0].env.Y there is no peer here; only `answers` of a step on all hosts of a role can use it',
      ],
    ],
    [
      'what no prompt names',
      step(
        'title: T',
        'on: all engine',
        'run: x',
        'timeout: 1m',
        `answers: [{ prompt: 'key (?<key>.+)', answer: said.kye }, { prompt: 'ip', answer: peer.ip }]`,
      ),
      [
        '10:51 steps[0].answers[0].answer there is no said.kye; did you mean "key"?',
        '10:87 steps[0].answers[1].answer there is no peer.ip',
      ],
    ],
    [
      'a peer on one host',
      step(...ok, `answers: [{ prompt: '(?<key>.+)', answer: peer.key }]`),
      ['10:47 steps[0].answers[0].answer there is no peer here; only `answers` of a step on all hosts of a role can use it'],
    ],
    [
      'a group that the pattern does not name',
      step(...ok, 'read: regex', `pattern: '(?<lag>[0-9]+)'`, 'expect: match.lga == "1"'),
      ['12:13 steps[0].expect there is no match.lga; did you mean "lag"?'],
    ],
    [
      'how long it waited, outside of says',
      step(...ok, 'expect: waited < 3'),
      ['10:13 steps[0].expect there is no waited here; only `says` of a step with `until` can use it'],
    ],
    [
      'a role in a text that only a later step finds',
      `${head}steps:\n  - announce: '{{ roles.leader }}'\n  - { id: S1, title: T, on: any a, run: x, timeout: 1m, bind: { leader: stdout } }\n`,
      ['5:15 steps[0].announce roles.leader is not known yet: only a later step finds it'],
    ],
    [
      'a member of the cluster that there is not',
      `${head}steps:\n  - announce: '{{ cluster.nam }}'\n`,
      ['5:15 steps[0].announce there is no cluster.nam; did you mean "name"?'],
    ],
  ])('%s is said with its place', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});
