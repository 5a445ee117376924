import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The seal of an entry: HMAC-SHA256 over its hash, in hex. The hash covers the content, the run, the place and all that came before, so a seal
 * that holds says that this installation wrote exactly this, there. Whoever writes to Redis without the key cannot make one.
 */
export type Sealer = {
  readonly seal: (hash: string) => string;
  readonly holds: (hash: string, seal: string | undefined) => boolean;
};

export function createSealer(key: Buffer): Sealer {
  if (key.length !== 32) throw new Error('a seal needs a key of 32 bytes');
  const seal = (hash: string): string => createHmac('sha256', key).update(hash).digest('hex');
  return {
    seal,
    holds: (hash, given) => given !== undefined && isSame(seal(hash), given),
  };
}

/** In the same time wherever they differ: a seal must not be found out digit by digit. */
function isSame(right: string, given: string): boolean {
  const [a, b] = [Buffer.from(right), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
