import fc from 'fast-check';
import { comparisonsOf, conjunctsOf } from '../../src/procedure/comparisons.ts';
import {
  compile,
  evaluate,
  evaluateText,
  evaluateTruth,
  evaluator,
  fill,
  functions,
  placeholders,
  roots,
  syntaxOf,
} from '../../src/procedure/expression.ts';

const rows = [
  { member: 'engine-01', role: 'Leader', state: 'running', tl: 3, lag: null },
  { member: 'engine-02', role: 'Replica', state: 'stopped', tl: 3, lag: 0 },
];
const context = { rows, status: 0, params: { mode: 'soft', size: 3 }, json: { ratio: 2.5, big: 2 ** 60 }, keys: { 'a.b': 'c' } };
const around = { hosts: [{ name: 'engine-01', aliases: ['e1.example'], address: '192.0.2.1', roles: ['engine'] }] };

describe('evaluate', () => {
  test.each([
    ['status == 0', true],
    ['status + 1', 1],
    ['params.size * 2', 6],
    ['json.ratio > 2', true],
    ['9007199254740993', '9007199254740993'],
    ['rows.size()', 2],
    ['only(rows.filter(r, r.role == "Leader")).member', 'engine-01'],
    ['rows.map(r, r.member)', ['engine-01', 'engine-02']],
    ['rows.filter(r, r.lag == 0).size()', 1],
    ['known("E1.example:10520")', true],
    ['known("192.0.2.1")', true],
    ['known("engine-02")', false],
    ['host_named("E1.example:10520").name', 'engine-01'],
    ['"engine" in host_named("engine-01").roles', true],
    ['at_least("2021.4.1", "2020.4")', true],
    ['at_least("2020.4", "2020.4")', true],
    ['at_least("2020.3.9", "2020.4")', false],
    ['at_least("2020.10", "2020.9")', true],
    ['at_least("VR7", "2020.4")', false],
    ['at_least(params.size, 3)', true],
    ['keys["a.b"]', 'c'],
    ['{"a": [1, "x"]}', { a: [1, 'x'] }],
  ])('%s gives its plain value', (text, value) => {
    expect(evaluate(text, context, around)).toEqual({ kind: 'value', value });
  });

  test.each([
    ['only(rows).member', '`only(rows).member`: exactly one was wanted, but there are 2'],
    ['only(rows.filter(r, r.role == "x"))', '`only(rows.filter(r, r.role == "x"))`: exactly one was wanted, but there is none'],
    ['params.nope', '`params.nope`: there is no nope'],
    ['params.__proto__', '`params.__proto__`: there is no __proto__'],
    ['rows.constructor', '`rows.constructor`: there is no constructor'],
    ['host_named("engine-02").name', '`host_named("engine-02").name`: the cluster has no host engine-02'],
    ['host_named(3)', '`host_named(3)`: the cluster has no host 3'],
    ['at_least("new", "2020.4")', '`at_least("new", "2020.4")`: new or 2020.4 is no version'],
    ['nope', '`nope`: there is no nope here'],
    ['rows[7]', '`rows[7]`: the list has fewer entries than that'],
    ['1 / 0', '`1 / 0`: division by zero'],
    ['params.mode + 1', '`params.mode + 1`: values of different kinds cannot be combined (dyn<string> + int)'],
    ['duration("5m")', 'it gives a value of a kind that has no use here (a time, bytes or a type)'],
  ])('%s fails in plain words', (text, why) => {
    expect(evaluate(text, context, around)).toEqual({ kind: 'failed', why });
  });

  test('no host is known without an inventory', () => {
    expect(evaluateTruth('known("engine-01")', context)).toEqual({ kind: 'value', value: false });
  });

  test('text and truth refuse values of other kinds', () => {
    expect(evaluateText('status', context)).toEqual({ kind: 'value', value: '0' });
    expect(evaluateText('rows', context)).toEqual({ kind: 'failed', why: '`rows` must give text, but gives a list' });
    expect(evaluateTruth('status', context)).toEqual({ kind: 'failed', why: '`status` must be true or false, but gives 0' });
    expect(evaluateTruth('"true"', context)).toEqual({ kind: 'failed', why: '`"true"` must be true or false, but gives true' });
  });

  test('members named __proto__ are ordinary members', () => {
    const json: unknown = JSON.parse('{"__proto__": {"evil": 1}}');
    expect(evaluate('json["__proto__"].evil', { json })).toEqual({ kind: 'value', value: 1 });
    expect(evaluate('json.evil', { json })).toMatchObject({ kind: 'failed' });
  });
});

describe('references', () => {
  test.each([
    ['rows.filter(r, r.x == host.name).map(q, params.y)[0].z', ['rows', 'host', 'params']],
    ['cel.bind(t, rows, t.size() > 0) && params["x"] == {"a": b}.a', ['rows', 'params', 'b']],
    ['rows.exists(r, services.exists(s, s.name == r.name))', ['rows', 'services']],
    ['r.all(r, r.x) || r.y', ['r']],
    ['a ? -b : !c', ['a', 'b', 'c']],
    ['"text"', []],
    ['not an expression', []],
  ])('%s speaks of %j', (text, expected) => {
    expect(roots(text)).toEqual(expected);
  });

  test('a member read by name is told apart from the root', () => {
    expect(compile('params["from"] == vars.to')).toEqual({
      kind: 'ok',
      type: 'bool',
      references: [
        { root: 'params', member: 'from' },
        { root: 'vars', member: 'to' },
      ],
    });
  });
});

describe('comparisons', () => {
  const told = (text: string) => {
    const syntax = syntaxOf(text);
    return syntax === undefined ? undefined : comparisonsOf(syntax).map(({ root, member, values }) => `${root}.${member} ${values}`);
  };

  test.each([
    ['params.mode == "a" || "b" != params["mode"]', ['params.mode a', 'params.mode b']],
    ['rows.exists(r, !(params.x in ["a", "b"]) ? true : -1 < 2)', ['params.x a,b']],
    ['{"k": params.a == "x"}.k && [vars.b == "y"][0] && size(params.c == "z" ? "q" : "")', ['params.a x', 'vars.b y', 'params.c z']],
    ['params.a == 3 && params.a.b == "x" && params == "y" && 1 in [1]', []],
  ])('%s compares %j', (text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  test('operands of && are told apart', () => {
    const syntax = syntaxOf('a && (b || c) && d && "x" == e');
    expect(syntax === undefined ? [] : conjunctsOf(syntax).map(({ op }) => op)).toEqual(['id', '||', 'id', '==']);
    expect(syntaxOf('a &&')).toBeUndefined();
  });
});

test('an evaluator gives the same for each context', () => {
  const holds = evaluator('params.n > 2');
  expect([1, 3].map((n) => holds({ params: { n } }))).toEqual([
    { kind: 'value', value: false },
    { kind: 'value', value: true },
  ]);
  expect(holds({})).toEqual({ kind: 'failed', why: '`params.n > 2`: there is no params here' });
});

describe('text for people', () => {
  test.each([
    ['On {{ params.mode }}.', 'On soft.'],
    ['{{rows.map(r, r.member)}}', 'engine-01, engine-02'],
    ['{{ rows.filter(r, false) }}', 'none'],
    ['{{ rows[0].lag }}', 'nothing'],
    ['{{ nope }}!', '‹`nope`: there is no nope here›!'],
    ['{ not } {{', '{ not } {{'],
    ['{{ params.mode }}{{ status }}', 'soft0'],
  ])('%s is filled in', (text, expected) => {
    expect(fill(text, context)).toBe(expected);
  });

  test('what was filled in is never filled in again', () => {
    expect(fill('{{ stdout }}', { stdout: '{{ status }}', status: 7 })).toBe('{{ status }}');
  });

  test('an open brace is noticed', () => {
    expect(placeholders('a {{ b }} {{ c')).toEqual({ expressions: ['b'], closed: false });
  });
});

test('every function of our own is there', () => {
  for (const name of functions) expect(compile(name === 'at_least' ? `${name}(a, b)` : `${name}(a)`).kind).toBe('ok');
});

test('no text whatever makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'rows.(){}[]"&|!?:,=<>+-*/% 01'.split('')) })),
      fc.json(),
      (text, json) => {
        const given: unknown = JSON.parse(json);
        compile(text);
        fill(`{{ ${text} }}`, { json: given });
        return ['value', 'failed'].includes(evaluate(text, { json: given, rows }).kind);
      },
    ),
  );
});
