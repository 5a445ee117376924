/** What people write under `freeze` in a cluster file, what can be wrong with it, and how it becomes the engine's form. Pure. */
import { z } from 'zod';
import type { Path } from '../procedure/finding.ts';
import { strict } from '../procedure/issues.ts';
import type { Mistake } from '../procedure/mistake.ts';
import { peopleOf, peopleSourceSchema } from '../procedure/policy-source.ts';
import type { Freeze, Window } from './model.ts';
import { isZone } from './zone.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-12-24');
const from = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time from 00:00 to 23:59, such as "08:00"');
const to = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time from 00:00 to 24:00, such as "18:00"');
const dayOfMonth = z
  .int()
  .min(-31)
  .max(31)
  .refine((day) => day !== 0, 'must be 1 to 31, or -1 for the last day of the month');

const windowSourceSchema = strict({
  title: z.string().min(1).max(100).describe('What it is called in the thread, such as Trading hours'),
  days: z.array(z.enum(DAYS)).min(1).optional().describe('Weekdays; of hours past midnight, the day on which they begin'),
  days_of_month: z.array(dayOfMonth).min(1).optional().describe('Days of the month; -1 is the last'),
  dates: strict({
    first: date.describe('The first day'),
    last: date.optional().describe('The last day, which is in it; absent: the first only'),
  })
    .optional()
    .describe('Days of the calendar, from the first to the last'),
  from: from.optional().describe('When it begins on each of these days; absent: with the day'),
  to: to.optional().describe('When it ends; not after `from`: on the next day. Absent: with the day'),
}).meta({ id: 'freezeWindow', title: 'A freeze window: everything that is given must hold' });

export const freezeSourceSchema = strict({
  time_zone: z.string().describe('IANA name of the time zone of all windows, such as Europe/Berlin'),
  override: peopleSourceSchema.optional().describe('Who may let a run act in spite of a window; absent or empty means nobody'),
  windows: z.array(windowSourceSchema).min(1).describe('A run begins nothing that acts while one of them is on'),
}).meta({ id: 'freeze', title: 'Freeze windows' });

export type FreezeSource = z.infer<typeof freezeSourceSchema>;
type WindowSource = FreezeSource['windows'][number];

/** What the shape alone does not say. */
export function freezeMistakes(source: FreezeSource | undefined): readonly Mistake[] {
  if (source === undefined) return [];
  const zone = {
    path: ['freeze', 'time_zone'],
    message: `there is no time zone "${source.time_zone}"`,
    check: 'the IANA name, such as Europe/Berlin, America/New_York or UTC; an offset such as +01:00 knows no summer time',
  };
  return [
    ...(isZone(source.time_zone) ? [] : [zone]),
    ...source.windows.flatMap((window, at) => windowMistakes(window, ['freeze', 'windows', at])),
  ];
}

function windowMistakes(window: WindowSource, path: Path): readonly Mistake[] {
  const { days, days_of_month, dates, from, to } = window;
  const restricts = [days, days_of_month, dates, from, to].some((each) => each !== undefined);
  const always = {
    path,
    message: `the window "${window.title}" would always be on`,
    check: 'give days, days_of_month, dates, or from and to',
  };
  return [...(restricts ? [] : [always]), ...dateMistakes(dates, path)];
}

function dateMistakes(dates: WindowSource['dates'], path: Path): readonly Mistake[] {
  if (dates === undefined) return [];
  const unreal = (['first', 'last'] as const).flatMap((key) => {
    const value = dates[key];
    if (value === undefined || isReal(value)) return [];
    return [{ path: [...path, 'dates', key], message: `${value} is no day of the calendar`, check: 'month and day' }];
  });
  if (unreal.length > 0) return unreal;
  const { first, last = first } = dates;
  if (first <= last) return [];
  return [
    {
      path: [...path, 'dates'],
      message: `the first day (${first}) comes after the last (${last})`,
      check: 'which of them is which, and the years',
    },
  ];
}

function isReal(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10) === text;
}

/** The engine's form. */
export function buildFreeze(source: FreezeSource): Freeze {
  return { timeZone: source.time_zone, windows: source.windows.map(buildWindow), override: peopleOf(source.override ?? []) };
}

function buildWindow({ title, days, days_of_month, dates, from, to }: WindowSource): Window {
  return {
    title,
    ...(days === undefined ? {} : { weekdays: days.map((day) => DAYS.indexOf(day) + 1) }),
    ...(days_of_month === undefined ? {} : { daysOfMonth: days_of_month }),
    ...(dates === undefined ? {} : { dates: { first: dates.first, last: dates.last ?? dates.first } }),
    ...(from === undefined && to === undefined ? {} : { hours: { from: from ?? '00:00', to: to ?? '24:00' } }),
  };
}
