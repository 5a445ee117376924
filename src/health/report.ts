/** What /healthz and /readyz answer: every check by name, with why it failed in plain words. */
import type { EventLoop } from './event-loop.ts';
import type { Heartbeats } from './heartbeats.ts';

export type Verdict = { readonly name: string; readonly ok: boolean; readonly detail: string };
export type Report = { readonly ok: boolean; readonly checks: readonly Verdict[] };

/** Of a minute. */
const MOST_HELD_UP_MS = 30_000;

export function reportOf(checks: readonly Verdict[]): Report {
  return { ok: checks.every(({ ok }) => ok), checks };
}

/** Whether this process works. Redis or Slack being away does not make it ill: a new start would not help. */
export function healthOf(eventLoop: Pick<EventLoop, 'heldUpMs'>, heartbeats: Heartbeats): Report {
  const heldUp = eventLoop.heldUpMs();
  const loops = heartbeats.all().map(({ name, ageMs, limitMs }) => ({
    name,
    ok: ageMs <= limitMs,
    detail: `last round ${seconds(ageMs)} s ago${ageMs > limitMs ? `; more than ${seconds(limitMs)} s means that it hangs` : ''}`,
  }));
  const detail = `held up for ${seconds(heldUp)} s of the last minute`;
  return reportOf([{ name: 'event-loop', ok: heldUp <= MOST_HELD_UP_MS, detail }, ...loops]);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
