/**
 * A secret as it is stored: AES-256-GCM under a key of this installation, with its owner's id as additional data. Whoever can write to Redis can
 * neither read it, nor make one, nor put one person's in the place of another's.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

const FORM = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes. */
export function sealSecret(key: Buffer, user: string, secret: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(ownerOf(user));
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return `${FORM}.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
}

const sealedSchema = z.string().regex(/^v1\.[A-Za-z0-9+/]{39,}={0,2}$/);

/** Undefined: it was altered, is another person's, or was sealed with another key; which of them cannot be told apart. */
export function openSecret(key: Buffer, user: string, sealed: string): Buffer | undefined {
  if (!sealedSchema.safeParse(sealed).success) return undefined;
  const bytes = Buffer.from(sealed.slice(FORM.length + 1), 'base64');
  const [iv, tag, text] = [
    bytes.subarray(0, IV_BYTES),
    bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES),
    bytes.subarray(IV_BYTES + TAG_BYTES),
  ];
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(ownerOf(user)).setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]);
  } catch {
    return undefined;
  }
}

function ownerOf(user: string): Buffer {
  return Buffer.from(`keyturn second factor of ${user}`, 'utf8');
}
