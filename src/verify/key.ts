/** Whether a key is the one that people mean. Pure. */
import { createHash } from 'node:crypto';

/** Whether a key is the one that somebody named: by its base64, or by the beginning of its fingerprint's full digest (16 digits or more). */
export function isKey(key: string, named: string): boolean {
  if (key === named) return true;
  const digits = named.toLowerCase().replaceAll(/[\s:]/g, '');
  return /^[0-9a-f]{16,64}$/.test(digits) && createHash('sha256').update(Buffer.from(key, 'base64')).digest('hex').startsWith(digits);
}
