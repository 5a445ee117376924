/** From two days as typed to the moments between which a period lies. */
import { KeyturnError } from '../errors.ts';

export type Span = { readonly from: number; readonly to: number };

const DAY_MS = 86_400_000;

/** A day stands for all of it: `--to 2026-03-31` includes the 31st. Days are UTC. Throws KeyturnError PERIOD_WRONG. */
export function spanOf(from: string, to: string | undefined, now: number): Span {
  const begin = momentOf('--from', from);
  const end = to === undefined ? { at: now, isDay: false } : momentOf('--to', to);
  const span = { from: begin.at, to: end.isDay ? end.at + DAY_MS : end.at };
  if (span.from < span.to) return span;
  throw wrong(`The period ends (${to ?? 'now'}) before it begins (${from}).`);
}

function momentOf(option: string, text: string): { readonly at: number; readonly isDay: boolean } {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text);
  const at = Date.parse(text);
  // A day that no month has is rolled over by some parsers: it must come back as it was typed.
  if ((isDay || isMoment) && Number.isFinite(at) && new Date(at).toISOString().startsWith(text.slice(0, 10))) return { at, isDay };
  throw wrong(`${option} is “${text}”, which is no day and no moment in UTC.`);
}

function wrong(message: string): KeyturnError {
  return new KeyturnError('PERIOD_WRONG', message, 'that it is written as 2026-01-31, or as 2026-01-31T10:00Z.');
}
