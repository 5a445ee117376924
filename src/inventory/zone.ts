/** Calendar and clock of a time zone, from the platform's own IANA data (ECMA-402, Intl.DateTimeFormat). Pure. */

/** A day of the calendar: year, month and day of the month, both from 1. */
export type Day = { readonly year: number; readonly month: number; readonly day: number };

const DAY_MS = 86_400_000;

/** One formatter a zone: making one costs more than all that is asked of it. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** Whether the platform knows a zone of that name. Offsets such as `+01:00` are no zones: they know no summer. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, made);
  return made;
}

/** What the clock on the wall shows, as the milliseconds that UTC would have with the same reading. `ms` since 1970. */
function wallOf(zone: string, ms: number): number {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** Milliseconds that the wall is ahead of UTC. */
function offsetAt(zone: string, ms: number): number {
  return wallOf(zone, ms) - Math.floor(ms / 1000) * 1000;
}

/** The day that the calendar shows there. */
export function dayAt(zone: string, ms: number): Day {
  return dayOf(wallOf(zone, ms));
}

function dayOf(utc: number): Day {
  const date = new Date(utc);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

export function addDays({ year, month, day }: Day, days: number): Day {
  return dayOf(Date.UTC(year, month - 1, day + days));
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf({ year, month, day }: Day): number {
  return ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7) + 1;
}

export function daysInMonth({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** `2026-12-20`. */
export function isoDay({ year, month, day }: Day): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/**
 * When the wall shows that many minutes after the midnight of the day. A time that comes twice (clocks go back) is the first or the second, as
 * asked for; one that never comes (clocks go forward) is the moment of the change. Milliseconds since 1970.
 */
export function momentOf(zone: string, { year, month, day }: Day, minutes: number, which: 'first' | 'second'): number {
  const wall = Date.UTC(year, month - 1, day) + minutes * 60_000;
  // No zone is more than 14 hours from UTC, so that a day before and after stand on both sides of a change.
  const [before, after] = [offsetAt(zone, wall - DAY_MS), offsetAt(zone, wall + DAY_MS)];
  const real = [wall - before, wall - after].filter((ms) => wallOf(zone, ms) === wall);
  if (real.length > 0) return which === 'first' ? Math.min(...real) : Math.max(...real);
  return changeBetween(zone, wall - DAY_MS, wall + DAY_MS);
}

/** The first moment with the offset that the zone has at the end. */
function changeBetween(zone: string, from: number, to: number): number {
  const later = offsetAt(zone, to);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === later) high = middle;
    else low = middle;
  }
  return high;
}

/** `Mon 2026-12-21 18:00 (Europe/Berlin)`. */
export function clockWords(zone: string, ms: number): string {
  const wall = wallOf(zone, ms);
  const day = dayOf(wall);
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  return `${names[weekdayOf(day) - 1] ?? ''} ${isoDay(day)} ${new Date(wall).toISOString().slice(11, 16)} (${zone})`;
}
