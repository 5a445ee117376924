/**
 * Takes what was built down again, part after part.
 *
 * 1. A part that fails or hangs does not keep the others from ending.
 * 2. It ends within a minute, whatever hangs (`STOP_MS`, and a second for each part that comes after): infra/systemd/keyturn.service counts on it.
 */
import type { Logger } from 'pino';
import type { Release } from './base.ts';
import { explain } from './errors.ts';

/** Longer than any part takes that works: handlers get ten seconds to end, and as long again to heed their signal. */
const RELEASE_MS = 25_000;
export const STOP_MS = 45_000;
const LEAST_MS = 1_000;

const LIMITS = { each: RELEASE_MS, all: STOP_MS, least: LEAST_MS };

/** In the order given. Never rejects. `limits`: milliseconds for one part, for all of them, and for each that comes after that. */
export async function releaseAll(releases: readonly Release[], log: Logger, limits = LIMITS): Promise<void> {
  const end = performance.now() + limits.all;
  for (const release of releases) await inTime(release, Math.min(limits.each, Math.max(limits.least, end - performance.now())), log);
}

async function inTime(release: Release, limitMs: number, log: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'late');
  });
  try {
    // Also for a part that throws before it waits for anything.
    const ended = await Promise.race([Promise.resolve().then(release), late]);
    if (ended === 'late')
      log.warn({ afterMs: Math.round(limitMs) }, 'a part of Keyturn did not end in time; it is left behind, and the process ends');
  } catch (error) {
    log.warn({ reason: explain(error) }, 'a part of Keyturn could not be ended in order; the others are');
  } finally {
    clearTimeout(timer);
  }
}
