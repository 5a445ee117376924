/**
 * Signatures of this installation: Ed25519 (RFC 8032), from a key that is made from the installation's secret. Whoever has the public key can check a
 * head without Redis, without Slack, and without being able to make one. The same statement always has the same signature.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/** `key`: the public key, 32 bytes in base64. `value`: the signature, 64 bytes in base64. */
export type Signature = { readonly key: string; readonly value: string };

export type Signer = {
  /** The public key, 32 bytes in base64. */
  readonly key: string;
  readonly sign: (statement: string) => Signature;
};

/** DER of a PKCS #8 private key and of a public key, without the 32 bytes that follow (RFC 8410, section 7 and 4). */
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

/** `secret`: 32 bytes, the installation's key for the purpose `signature`. */
export function createSigner(secret: Buffer): Signer {
  if (secret.length !== 32) throw new Error('a signer needs a key of 32 bytes');
  const privateKey = createPrivateKey({ key: Buffer.concat([PRIVATE, secret]), format: 'der', type: 'pkcs8' });
  const key = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(PUBLIC.length).toString('base64');
  return { key, sign: (statement) => ({ key, value: sign(null, Buffer.from(statement), privateKey).toString('base64') }) };
}

/** Whether the holder of this public key has signed this statement. False also for what is no key or no signature. */
export function isSigned(statement: string, { key, value }: Signature): boolean {
  const raw = Buffer.from(key, 'base64');
  if (raw.length !== 32) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC, raw]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(statement), publicKey, Buffer.from(value, 'base64'));
  } catch {
    return false;
  }
}

/** What is signed of a journal: where it ends. The hash covers everything before. */
export function headStatement(run: string, { seq, hash }: { readonly seq: number; readonly hash: string }): string {
  return `keyturn journal ${run} ${seq} ${hash}`;
}

/** What is signed of what came after the end of a run, as one export holds it: all of it, in its order. */
export function afterwardsStatement(run: string, entries: readonly { readonly hash: string }[]): string {
  const hashes = entries.map(({ hash }) => hash).join('\n');
  return `keyturn afterwards ${run} ${entries.length} ${createHash('sha256').update(hashes).digest('hex')}`;
}

/** What is signed of the file of a period: a digest of what stands in it (export/period-head.ts). */
export function periodStatement(digest: string): string {
  return `keyturn period ${digest}`;
}

/** A public key as people compare it: the first 16 hex digits of the SHA-256 of the raw key. */
export function fingerprintOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

/** Where a journal ended, signed. */
export type SignedHead = { readonly seq: number; readonly hash: string; readonly signature: Signature };
