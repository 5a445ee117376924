import { createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createSigner, headStatement, isSigned } from '../src/signature.ts';

const secret = Buffer.alloc(32, 7);
const head = { seq: 57, hash: 'a'.repeat(64) };

test('the same secret signs the same statement alike, and its own key proves it', () => {
  const signature = createSigner(secret).sign(headStatement('run7f3k2qxa', head));
  expect(createSigner(Buffer.from(secret)).sign(headStatement('run7f3k2qxa', head))).toEqual(signature);
  expect(isSigned(headStatement('run7f3k2qxa', head), signature)).toBe(true);
});

test('the vector of RFC 8032 gives the public key and signature named there', () => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const { key, value } = createSigner(seed).sign('');
  expect(Buffer.from(key, 'base64').toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(Buffer.from(value, 'base64').toString('hex')).toBe(
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  );
});

test.each([
  ['another run', headStatement('run7f3k2qxb', head)],
  ['a shorter journal', headStatement('run7f3k2qxa', { ...head, seq: 56 })],
  ['another event at the end', headStatement('run7f3k2qxa', { ...head, hash: 'b'.repeat(64) })],
])('a signature does not speak for %s', (_what, statement) => {
  expect(isSigned(statement, createSigner(secret).sign(headStatement('run7f3k2qxa', head)))).toBe(false);
});

test('another key, a cut signature and what is no key at all prove nothing', () => {
  const statement = headStatement('run7f3k2qxa', head);
  const { key, value } = createSigner(secret).sign(statement);
  expect(isSigned(statement, { key: createSigner(randomBytes(32)).key, value })).toBe(false);
  expect(isSigned(statement, { key, value: value.slice(0, 40) })).toBe(false);
  expect(isSigned(statement, { key: 'not a key', value })).toBe(false);
  expect(isSigned(statement, { key: Buffer.alloc(32).toString('base64'), value: '' })).toBe(false);
});

test('the public key is one that other programs read', () => {
  const { key, sign } = createSigner(secret);
  const statement = headStatement('run7f3k2qxa', head);
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key, 'base64').toString('base64url') },
    format: 'jwk',
  });
  expect(verify(null, Buffer.from(statement), publicKey, Buffer.from(sign(statement).value, 'base64'))).toBe(true);
  expect(() => createPrivateKey({ key: publicKey.export({ format: 'pem', type: 'spki' }), format: 'pem' })).toThrow();
});
