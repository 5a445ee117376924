import fc from 'fast-check';
import type { Input, ValueType } from '../../src/procedure/model.ts';
import { checkInputs } from '../../src/procedure/params.ts';

const hosts = [
  { name: 'engine-01', aliases: ['e1.example'], address: '192.0.2.1', roles: ['engine'] },
  { name: 'coord-01', aliases: [], address: '192.0.2.2', roles: ['coordinator'] },
];
const input = (value: ValueType, more: Partial<Input> = {}): Input => ({ value, title: 'It', required: true, ...more });
const check = (value: ValueType, text: string) => {
  const result = checkInputs({ x: input(value) }, { x: text }, { hosts });
  return result.kind === 'ok' ? result.values.x : (result.problems[0]?.message ?? '');
};

const text: ValueType = { type: 'text', maxLength: 10 };

test.each<[ValueType, string, string]>([
  [text, 'hello', 'hello'],
  [{ type: 'text', pattern: 'a|b', maxLength: 10 }, 'b', 'b'],
  [{ type: 'enum', values: ['soft', 'hard'] }, 'hard', 'hard'],
  [{ type: 'host' }, 'E1.example:22', 'engine-01'],
  [{ type: 'host', role: 'engine' }, 'ENGINE-01', 'engine-01'],
  [{ type: 'version' }, '2024.1.3-rc1', '2024.1.3-rc1'],
  [{ type: 'version' }, 'VR7', 'VR7'],
  [{ type: 'path' }, '/opt/a b/c..d', '/opt/a b/c..d'],
  [{ type: 'integer', min: 1, max: 5 }, '5', '5'],
])('%j accepts %s', (type, given, value) => {
  expect(check(type, given)).toBe(value);
});

test.each<[ValueType, string, string]>([
  [text, '', 'x must not be empty; given was ""'],
  [text, '-rf', 'x must not begin with a dash (a program would take it for an option); given was "-rf"'],
  [text, 'a\nb', 'x must be on one line and without invisible or control characters; given was "a\\nb"'],
  [text, 'a\u0000', 'x must be on one line and without invisible or control characters; given was "a\\u0000"'],
  [text, 'a\u202eb', 'x must be on one line and without invisible or control characters; given was "a\u202eb"'],
  [text, 'a\u200bb', 'x must be on one line and without invisible or control characters; given was "a\u200bb"'],
  [text, 'a\u3164b', 'x must be on one line and without invisible or control characters; given was "a\u3164b"'],
  [text, 'a\ue000b', 'x must be on one line and without invisible or control characters; given was "a\ue000b"'],
  [text, 'a\ud800', 'x must be on one line and without invisible or control characters; given was "a\\ud800"'],
  [text, 'much too long', 'x must have at most 10 characters, but has 13; given was "much too long"'],
  [{ type: 'text', pattern: 'a|b', maxLength: 10 }, 'ab', 'x must match the pattern a|b; given was "ab"'],
  [{ type: 'enum', values: ['soft', 'hard'] }, 'sotf', 'x must be one of soft, hard; did you mean "soft"?; given was "sotf"'],
  [{ type: 'host' }, 'engine-1', 'x must be a host of the cluster (engine-01, coord-01); did you mean "engine-01"?; given was "engine-1"'],
  [{ type: 'host', role: 'engine' }, 'coord-01', 'x must be a host in the role engine (engine-01); given was "coord-01"'],
  [{ type: 'version' }, 'latest', 'x must be a version such as 2024.1.3 or VR7; given was "latest"'],
  [{ type: 'version' }, '1;reboot', 'x must be a version such as 2024.1.3 or VR7; given was "1;reboot"'],
  [{ type: 'path' }, 'opt', 'x must be an absolute path, beginning with /; given was "opt"'],
  [{ type: 'path' }, '/opt/../etc', 'x must not contain ..; given was "/opt/../etc"'],
  [{ type: 'integer' }, '1e3', 'x must be a whole number in digits; given was "1e3"'],
  [{ type: 'integer' }, '007', 'x must be a whole number in digits; given was "007"'],
  [{ type: 'integer', min: 1, max: 5 }, '0', 'x must be at least 1; given was "0"'],
  [{ type: 'integer', min: 1, max: 5 }, '6', 'x must be at most 5; given was "6"'],
])('%j refuses %j', (type, given, message) => {
  expect(check(type, given)).toBe(message);
});

const HOSTILE = {
  quotes: `a"b'c\`d`,
  substitution: '$(reboot)',
  separators: 'a; reboot && true | cat',
  newline: 'engine-01\nreboot',
  carriageReturn: 'engine-01\rreboot',
  nul: 'engine-01\u0000',
  dash: '--help',
  lookAlike: 'engin\u0435-01',
  hyphenLookAlike: 'engine\u201001',
  fullWidth: '\uff11\uff12',
  turned: '/opt\u202e/x',
  long: 'x'.repeat(100_000),
  longPath: `/${'x'.repeat(100_000)}`,
  longNumber: '9'.repeat(100_000),
} as const;

/** What may pass, and then exactly as it was typed; everything else is refused with the rule. */
const PASSES: Readonly<Record<string, readonly (keyof typeof HOSTILE)[]>> = {
  text: ['quotes', 'substitution', 'separators', 'lookAlike', 'hyphenLookAlike', 'fullWidth'],
  enum: [],
  host: [],
  version: [],
  path: [],
  integer: [],
};

const EVERY: readonly ValueType[] = [
  { type: 'text', maxLength: 1_000 },
  { type: 'enum', values: ['soft', 'hard'] },
  { type: 'host' },
  { type: 'version' },
  { type: 'path' },
  { type: 'integer' },
];

test.each(EVERY.flatMap((type) => Object.entries(HOSTILE).map(([name, value]) => [type.type, name, type, value] as const)))(
  '%s meets %s: refused with its rule, or passed exactly',
  (kind, name, type, value) => {
    const result = checkInputs({ x: input(type) }, { x: value }, { hosts });
    if (PASSES[kind]?.some((each) => each === name)) {
      expect(result).toEqual({ kind: 'ok', values: { x: value } });
      return;
    }
    expect(result.kind).toBe('bad');
    const message = result.kind === 'bad' ? (result.problems[0]?.message ?? '') : '';
    expect(message).toMatch(/^x must /);
    expect(message.length).toBeLessThan(600);
  },
);

describe('the inputs together', () => {
  const inputs = { from: input(text), mode: input(text, { default: 'soft', required: false }), note: input(text, { required: false }) };

  test('defaults are filled in, optional ones are empty', () => {
    expect(checkInputs(inputs, { from: 'a' }, { hosts })).toEqual({ kind: 'ok', values: { from: 'a', mode: 'soft', note: '' } });
  });

  test('all problems are said at once, with suggestions', () => {
    const result = checkInputs(inputs, { form: 'a', mode: '-x' }, { hosts });
    expect(result.kind === 'bad' && result.problems.map(({ message }) => message)).toEqual([
      'there is no "form"; did you mean "from"?',
      'from is missing (It)',
      'mode must not begin with a dash (a program would take it for an option); given was "-x"',
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is no input by inheritance', (name) => {
    expect(checkInputs(inputs, { from: 'a', [name]: 'x' }, { hosts }).kind).toBe('bad');
  });
});

test('what is accepted never begins with a dash or breaks a line', () => {
  const types: readonly ValueType[] = [text, { type: 'version' }, { type: 'path' }, { type: 'integer' }, { type: 'host' }];
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (type, given) => {
      const result = checkInputs({ x: input(type) }, { x: given }, { hosts });
      return result.kind === 'bad' || /^[^-\p{Cc}\p{Cf}][^\p{Cc}\p{Cf}]*$/u.test(result.values.x ?? '-');
    }),
  );
});
