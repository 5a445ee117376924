/** Times and durations in words. Pure: every clock reading comes in as a value. */

/** The furthest a `Date` reaches, in milliseconds (ECMAScript, time values). */
const FURTHEST = 8.64e15;

/** In the reader's zone by Slack, and in UTC for the record. `ms` since 1970. */
export function slackTime(ms: number): string {
  const iso = isoOf(ms);
  const day = iso.slice(0, 10);
  const clock = iso.slice(11, 19);
  return `<!date^${Math.floor(Date.parse(iso) / 1000)}^{date_short} {time_secs}|${day} ${clock}> (${clock} UTC)`;
}

/** `3 min 5 s`; below a second, `under 1 s`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (!(seconds >= 1)) return 'under 1 s';
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

const MINUTE = 60_000;

/** ` for 2 h 5 min`, in whole minutes, so that a message that says it changes once a minute; below one minute nothing. */
export function forMinutes(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  return minutes >= 1 ? ` for ${duration(minutes * MINUTE)}` : '';
}

/** When `forMinutes` says something else than it does `now`, counted from `since`. */
export function nextMinute(since: number, now: number): number {
  return since + Math.max(Math.floor((now - since) / MINUTE) + 1, 1) * MINUTE;
}

function isoOf(ms: number): string {
  const bounded = Number.isFinite(ms) ? Math.min(Math.max(ms, 0), FURTHEST) : 0;
  const iso = new Date(bounded).toISOString();
  return iso.startsWith('+') ? iso.slice(3) : iso;
}
