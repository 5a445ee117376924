/** A corpus of procedures that can be run and should be thought about, with exactly what lint says; and of those of which it says nothing. */
import { lintProcedure } from '../../../src/procedure/lint/lint.ts';
import { answers } from '../../../src/procedure/lint/rules.ts';

type Case = readonly [title: string, text: string, expected: readonly string[]];

const head = 'procedure: p\nproduct: q\ntitle: T\n';
/** The step begins at line 5, its own lines at line 6, column 5. */
const step = (...lines: readonly string[]): string => `${head}steps:\n  - id: S1\n${lines.map((line) => `    ${line}\n`).join('')}`;
const bare = ['title: T', 'on: leader', 'timeout: 1m'];
/** The script stands at line 9, column 10; what follows in line 10. */
const ran = (script: string, ...more: readonly string[]) => step(...bare, `run: ${JSON.stringify(script)}`, ...more);
const secret = (script: string, ...more: readonly string[]) =>
  `${ran(script, 'env: { PW: secrets.pw, NAME: host.name }', ...more)}secrets: { pw: { title: The password } }\n`;
const params =
  'params:\n  mode: { type: enum, values: [soft, hard] }\n  kind: { type: enum, values: [a, b], required: false }\n  size: { type: integer, min: 1, max: 9 }\n  free: { type: text }\n';
/** The conditions stand in lines 11 and on, in column 27. */
const when = (...conditions: readonly string[]) =>
  `${head}${params}steps:\n  - announce: '{{ params.mode }}{{ params.kind }}{{ params.size }}{{ params.free }}'\n${conditions.map((condition) => `  - { announce: hi, when: ${JSON.stringify(condition)} }\n`).join('')}`;

const seen = new Set<string>();

function findings(text: string): readonly string[] {
  return lintProcedure(text, 'f.yaml', new Map()).findings.map(({ line, column, message, rule = 'a mistake' }) => {
    seen.add(rule);
    return `${line}:${column} ${rule} ${message}`;
  });
}

describe('unsafe', () => {
  test.each<Case>([
    ['a stop in a safe step', ran('bin/atscale_stop'), ['9:10 unsafe-verb nobody is asked before this step, and here is `atscale_stop`']],
    [
      'a stop in a step that waits',
      step('title: T', 'on: leader', `until: { run: service x stop, expect: status == 0, within: 1m, waiting: it }`),
      ['8:19 unsafe-verb nobody is asked before this step, and here is `stop`'],
    ],
    [
      'a deletion by request',
      step(...bare, `http: { url: '"http://x"', method: DELETE }`),
      ['9:11 unsafe-verb nobody is asked before this step, and here is `DELETE`'],
    ],
    ['a stop that its author calls safe', ran('bin/atscale_stop', 'safe: It only notes that it stopped.'), []],
    ['a stop in an unsafe step', ran('bin/atscale_stop', 'unsafe: bad', 'expect: status == 0'), []],
    ['a stop after a gate', ran('bin/atscale_stop', 'gate: Sure?'), []],
    [
      'a stop in an unsafe phase',
      `${head}steps:\n  - phase: down\n    unsafe: bad\n    steps:\n      - { id: S1, title: T, on: leader, run: x stop, timeout: 1m, expect: status == 0 }\n`,
      [],
    ],
    [
      'a stop in what only looks',
      ran('x stop', 'read_only: true'),
      ['9:10 verb-in-look the step is run for a plan too, and here is `stop`'],
    ],
    [
      'a stop in what only looks, called safe',
      ran('x stop', 'read_only: true', 'safe: really'),
      ['9:10 verb-in-look the step is run for a plan too, and here is `stop`'],
    ],
    [
      'a stop in what finds roles',
      ran('x stop', 'bind: { other: stdout }'),
      ['9:10 verb-in-look the step is run for a plan too, and here is `stop`'],
    ],
    [
      'a stop in an unless, whatever the step is',
      ran('x', 'unsafe: bad', 'expect: status == 0', `unless: { run: x stop, expect: 'true', saying: it }`),
      ['12:20 verb-in-look `unless` is run before anybody is asked, and here is `stop`'],
    ],
    [
      'a stop in what is required',
      ran('x', 'unsafe: bad', 'expect: status == 0', `requires: [{ run: x stop, expect: 'true', says: it }]`),
      ['12:23 verb-in-look `requires` is looked at before anybody is asked, and here is `stop`'],
    ],
    [
      'a stop in a procedure that changes nothing',
      ran('x stop', 'safe: really').replace('title: T', 'title: T\nread_only: true'),
      ['10:10 verb-in-look the procedure says that it changes nothing, and here is `stop`'],
    ],
    [
      'a shared script in a safe step',
      `${step('title: T', 'on: leader', 'use: stop')}shared: { stop: { run: x stop, timeout: 1m } }\n`,
      ['9:24 unsafe-verb nobody is asked before this step, and here is `stop`'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('unverified', () => {
  test.each<Case>([
    [
      'an unsafe step that nobody looks after',
      ran('x', 'unsafe: bad'),
      ['10:13 unverified step S1 is unsafe, and nothing looks whether it did what it should'],
    ],
    [
      'a step of an unsafe phase that nobody looks after',
      `${head}steps:\n  - phase: down\n    unsafe: bad\n    steps:\n      - { id: S1, title: T, on: leader, run: x, timeout: 1m }\n`,
      ['8:9 unverified step S1 is unsafe, and nothing looks whether it did what it should'],
    ],
    [
      'a request that nobody looks after',
      step(...bare, `http: { url: '"http://x"', method: POST }`, 'unsafe: bad', 'read: lines'),
      ['10:13 unverified step S1 is unsafe, and nothing looks whether it did what it should'],
    ],
    ['an unsafe step with an expectation', ran('x', 'unsafe: bad', 'expect: status == 0'), []],
    ['an unsafe step with a warning', ran('x', 'unsafe: bad', 'warn: [{ that: status == 0, else: no }]'), []],
    ['an unsafe step with a wait', ran('x', 'unsafe: bad', 'until: { run: x, expect: status == 0, within: 1m, waiting: it }'), []],
    ['an unsafe step with a reader that refuses', ran('x', 'unsafe: bad', 'read: keys'), []],
    ['an unsafe copy', step(...bare, `copy: { from: bot, path: '"x"', to: '"/x"' }`, 'unsafe: bad'), []],
    ['an unsafe edit', step(...bare, `edit: { path: '"/x"', set: { a: '"b"' } }`, 'unsafe: bad'), []],
    ['a reason why nothing can be checked', ran('x', 'unsafe: bad', 'unverified: It says nothing.'), []],
    [
      'such a reason where there is a check',
      ran('x', 'unsafe: bad', 'expect: status == 0', 'unverified: It says nothing.'),
      ['12:17 needless `unverified` answers nothing: without it, lint has no objection here'],
    ],
    [
      'such a reason in a safe step',
      ran('x', 'unverified: It says nothing.'),
      ['10:17 needless `unverified` answers nothing: without it, lint has no objection here'],
    ],
    [
      'such a reason that one of two steps needs',
      `${head}steps:\n  - { id: A, title: T, on: leader, use: x, unsafe: bad }\n  - { id: B, title: T, on: leader, use: x }\nshared: { x: { run: y, timeout: 1m, unverified: It says nothing. } }\n`,
      [],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('endless', () => {
  test.each<Case>([
    [
      'a wait of weeks',
      step('title: T', 'on: leader', 'until: { run: x, expect: status == 0, within: 8d, waiting: it }'),
      ['8:51 endless nobody waits 8d for something to hold'],
    ],
    ['a wait of a week', step('title: T', 'on: leader', 'until: { run: x, expect: status == 0, within: 7d, waiting: it }'), []],
    ['a script of weeks', step('title: T', 'on: leader', 'run: x', 'timeout: 15d'), ['9:14 endless nobody waits 15d for a command']],
    ['a script of two weeks', step('title: T', 'on: leader', 'run: x', 'timeout: 14d'), []],
    ['a sleep without end', ran('sleep infinity'), ['9:10 endless `sleep infinity` never ends by itself']],
    ['a loop without end', ran('while true; do x; sleep 1; done'), ['9:10 endless a loop of `while` without `break` never ends by itself']],
    [
      'a loop that sleeps in its condition',
      ran('while sleep 5; do x; done'),
      ['9:10 endless a loop of `while` without `break` never ends by itself'],
    ],
    ['a loop until never', ran('until false; do x; done'), ['9:10 endless a loop of `until` without `break` never ends by itself']],
    ['a loop that breaks', ran('while :; do if x; then break; fi; done'), []],
    ['a loop that exits', ran('while true; do x && exit 0; done'), []],
    ['a loop with a condition', ran('while ! x; do sleep 1; done'), []],
    ['a log that is followed', ran('tail -f /var/log/x'), ['9:10 endless `tail -f` never ends by itself']],
    [
      'a log that is followed for a while',
      ran('timeout 10 tail -f /var/log/x; tail -f /var/log/x | head -3; tail -f --pid=1 x; tail -n 3 x; tail -F x &'),
      [],
    ],
    [
      'a loop in a look',
      step('title: T', 'on: leader', `until: { run: 'while true; do x; done', expect: status == 0, within: 1m, waiting: it }`),
      ['8:19 endless a loop of `while` without `break` never ends by itself'],
    ],
    ['a loop of which somebody knows better', ran('while true; do x; done', 'accept: { endless: x ends the shell }'), []],
    [
      'an answer to nothing',
      ran('x', 'accept: { endless: x ends the shell, secret-shown: no }'),
      [
        '10:15 needless `endless` answers nothing: without it, lint has no objection here',
        '10:42 needless `secret-shown` answers nothing: without it, lint has no objection here',
      ],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('secrets', () => {
  test.each<Case>([
    ['a secret that is printed', secret('echo "$PW"'), ['9:10 secret-shown `echo` prints the secret $PW']],
    ['a secret that is printed by format', secret(`printf '%s\\n' "$NAME $PW" >&2`), ['9:10 secret-shown `printf` prints the secret $PW']],
    ['a secret in a document that is printed', secret('cat <<E\n$PW\nE'), ['9:10 secret-shown `cat` prints the secret $PW']],
    [
      'a secret on a command line',
      secret('curl -u "$NAME:$PW" http://x'),
      ['9:10 secret-shown `curl` gets the secret $PW on its command line, which every user of the host sees'],
    ],
    [
      'a secret on the command line of another',
      secret(`sudo -u x printf "%s" "$PW" | env A="$PW" mysql -p"\${PW:-none}"`),
      [
        '9:10 secret-shown `sudo` gets the secret $PW on its command line, which every user of the host sees',
        '9:10 secret-shown `env` gets the secret $PW on its command line, which every user of the host sees',
      ],
    ],
    [
      'a secret in a script for another shell',
      secret('su - amp -c "login $PW"'),
      ['9:10 secret-shown `su` gets the secret $PW on its command line, which every user of the host sees'],
    ],
    [
      'a secret by another name',
      secret('B=$(printf %s "$NAME:$PW" | base64); export H="Basic $B"; curl -H "Authorization: $H" x'),
      ['9:10 secret-shown `curl` gets the secret $H on its command line, which every user of the host sees'],
    ],
    ['a secret that is traced', secret('set -eux; login <<E\n$PW\nE'), ['9:10 secret-shown `set -x` writes every value into the output']],
    ['a secret in a shell trace option', secret('set -o xtrace'), ['9:10 secret-shown `set -x` writes every value into the output']],
    [
      'a secret in a look',
      `${step('title: T', 'on: leader', 'env: { PW: secrets.pw }', `until: { run: 'x "$PW"', expect: status == 0, within: 1m, waiting: it }`)}secrets: { pw: { title: P } }\n`,
      ['9:19 secret-shown `x` gets the secret $PW on its command line, which every user of the host sees'],
    ],
    [
      'secrets that nobody sees',
      secret(
        `[ -n "$PW" ] || exit 1; test -z "$PW"; A=$PW; export B="$PW"; printf %s "$PW" | login; echo "$PW" > /tmp/x; login <<E\n$PW\nE\nPW="$PW" run; echo "\${#PW} \${PW:+set}"; case "$PW" in x) ;; esac; f() { printf %s "$1" | login; }; f "$PW"; C=$(printf %s "$PW"); { echo "$PW"; } | login; unset PW`,
      ),
      [],
    ],
    ['other values that are printed', secret('echo "$NAME"; curl "$NAME"; set -e; echo "$PW" | login'), []],
    [
      'a secret of which somebody knows better',
      secret('helper "$PW"', 'accept: { secret-shown: The helper takes it off its command line. }'),
      [],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('unreachable', () => {
  test.each<Case>([
    [
      'a constant condition',
      when('false', '1 == 2', 'true'),
      [
        '11:27 unreachable this never holds: what it stands at can never run',
        '12:27 unreachable this never holds: what it stands at can never run',
      ],
    ],
    [
      'a condition that contradicts itself',
      when(
        'params.mode == "soft" && params.mode == "hard"',
        'params.size > 3 && params.size < 2',
        '!(params.mode in ["soft", "hard"])',
        'params.mode == "soft" && params.mode != "soft" && params.free == "x"',
        'cluster.name == "x" && false',
      ),
      [
        '11:27 unreachable this never holds: what it stands at can never run',
        '12:27 unreachable this never holds: what it stands at can never run',
        '13:27 unreachable this never holds: what it stands at can never run',
        '14:27 unreachable this never holds: what it stands at can never run',
        '15:27 unreachable this never holds: what it stands at can never run',
      ],
    ],
    [
      'conditions that may hold',
      when(
        'params.mode == "soft"',
        'params.size > 8',
        'params.kind == ""',
        'params.free == "x"',
        'hosts.size() > 100',
        'params.mode == "soft" || cluster.name == "x"',
        'known("nobody")',
        'params.size / 0 == 1',
      ),
      [],
    ],
    [
      'a value that the parameter never has',
      when('params.mode == "hadr"', 'params.mode in ["soft", "sotf"] || params.free == "x"', '"b" != params.kind', 'params["kind"] == "c"'),
      [
        '11:27 unknown-value mode is never "hadr"; did you mean "hard"?',
        '12:27 unknown-value mode is never "sotf"; did you mean "soft"?',
        '14:27 unknown-value kind is never "c"',
      ],
    ],
    [
      'such a value in a text and in a script’s value',
      `${step('title: "{{ params.mode == \\"x\\" }}"', 'on: leader', 'run: x', 'timeout: 1m', `env: { A: 'params.mode == "y" ? "1" : "2"' }`)}${params.split('\n').slice(0, 2).join('\n')}\n`,
      ['6:12 unknown-value mode is never "x"', '10:15 unknown-value mode is never "y"'],
    ],
    [
      'a phase against its step',
      `${head}${params.split('\n').slice(0, 2).join('\n')}\nsteps:\n  - phase: x\n    when: params.mode == "soft"\n    steps:\n      - { announce: a, when: 'params.mode == "hard"' }\n      - { announce: b }\n`,
      ['10:30 unreachable this never holds together with `params.mode == "soft"` around it: what it stands at can never run'],
    ],
    [
      'a group against its phase, once',
      `${head}${params.split('\n').slice(0, 2).join('\n')}\nsteps:\n  - phase: x\n    when: params.mode == "soft"\n    steps:\n      - { group: g, when: params.mode == "hard" }\ngroups: { g: { steps: [{ announce: a }, { announce: b }] } }\n`,
      ['10:27 unreachable this never holds together with `params.mode == "soft"` around it: what it stands at can never run'],
    ],
    ['a condition that somebody wants', `${ran('x', 'when: "false"', 'accept: { unreachable: It is written for the next release. }')}`, []],
    [
      'a value that somebody wants',
      `${step('title: T', 'on: leader', 'run: x', 'timeout: 1m', `when: params.mode != "x"`, 'accept: { unknown-value: The next release has it. }')}${params.split('\n').slice(0, 2).join('\n')}\n`,
      [],
    ],
    [
      'a role by a value that there is not',
      `${head}params:\n  mode: { type: enum, values: [a] }\nroles: { x: 'params.mode == "b" ? "c" : "d"' }\nsteps:\n  - { id: S1, title: T, on: x, run: x, timeout: 1m }\n`,
      ['6:13 unknown-value mode is never "b"'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

describe('unused', () => {
  test.each<Case>([
    [
      'what is declared for nobody',
      `${head}params:\n  p: { type: text }\nvariables:\n  v: { type: text }\nsecrets:\n  s: { title: S }\nroles:\n  r: hosts[0].name\nshells:\n  h: { run: sh }\nshared:\n  e: { run: x }\ngroups:\n  g: { steps: [{ announce: x }] }\nsteps:\n  - id: S1\n    title: T\n    on: leader\n    run: x\n    timeout: 1m\n    capture: { c: stdout }\n`,
      [
        '5:3 unused nothing uses the parameter p',
        '7:3 unused nothing uses the variable v',
        '9:3 unused nothing uses the secret s',
        '11:3 unused nothing uses the role r',
        '13:3 unused nothing uses the shell h',
        '15:3 unused nothing uses the shared entry e',
        '17:3 unused nothing uses the group g',
        '24:16 unused no later step uses the captured c',
      ],
    ],
    [
      'what is used in some way',
      `${head}params:\n  p: { type: text }\n  n: { type: host }\nvariables:\n  v: { type: text }\nsecrets:\n  s: { title: S }\nroles:\n  r: params.n\n  m: params.n\nshells:\n  h: { run: sh }\nshared:\n  e: { run: x, timeout: 1m, shell: h, env: { A: vars.v, B: secrets.s } }\ngroups:\n  g: { steps: [{ group: i }] }\n  i: { steps: [{ announce: '{{ params.p }} {{ captured.c }}' }] }\nsteps:\n  - { id: S1, title: T, on: r, use: e, capture: { c: stdout } }\n  - { manual: x, exchanges: m }\n  - { group: g }\n`,
      [],
    ],
    [
      'what is used as a whole',
      `${head}params:\n  p: { type: text }\nsteps:\n  - { id: S1, title: T, on: leader, run: x, timeout: 1m, capture: { c: stdout } }\n  - announce: '{{ params }} {{ roles }} {{ captured }}'\nroles: { r: 'hosts[0].name' }\n`,
      [],
    ],
    [
      'a file that is answered for',
      `${head}accept: { unused: others copy from it }\nshells: { h: { run: sh } }\nsteps: [{ announce: hi }]\n`,
      [],
    ],
    [
      'groups that only hold each other',
      `${head}steps: [{ announce: hi }]\ngroups:\n  a: { steps: [{ group: b }] }\n  b: { steps: [{ announce: hi }] }\n`,
      ['6:3 unused nothing uses the group a', '7:3 unused nothing uses the group b'],
    ],
  ])('%s', (_title, text, expected) => {
    expect(findings(text)).toEqual(expected);
  });
});

test('there is a case for every rule', () => {
  // A role that no cluster has is found with the clusters: test/files/lint.test.ts.
  expect([...seen, 'unknown-role'].sort()).toEqual(Object.keys(answers).sort());
});
