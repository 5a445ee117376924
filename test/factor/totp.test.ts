/** Codes as RFC 6238 has them, and secrets as they are stored. */
import { randomBytes } from 'node:crypto';
import { openSecret, sealSecret } from '../../src/factor/sealed.ts';
import { codeAt, newSecret, stepOf, uriOf } from '../../src/factor/totp.ts';
import { codeIn } from '../../src/factor/verdict.ts';

/** RFC 6238, appendix B: the secret of the SHA-1 vectors; its codes have eight digits, of which ours are the last six. */
const RFC = Buffer.from('12345678901234567890', 'ascii');

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('the vector of RFC 6238 at %i s', (seconds, code) => {
  expect(codeAt(RFC, seconds * 1_000)).toBe(code.slice(2));
  expect(stepOf(RFC, code.slice(2), seconds * 1_000)).toBe(Math.floor(seconds / 30));
});

describe('the window', () => {
  const now = 1_790_000_000_000;
  const at = (steps: number): string => codeAt(RFC, now + steps * 30_000);
  const step = Math.floor(now / 30_000);

  test.each([-1, 0, 1])('a clock that is %i steps off is taken', (off) => {
    expect(stepOf(RFC, at(off), now)).toBe(step + off);
  });
  test.each([-3, -2, 2, 3])('a clock that is %i steps off is not', (off) => {
    expect(stepOf(RFC, at(off), now)).toBeUndefined();
  });
  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '12345é'])('“%s” is no code', (text) => {
    expect(stepOf(RFC, text, now)).toBeUndefined();
  });
});

test('blanks as apps show them do not count', () => {
  expect(['123 456', ' 123456\n', '12 34 56', '12345', '123-456', '1234567'].map(codeIn)).toEqual([
    '123456',
    '123456',
    '123456',
    undefined,
    undefined,
    undefined,
  ]);
});

test('an app reads the same secret out of the address', () => {
  const secret = newSecret();
  const uri = new URL(uriOf(secret, 'U0DANA0001'));
  expect(uri.href).toMatch(/^otpauth:\/\/totp\/Keyturn:U0DANA0001\?/);
  expect(Object.fromEntries(uri.searchParams)).toMatchObject({ issuer: 'Keyturn', algorithm: 'SHA1', digits: '6', period: '30' });
  expect(decodeBase32(uri.searchParams.get('secret') ?? '')).toEqual(secret);
  expect(secret).toHaveLength(20);
  expect(newSecret()).not.toEqual(secret);
});

/** RFC 4648, written here a second time so that the library is not compared with itself. */
function decodeBase32(text: string): Buffer {
  const bits = [...text].map((each) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(each).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

describe('a stored secret', () => {
  const key = randomBytes(32);
  const secret = newSecret();
  const sealed = sealSecret(key, 'U0DANA0001', secret);

  test('opens for its owner with the key of the installation', () => {
    expect(openSecret(key, 'U0DANA0001', sealed)).toEqual(secret);
    expect(sealed).not.toContain(secret.toString('base64').slice(0, 8));
    expect(sealSecret(key, 'U0DANA0001', secret)).not.toBe(sealed);
  });
  test('does not open for another person', () => {
    expect(openSecret(key, 'U0SAM00001', sealed)).toBeUndefined();
  });
  test('does not open with another key', () => {
    expect(openSecret(randomBytes(32), 'U0DANA0001', sealed)).toBeUndefined();
  });
  test('does not open when any byte was altered', () => {
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    for (let place = 0; place < bytes.length; place += 1) {
      const altered = Buffer.from(bytes);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(openSecret(key, 'U0DANA0001', `v1.${altered.toString('base64')}`)).toBeUndefined();
    }
  });
  test.each(['', 'v1.', 'v2.AAAA', 'v1.AAAA', 'nonsense'])('“%s” does not open', (text) => {
    expect(openSecret(key, 'U0DANA0001', text)).toBeUndefined();
  });
});
