/** A public key as people compare it. Pure. */
import { createHash } from 'node:crypto';

/** The first 16 hex digits of the SHA-256 of the raw key; as the closing message in Slack shows it. */
export function fingerprintOf(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').slice(0, 16);
}

/** Whether a key is the one that somebody named: by its base64, or by the beginning of its fingerprint's full digest (16 digits or more). */
export function isKey(key: string, named: string): boolean {
  if (key === named) return true;
  const digits = named.toLowerCase().replaceAll(/[\s:]/g, '');
  return /^[0-9a-f]{16,64}$/.test(digits) && createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').startsWith(digits);
}
