import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseCluster } from '../../src/inventory/parse.ts';
import { type Procedure, procedureSchema } from '../../src/procedure/model.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';

function parsed(text: string): Procedure {
  const result = parseProcedure(text, 'f.yaml');
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
    expect(parsed(`# another comment\n${restart}\n\n`).hash).toBe(parsed(restart).hash);
  });

  test.each([
    ['a script', 'bin/atscale_stop', 'bin/atscale_stopp'],
    ['a reason', 'Stops all queries', 'Stops queries'],
    ['a time limit', 'within: 5m', 'within: 6m'],
    ['the order', 'S4', 'S44'],
  ])('%s changes it', (_what, from, to) => {
    expect(parsed(restart.replace(from, to)).hash).not.toBe(parsed(restart).hash);
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
