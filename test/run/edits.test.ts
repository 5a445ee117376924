import { difference, edited } from '../../src/run/edits.ts';

const none = { set: {}, replace: [] };
const replace = (text: string, by: string) => ({ ...none, replace: [{ text, with: by }] });

test.each<[string, string, Parameters<typeof edited>[1], string | RegExp]>([
  ['a name is replaced wherever it stands by itself', 'a: n-1:80\nb: "n-1"\n', replace('n-1', 'n-9'), 'a: n-9:80\nb: "n-9"\n'],
  ['a longer name is another name', 'n-10 old-n-1 n-1.example n-1\n', replace('n-1', 'x'), 'n-10 old-n-1 n-1.example x\n'],
  ['a full stop at the end belongs to the sentence', 'at n-1.\n', replace('n-1', 'x'), 'at x.\n'],
  ['what is put in is taken as it is', 'n-1\n', replace('n-1', '$& $1'), '$& $1\n'],
  ['a name with a dot matches only itself', 'nx1 n.1\n', replace('n.1', 'y'), 'nx1 y\n'],
  ['a text that stands nowhere is said', 'a\n', replace('b', 'c'), /"b" stands nowhere/],
  ['a setting gets its value', 'a = 1\nmode = AUTO\n', { ...none, set: { mode: 'MASTER' } }, 'a = 1\nmode = MASTER\n'],
  ['the writing of the line is kept', '  mode: AUTO\n', { ...none, set: { mode: 'MASTER' } }, '  mode: MASTER\n'],
  ['a missing setting is added at the end', 'a = 1', { ...none, set: { mode: 'MASTER' } }, 'a = 1\nmode = MASTER\n'],
  ['a comment is no setting', '# mode = x\n', { ...none, set: { mode: 'y' } }, '# mode = x\nmode = y\n'],
  ['a setting that stands twice is said', 'm = 1\nm = 2\n', { ...none, set: { m: '3' } }, /m is set twice/],
  ['a change that changes nothing is said', 'm = 1\n', { ...none, set: { m: '1' } }, /it is so already/],
])('%s', (_title, before, change, after) => {
  const result = edited(before, change);
  if (typeof after === 'string') expect(result).toEqual({ kind: 'edited', text: after });
  else expect(result).toEqual({ kind: 'failed', why: expect.stringMatching(after) });
});

test('the difference shows the changed lines with their neighbours', () => {
  expect(difference('/etc/x.conf', 'a\nb\nc\n', 'a\nB\nc\n')).toBe(
    '--- /etc/x.conf\tas it is\n+++ /etc/x.conf\tas it will be\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n',
  );
});

test.each([
  ['db.password = hunter2', 'db.password = ‹not shown›'],
  ['export DB_PASSWD=hunter2', 'export DB_PASSWD=‹not shown›'],
  ['  "apiKey": "hunter2",', '  "apiKey": ‹not shown›'],
  ['brooklyn.webconsole.security.user.admin.password=hunter2', 'brooklyn.webconsole.security.user.admin.password=‹not shown›'],
  ['encryption-key: hunter2', 'encryption-key: ‹not shown›'],
  ['requirepass hunter2', 'requirepass ‹not shown›'],
  ['url = jdbc:x://app:hunter2@db.example/x', 'url = jdbc:x://app:‹not shown›@db.example/x'],
  ['password =', 'password ='],
  ['# the token is in the other file', '# the token is in the other file'],
])('beside a change %s is shown as %s', (line, shown) => {
  expect(difference('/x', `a\n${line}\nb\n`, `A\n${line}\nb\n`)).toContain(`-a\n+A\n ${shown}\n b\n`);
});

test('what is put in is shown, and what it replaces is not', () => {
  const now = 'token = hunter2\nurl = https://u:hunter2@old\n';
  const then = 'token = none\nurl = https://u:hunter2@new\n';
  const shown = difference('/x', now, then);
  expect(shown).toContain('-token = ‹not shown›\n-url = https://u:‹not shown›@old\n+token = none\n+url = https://u:‹not shown›@new\n');
});
