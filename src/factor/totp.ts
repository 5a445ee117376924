/** Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, six digits, steps of 30 seconds. Pure but for randomness. */
import { Secret, TOTP } from 'otpauth';

const STEP_SECONDS = 30;
/** Steps before and after the present one that are taken too: a phone's clock is off by some seconds, and typing takes some (RFC 6238, 5.2). */
const WINDOW = 1;
/** RFC 4226, section 4: 160 bits are recommended. */
const SECRET_BYTES = 20;

export function newSecret(): Buffer {
  return Buffer.from(new Secret({ size: SECRET_BYTES }).bytes);
}

/** The time step that the code belongs to, of those that count at `at` (milliseconds since 1970); undefined: it is the code of none of them. */
export function stepOf(secret: Buffer, code: string, at: number): number | undefined {
  if (!/^[0-9]{6}$/.test(code)) return undefined;
  const delta = totp(secret).validate({ token: code, timestamp: at, window: WINDOW });
  return delta === null ? undefined : Math.floor(at / (STEP_SECONDS * 1_000)) + delta;
}

/** The code that an app shows at `at`. */
export function codeAt(secret: Buffer, at: number): string {
  return totp(secret).generate({ timestamp: at });
}

/** What a QR code holds for an app. It is the secret. */
export function uriOf(secret: Buffer, user: string): string {
  return totp(secret, user).toString();
}

function totp(secret: Buffer, label = ''): TOTP {
  // Bytes of their own: a small Buffer is a window into a pool that others use.
  const bytes = new Secret({ buffer: Uint8Array.from(secret).buffer });
  return new TOTP({ issuer: 'Keyturn', label, secret: bytes, algorithm: 'SHA1', digits: 6, period: STEP_SECONDS });
}
