/** Freeze windows: whether nothing may begin at a moment, and until when. Pure. */
import type { Freeze, Window } from './model.ts';
import { addDays, clockWords, type Day, dayAt, daysInMonth, isoDay, momentOf, weekdayOf } from './zone.ts';

/** `window` names every window that is on; `until` is the end of them all, in milliseconds since 1970, undefined where there is none within a year. */
export type Frozen = { readonly window: string; readonly until: number | undefined };

/**
 * The windows that are on at this moment. Hours belong to the day on which they begin, also past midnight. When clocks go back, a window begins
 * with the first of two equal times and ends with the second; a time that clocks skip is the moment at which they do.
 */
export function frozenAt(freeze: Freeze | undefined, ms: number): Frozen | undefined {
  if (freeze === undefined) return undefined;
  const on = stretchesAt(freeze, ms);
  if (on.length === 0) return undefined;
  const titles = [...new Set(on.map(({ window }) => window.title))];
  return { window: titles.join(' and '), until: endOf(freeze, ms) };
}

/** `until Mon 2026-12-21 18:00 (Europe/Berlin)`, for the record. */
export function untilWords({ timeZone }: Freeze, until: number | undefined): string {
  return until === undefined ? 'for more than a year' : `until ${clockWords(timeZone, until)}`;
}

type Stretch = { readonly window: Window; readonly from: number; readonly to: number };

const MOST_MS = 366 * 86_400_000;

/** One stretch may run into the next: nights of weekdays, whole days of a holiday, two windows that overlap. */
function endOf(freeze: Freeze, ms: number): number | undefined {
  let end = ms;
  for (;;) {
    const on = stretchesAt(freeze, end);
    if (on.length === 0) return end;
    end = Math.max(...on.map(({ to }) => to));
    if (end - ms > MOST_MS) return undefined;
  }
}

/** Hours are shorter than two days, so that only today's and yesterday's can be on. */
function stretchesAt({ timeZone, windows }: Freeze, ms: number): readonly Stretch[] {
  const today = dayAt(timeZone, ms);
  return [today, addDays(today, -1)]
    .flatMap((day) => windows.flatMap((window) => stretchOn(timeZone, window, day)))
    .filter(({ from, to }) => from <= ms && ms < to);
}

function stretchOn(zone: string, window: Window, day: Day): readonly Stretch[] {
  if (!isOn(window, day)) return [];
  const [from, to] = minutesOf(window);
  return [{ window, from: momentOf(zone, day, from, 'first'), to: momentOf(zone, day, to, 'second') }];
}

const DAY_MINUTES = 24 * 60;

/** From the midnight with which the day begins. */
function minutesOf({ hours }: Window): readonly [from: number, to: number] {
  if (hours === undefined) return [0, DAY_MINUTES];
  const [from, to] = [minutesIn(hours.from), minutesIn(hours.to)];
  return [from, to > from ? to : to + DAY_MINUTES];
}

function minutesIn(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

/** Everything that is given must hold. */
function isOn({ weekdays, daysOfMonth, dates }: Window, day: Day): boolean {
  const last = daysInMonth(day);
  return (
    (weekdays?.includes(weekdayOf(day)) ?? true) &&
    (daysOfMonth?.some((each) => day.day === (each > 0 ? each : last + 1 + each)) ?? true) &&
    (dates === undefined || (dates.first <= isoDay(day) && isoDay(day) <= dates.last))
  );
}
