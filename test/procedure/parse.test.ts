import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseCluster } from '../../src/inventory/parse.ts';
import { parseLibrary, type Shelf } from '../../src/procedure/library.ts';
import { type Procedure, procedureSchema } from '../../src/procedure/model.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';

const common = readFileSync('procedures/atscale/common.yaml', 'utf8');

function shelf(text: string): Shelf {
  const result = parseLibrary(text, 'common.yaml');
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return new Map([['common', result.library]]);
}

function parsed(text: string, lent = common): Procedure {
  const result = parseProcedure(text, 'f.yaml', shelf(lent));
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return result.procedure;
}

const restart = readFileSync('procedures/atscale/restart.yaml', 'utf8');

describe('the AtScale restart', () => {
  const procedure = parsed(restart);
  const commands = procedure.steps.flatMap((step) => (step.kind === 'command' ? [step] : []));

  test('has the steps of the runbook in its order', () => {
    expect(procedure.steps.map(({ id }) => id)).toEqual([
      ...['S1', 'announce-1', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S9', 'S9-roles', 'S10', 'announce-2'],
    ]);
    expect(commands.map(({ on }) => `${on.kind} ${on.role}`)).toEqual([
      ...['any engine', 'each query_engine', 'one replica', 'one leader', 'one coordinator'],
      ...['one coordinator', 'one leader', 'one replica', 'one leader', 'each query_engine'],
    ]);
  });

  test('asks a second person for the stops and nothing else', () => {
    expect(commands.filter(({ safety }) => safety.kind === 'unsafe').map(({ id }) => id)).toEqual(['S3', 'S4', 'S5', 'S6']);
    expect(commands.some(({ safety }) => safety.kind === 'gated')).toBe(false);
    expect(procedure.readOnly).toBe(false);
  });

  test('reads the roles again before each engine stops', () => {
    expect(commands.filter(({ recheck }) => recheck.length > 0).map(({ id, recheck }) => [id, recheck])).toEqual([
      ['S4', ['leader', 'replica']],
      ['S5', ['leader']],
    ]);
  });

  test('every pinned form is the engine’s own', () => {
    expect(procedureSchema.parse(procedure)).toEqual(procedure);
  });
});

describe('hash', () => {
  test('comments and layout leave it as it is', () => {
    expect(parsed(`# another comment\n${restart}\n\n`, `\n# one more\n${common}`).hash).toBe(parsed(restart).hash);
  });

  test.each([
    ['a script', 'bin/atscale_stop', 'bin/atscale_stopp'],
    ['a reason', 'Stops all queries', 'Stops queries'],
    ['a time limit', 'within: 5m', 'within: 6m'],
    ['the order', 'S4', 'S44'],
  ])('%s changes it', (_what, from, to) => {
    expect(parsed(restart.replace(from, to), common.replace(from, to)).hash).not.toBe(parsed(restart).hash);
  });
});

describe('defaults and merging', () => {
  const procedure = parsed(`
procedure: p
product: q
title: T
env: { A: '"top"', B: '"top"', C: '"top"' }
steps:
  - announce: hello
  - phase: one
    unsafe: hurts
    steps:
      - { id: S1, title: Inherits, on: any engine, use: piece, env: { A: '"step"' } }
      - { id: S2, title: Own, on: any engine, use: piece, unsafe: worse }
      - { id: S3, title: Waits, on: any engine, until: { run: uptime, expect: status == 0, every: 200ms, within: 1m, waiting: it } }
shared:
  piece: { run: 'echo "$A"', timeout: 90s, env: { A: '"shared"', B: '"shared"' } }
`);
  const step = (id: string) => {
    const found = procedure.steps.find((each) => each.id === id);
    if (found?.kind !== 'command') throw new Error(`no ${id}`);
    return found;
  };

  test('the step’s env goes before the shared and the common', () => {
    expect(step('S1').env).toEqual({ A: '"step"', B: '"shared"', C: '"top"' });
  });

  test('a phase’s reason reaches scripts that say nothing else', () => {
    expect([step('S1').safety, step('S2').safety, step('S3').safety]).toEqual([
      { kind: 'unsafe', why: 'hurts' },
      { kind: 'unsafe', why: 'worse' },
      { kind: 'safe' },
    ]);
  });

  test('what is absent gets its default', () => {
    expect(step('S1')).toMatchObject({ timeoutSeconds: 90, read: 'text', expect: [], retry: { kind: 'allowed' }, phase: 'one' });
    expect(step('S3')).toMatchObject({ timeoutSeconds: 60, until: { everySeconds: 0.2, withinSeconds: 60, read: 'text' } });
    expect(procedure).toMatchObject({ approvalSeconds: 1800, readOnly: false });
  });
});

describe('every key', () => {
  const procedure = parsed(`
procedure: p
product: q
title: T
source: The runbook
approval: 2d
params:
  host: { type: host, role: node }
  mode: { type: enum, values: [soft, hard], title: Mode, help: How, default: soft }
  size: { type: integer, min: 1, max: 9, default: 3 }
  note: { type: text, pattern: x+, max_length: 9, required: false }
variables: { folder: { type: path } }
secrets: { pw: { title: The password } }
roles: { old: params.host }
shells: { own: { run: own shell } }
env: { FOLDER: vars.folder }
steps:
  - id: S1
    title: All
    on: all node
    when: params.mode == "soft"
    shell: own
    become: root
    run: own
    env: { PW: secrets.pw }
    answers: [{ prompt: 'key (?<key>.+)', answer: peer.key }]
    timeout: 2d
    statuses: [0, 3]
    read: regex
    pattern: '(?<lag>[0-9]+)'
    expect: match.lag != ""
    warn: [{ that: match.lag == "0", else: It lags. }]
    capture: { lag: { value: int(match.lag), type: integer }, text: stdout }
    says: It lags by {{ match.lag }}.
    unless: { run: look, read: keys, expect: 'keys.a == "b"', saying: It is there }
    unreachable: It is gone
    unsafe: Hurts.
    undo: Undo it.
    retry: { forbidden: Call us. }
    advice: Look.
    accept: { endless: no }
  - id: S2
    title: Copy
    on: node
    copy: { from: old, path: vars.folder + "/a", to: '"/b"', owner: amp, mode: '640' }
    timeout: 1h
  - { id: S3, title: Copy, on: old, copy: { from: bot, path: '"p"', to: '"/p"' }, timeout: 1h }
  - id: S4
    title: Edit
    on: old
    edit: { path: '"/c"', set: { a.b: params.mode }, replace: [{ text: roles.old, with: params.host }] }
    timeout: 1m
  - id: S5
    title: Ask
    on: any node
    http: { url: '"http://x"', user: '"u"', password: secrets.pw, form: { a: params.mode }, headers: { X-Y: '"z"' }, follow: true, insecure: true }
    timeout: 1m
    gate: Sure?
    until: { http: { url: '"http://y"' }, read: json, expect: json == 1, every: 1s, growing_to: 1m, within: 2d, waiting: it }
    unless: { http: { url: '"http://z"' }, expect: 'false', saying: never }
  - { id: S6, title: Look, on: any node, run: look, timeout: 1s, read_only: true }
  - { id: S7, title: Chain, on: old, use: outer, env: { C: '"own"' } }
  - { manual: Do it., title: By you, exchanges: old, id: M1 }
  - { confirm: 'Is it?', second: Because. }
  - phase: down
    unsafe: Stops.
    when: params.size > 2
    steps:
      - { group: g, when: hosts.size() > 1 }
shared:
  outer: { use: inner, timeout: 2m, env: { B: '"outer"', C: '"outer"' } }
  inner: { run: inner, timeout: 1m, env: { A: '"inner"', B: '"inner"' } }
groups:
  g: { steps: [{ id: G1, title: G, on: old, run: x, timeout: 1s, when: params.size < 9 }, { announce: hi }] }
`);
  const step = (id: string) => procedure.steps.find((each) => each.id === id);

  test('is built into what the engine runs', () => {
    expect(procedureSchema.parse(procedure)).toEqual(procedure);
    expect(procedure).toMatchSnapshot();
  });

  test('the request of each place has values of its own', () => {
    const asking = step('S5');
    if (asking?.kind !== 'command') throw new Error('no S5');
    expect(Object.keys(asking.env)).toEqual([
      ...['FOLDER', 'REQUEST_URL', 'REQUEST_USER', 'REQUEST_PASSWORD', 'REQUEST_FORM_1', 'REQUEST_HEADER_1', 'UNTIL_URL', 'UNLESS_URL'],
    ]);
    expect([asking.run, asking.until?.run, asking.unless?.run].every((run) => run?.includes('exec curl'))).toBe(true);
    expect(asking.run).toContain('--location --insecure');
  });

  test('a shared entry takes from another what it lacks', () => {
    expect(step('S7')).toMatchObject({ run: 'inner', timeoutSeconds: 120, env: { A: '"inner"', B: '"outer"', C: '"own"' } });
  });

  test('conditions around a step are its own too', () => {
    expect(step('G1')).toMatchObject({
      when: '(params.size > 2) && (hosts.size() > 1) && (params.size < 9)',
      phase: 'down',
      safety: { kind: 'unsafe', why: 'Stops.' },
    });
    expect(step('announce-1')).toMatchObject({ when: '(params.size > 2) && (hosts.size() > 1)' });
  });
});

describe('hostile files', () => {
  const nine = (name: string) => Array.from({ length: 9 }, () => `*${name}`).join(', ');
  const bomb = ['a: &a [x]', ...'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${nine('abcdefg'[index] ?? 'a')}]`)].join(
    '\n',
  );

  test.each([
    ['aliases that unfold without end', bomb],
    ['an alias inside its own anchor', 'a: &x [*x]'],
    ['a file beyond 1 MiB', `a: ${'x'.repeat(1024 * 1024)}`],
    ['lists nested very deep', '['.repeat(100_000)],
    ['a member named __proto__', '__proto__: { polluted: true }\nprocedure: p'],
  ])('%s are findings', (_title, text) => {
    for (const result of [parseProcedure(text, 'f'), parseCluster(text, 'f')]) expect(result.kind).toBe('bad');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('no text whatever makes the parsers throw', () => {
    const lines = fc.array(fc.constantFrom(...restart.split('\n')), { maxLength: 60 }).map((some) => some.join('\n'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), lines), (text) => {
        return ['ok', 'bad'].includes(parseProcedure(text, 'f').kind) && ['ok', 'bad'].includes(parseCluster(text, 'f').kind);
      }),
    );
  });

  test('a damaged shipped file gives findings inside it', () => {
    const count = restart.split('\n').length;
    fc.assert(
      fc.property(fc.nat(restart.length - 1), fc.nat(40), fc.string({ maxLength: 5 }), (at, length, put) => {
        const text = restart.slice(0, at) + put + restart.slice(at + length);
        const result = parseProcedure(text, 'f');
        return result.kind === 'ok' || result.findings.every(({ line, column }) => line >= 1 && line <= count + 5 && column >= 1);
      }),
    );
  });
});
