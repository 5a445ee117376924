import { missingNames, pastedValue } from '../../src/procedure/script.ts';

test.each([
  ['"$ATSCALE_HOME"/bin/x', ['ATSCALE_HOME']],
  [`echo \${A} "\${B}/$C" $1 $? $$ $# $@`, ['A', 'B', 'C']],
  ["awk '{ print $NF }' | sed 's/$X/y/'", []],
  ['echo "it\'s $A"', ['A']],
  ['echo "$(awk \'{ print $NF }\' "$FILE")" $B', ['B', 'FILE']],
  ["cat <<'E'\n$A\nE\ncat <<E\n$B\nE", ['B']],
  ['cat <"$A" >"$B"; X="$C"', ['A', 'B', 'C']],
  ['for A in x; do read -r B C; local D=1; done; echo $A $B $C $D $x', ['x']],
  ['case $A in b) echo `echo $C`;; esac', ['A', 'C']],
  ['A=1; for f in *; do echo "$f $A"; done; read -r x y; echo $x$y', []],
  ['export A=1 && echo $A', []],
  [`echo \${A:-no} \${B-} \${C:?say} \${#D}`, []],
  ['echo \\$A "\\$B" # $C', []],
  ['echo a#$A', ['A']],
  ['cd "$HOME" && echo $PATH $USER', []],
  ["echo 'unclosed $A", []],
  ['echo "$A $A"', ['A']],
])('%j lacks %j', (script, names) => {
  expect(missingNames(script, [])).toEqual(names);
});

test('what is passed is not missing', () => {
  expect(missingNames('echo "$A$B"', ['A'])).toEqual(['B']);
});

test.each([
  ['rm {{ params.x }}', '{{ params.x }}'],
  ["docker ps --format '{{.Names}}'", undefined],
])('%j pastes %j', (script, pasted) => {
  expect(pastedValue(script)).toBe(pasted);
});
