/** Puts the values of the moment into the gauges, for one answer to Prometheus. */
import type { Health } from '../slack/outbox/outbox.ts';
import type { Links } from './checks.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Metrics } from './metrics.ts';
import type { Report } from './report.ts';
import type { Look } from './runs-seen.ts';

export type Scraped = {
  readonly metrics: Metrics;
  readonly heartbeats: Heartbeats;
  readonly health: () => Report;
  readonly ready: () => Promise<Report>;
  /** Absent until this process has reached Redis. */
  readonly runs: (() => Promise<Look>) | undefined;
  readonly registerDamaged: () => boolean;
  readonly queue: (() => Promise<Readonly<Record<string, number>>>) | undefined;
  /** Absent where there is no bot. */
  readonly outbox: (() => Health) | undefined;
  readonly links: (() => Links) | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** Shared state that does not come within this is not told. */
const LIMIT_MS = 3_000;

export async function scrape(parts: Scraped): Promise<void> {
  const { metrics } = parts;
  const [look, jobs, ready] = await Promise.all([inTime(parts.runs), inTime(parts.queue), parts.ready()]);
  setRuns(parts, look);
  metrics.setBy('queueJobs', jobs);
  setOutbox(metrics, parts.outbox?.());
  metrics.setBy('linkUp', linksUp(parts.links?.()));
  metrics.set('ready', Number(ready.ok));
  metrics.setBy('checkOk', Object.fromEntries(ready.checks.map(({ name, ok }) => [name, Number(ok)])));
  metrics.set('healthy', Number(parts.health().ok));
  metrics.setBy('loopAge', Object.fromEntries(parts.heartbeats.all().map(({ name, ageMs }) => [name, ageMs / 1000])));
}

function setRuns({ metrics, registerDamaged, now }: Scraped, look: Look | undefined): void {
  const open = look?.open;
  const sum = (of: (view: Look['open'][number]) => number): number | undefined => open?.reduce((total, view) => total + of(view), 0);
  const asked = open?.flatMap(({ askedSince }) => (askedSince === undefined ? [] : [askedSince]));
  metrics.set('stateSeen', Number(look !== undefined));
  metrics.set('runsOpen', open?.length);
  metrics.set('runsWaitingApproval', asked?.length);
  metrics.set('approvalWait', asked && (asked.length === 0 ? 0 : Math.max(0, now() - Math.min(...asked)) / 1000));
  metrics.set(
    'questions',
    sum(({ questions }) => questions),
  );
  metrics.set(
    'troubles',
    sum(({ troubles }) => troubles),
  );
  metrics.set(
    'runsHeld',
    sum(({ held }) => Number(held)),
  );
  metrics.set(
    'runsPaused',
    sum(({ paused }) => Number(paused)),
  );
  metrics.set('damaged', look && look.damaged + Number(registerDamaged()));
}

/** Only whoever leads knows how far behind the threads are. */
function setOutbox(metrics: Metrics, health: Health | undefined): void {
  const led = health?.leads === true ? health : undefined;
  metrics.set('leads', health && Number(health.leads));
  metrics.set('threadsBehind', led?.behind);
  metrics.set('threadLag', led && led.lagMs / 1000);
  metrics.set('parked', led?.parked.length);
}

function linksUp(links: Links | undefined): Record<string, number> | undefined {
  return links && Object.fromEntries(links.links.map(({ name, state }) => [name, Number(state === 'connected')]));
}

async function inTime<T>(ask: (() => Promise<T>) | undefined): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LIMIT_MS, undefined);
  });
  return Promise.race([ask?.() ?? undefined, late])
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}
