import { execFileSync } from 'node:child_process';
import { secretMark } from '../../src/procedure/secret-mark.ts';
import { type Secret, sendable } from '../../src/run/send.ts';

const HOSTILE = [`'; echo "no`, '$(id) `id` \\ "', '-rf', 'line\nline', '', 'ünï ⟨x⟩', ' leading and trailing '];

test('a secret stands in its place and is to be masked', () => {
  const item = { script: 'x', env: { URL: `u:${secretMark('pass')}@h` } };
  expect(sendable(item, () => ({ kind: 'value', value: `p'w` }), ['pass', 'other'])).toEqual({
    kind: 'sent',
    sent: { script: 'x', env: { URL: `u:p'w@h` }, secrets: [`p'w`, `p'w`] },
  });
});

test('a secret that is not there stops the start', () => {
  const sending = sendable({ script: 'x', env: {} }, () => ({ kind: 'missing', why: 'it is empty' }), ['pass']);
  expect(sending).toEqual({ kind: 'blocked', why: 'it is empty', secrets: [] });
});

test('those that are there are masked in what has begun', () => {
  const secretOf = (name: string): Secret => (name === 'gone' ? { kind: 'missing', why: 'it is gone' } : { kind: 'value', value: name });
  const sending = sendable({ script: 'x', env: {} }, secretOf, ['one', 'gone', 'two']);
  expect(sending).toEqual({ kind: 'blocked', why: 'it is gone', secrets: ['one', 'two'] });
});

test.each(HOSTILE)('a product shell gets %j exactly', (value) => {
  const item = { script: `printf '<%s>' "$V"; exit 7`, env: { V: value }, shell: { name: 's', run: 'env -i PATH="$PATH" /bin/sh' } };
  const sending = sendable(item, () => ({ kind: 'missing', why: '' }), []);
  if (sending.kind === 'blocked') throw new Error(sending.why);
  const { script, env } = sending.sent;
  const shown = `${script.trimEnd()}; echo " $?"`;
  expect(execFileSync('/bin/sh', ['-c', shown], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8' })).toBe(`<${value}> 7\n`);
});

test('the command that opens a shell gets what it names', () => {
  const item = {
    script: 'echo "$V $(printenv P || echo none)"',
    env: { P: '/bin/sh', V: 'inside' },
    shell: { name: 's', run: 'env -i "$P"' },
  };
  const sending = sendable(item, () => ({ kind: 'missing', why: '' }), []);
  if (sending.kind === 'blocked') throw new Error(sending.why);
  const { script, env } = sending.sent;
  expect(Object.keys(env).sort()).toEqual(['KEYTURN_FEED', 'P']);
  expect(execFileSync('/bin/sh', ['-c', script], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8' })).toBe('inside /bin/sh\n');
});
