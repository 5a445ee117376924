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
const STOP_MS = 45_000;
const LEAST_MS = 1_000;

/** In the order given. Never rejects. `limits`: milliseconds for one part, and for all of them. */
export async function releaseAll(releases: readonly Release[], log: Logger, limits = { each: RELEASE_MS, all: STOP_MS }): Promise<void> {
  const end = performance.now() + limits.all;
  for (const release of releases) {
    const left = Math.max(Math.min(LEAST_MS, limits.each), end - performance.now());
    await inTime(release, Math.min(limits.each, left), log);
  }
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
