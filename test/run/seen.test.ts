import { seenIn } from '../../src/run/seen.ts';

test.each([
  ['admin.password=hunter2\nport=1\n', 'admin.password=‹not shown›'],
  ['url=jdbc:x://app:hunter2@db/x\n', 'url=jdbc:x://app:‹not shown›@db/x'],
  ['password reset is not needed', 'password reset is not needed'],
  ['the leader is node-1', 'the leader is node-1'],
  ['', 'nothing was printed'],
])('of what began with %j people see %s', (stdout, seen) => {
  expect(seenIn({ stdout, keys: {} })).toBe(seen);
});
