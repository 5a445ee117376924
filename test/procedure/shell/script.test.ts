import fc from 'fast-check';
import type { Command } from '../../../src/procedure/shell/model.ts';
import { everyCommand, readScript } from '../../../src/procedure/shell/script.ts';

/** Program and arguments, what is assigned, where it goes and how it ends, in one line. */
function told({ words, assignments, redirects, end }: Command): string {
  const parts = [
    ...assignments.map(({ name, value }) => `${name}=${value.text}`),
    ...words.map(({ text }) => text),
    ...redirects.map(({ sign, target, body }) => `${sign}${target.text}${body === undefined ? '' : `{${body.text}}`}`),
  ];
  return `${parts.join(' ')} ${JSON.stringify(end).slice(1, -1)}`;
}

test.each([
  ['a b; c && d || e | f &', ['a b ;', 'c &&', 'd ||', 'e |', 'f &']],
  ['a "b c" \'d e\' f\\ g', ['a b c d e f g end']],
  ['a "x\\"y" \'z"', ['a x"y z" end']],
  ['A=1 B="$C" run "$D"', ['A=1 B=$C run $D end']],
  ['a # b\nc#d', ['a \\n', 'c#d end']],
  ['a \\\n  b', ['a b end']],
  ['a > x 2>&1 >> "$Y" < z', ['a >x 2>&1 >>$Y <z end']],
  ['cat <<E >x\none $A\nE\nb', ['cat <<E{one $A} >x \\n', 'b end']],
  ["cat <<-'E'\n\tone $A\n\tE\nb", ['cat <<-E{\tone $A} \\n', 'b end']],
  ['a "$(b "$C" | d)" e', ['a $() e end', 'b $C |', 'd )']],
  ['a `b "\\$C"`', ['a $() end', 'b $C end']],
  ['if a; then b; else c; fi', ['a ;', 'b ;', 'c ;']],
  ['while a; do b; done > x', ['a ;', 'b ;']],
  ['for x in 1 2; do a; done', ['for x in 1 2 ;', 'a ;']],
  ['case $1 in\n  stop|kill) a;;\n  (*) b\nesac; c', ['case $1 in ;', 'a ;;', 'b \\n', 'c end']],
  ['stop() { a; }; (b); { c; }', ['a ;', 'b )', 'c ;']],
  ['echo $((1 + $A)) $# $? "$"', ['echo $() $# $? $ end']],
  ['! a', ['a end']],
  ['a "unclosed', ['a unclosed end']],
  [')', []],
])('%j is read as %j', (text, commands) => {
  expect(everyCommand(readScript(text).commands).map(told)).toEqual(commands);
});

test('each expansion tells whether it gives the value', () => {
  const [command] = readScript(`a "$A\${B}" \${#C} \${D:+x} \${E:-$F} \${G%%x} '$H' \\$I`).commands;
  expect(command?.words.flatMap(({ expansions }) => expansions.map(({ name, as }) => `${name} ${as}`))).toEqual([
    ...['A value', 'B value', 'C length', 'D presence', 'E fallback', 'F value', 'G value'],
  ]);
});

test('what follows a compound command is its own', () => {
  const { commands, compounds, functions } = readScript('f() { a; }; { b; (c) | d; } > x 2>&1 | e; while true; do g; done');
  expect(compounds.map(({ kind, from, body, to, redirects, end }) => [kind, from, body, to, redirects.length, end])).toEqual([
    ['{', 0, 0, 1, 0, ';'],
    ['{', 1, 1, 4, 2, '|'],
    ['(', 2, 2, 3, 0, '|'],
    ['while', 5, 6, 7, 0, 'end'],
  ]);
  expect(commands[2]?.around.map(({ kind }) => kind)).toEqual(['{', '(']);
  expect(functions).toEqual(['f']);
});

test('no text whatever makes it throw or stand still', () => {
  const piece = fc.constantFrom(
    ...'$(){}[]`\'"\\#;&|<>=! \n\tabE'.split(''),
    'if ',
    'fi ',
    'case x in ',
    'esac ',
    'do ',
    'done ',
    '<<E\n',
    '$((',
    '${',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(piece, { maxLength: 60 }).map((some) => some.join('')),
      ),
      (text) => {
        return Array.isArray(everyCommand(readScript(text).commands));
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each(['$(', '`', '"', '${A:-', '(', '{ ', 'if ', 'case x in ', '<<E\n', '\\', '$', 'a|'])(
  'a hundred thousand of %j are read',
  (piece) => {
    expect(readScript(piece.repeat(100_000 / piece.length)).commands.length).toBeGreaterThanOrEqual(0);
  },
);
