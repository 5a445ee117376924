/** Calendar rules on the clock of a zone: what is frozen, and until when. */
import { frozenAt, untilWords } from '../../src/inventory/freeze.ts';
import type { Freeze, Window } from '../../src/inventory/model.ts';
import { isZone } from '../../src/inventory/zone.ts';

const nobody = { users: [], groups: [] };
const freeze = (timeZone: string, ...windows: readonly Partial<Window>[]): Freeze => ({
  timeZone,
  override: nobody,
  windows: windows.map((window, at) => ({ title: `w${at + 1}`, ...window })),
});

/** `w1 until <ISO>`, or `free`. */
function at(rules: Freeze, iso: string): string {
  const frozen = frozenAt(rules, Date.parse(iso));
  if (frozen === undefined) return 'free';
  return `${frozen.window} until ${frozen.until === undefined ? 'never' : new Date(frozen.until).toISOString().replace(':00.000Z', 'Z')}`;
}

const office: Partial<Window> = { weekdays: [1, 2, 3, 4, 5], hours: { from: '08:00', to: '18:00' } };
const friNight: Partial<Window> = { weekdays: [5], hours: { from: '22:00', to: '06:00' } };
const monthEnd: Partial<Window> = { daysOfMonth: [-1] };
const yearEnd: Partial<Window> = { dates: { first: '2026-12-20', last: '2027-01-06' } };
const early: Partial<Window> = { hours: { from: '01:30', to: '02:30' } };
const BERLIN = 'Europe/Berlin';

test.each<[string, Freeze, string, string]>([
  ['hours begin with their first second', freeze(BERLIN, office), '2026-11-25T07:00:00Z', 'w1 until 2026-11-25T17:00Z'],
  ['the second before is free', freeze(BERLIN, office), '2026-11-25T06:59:59Z', 'free'],
  ['hours end before their last', freeze(BERLIN, office), '2026-11-25T17:00:00Z', 'free'],
  ['the last millisecond still counts', freeze(BERLIN, office), '2026-11-25T16:59:59.999Z', 'w1 until 2026-11-25T17:00Z'],
  ['another weekday is free', freeze(BERLIN, office), '2026-11-28T10:00:00Z', 'free'],
  ['the same rule is an hour earlier in summer', freeze(BERLIN, office), '2026-07-01T06:00:00Z', 'w1 until 2026-07-01T16:00Z'],
  ['a night belongs to the day on which it begins', freeze(BERLIN, friNight), '2026-11-28T04:59:00Z', 'w1 until 2026-11-28T05:00Z'],
  ['the night before that day is free', freeze(BERLIN, friNight), '2026-11-27T04:00:00Z', 'free'],
  ['the next night is free', freeze(BERLIN, friNight), '2026-11-28T22:00:00Z', 'free'],
  [
    'equal times make a whole day',
    freeze('UTC', { hours: { from: '08:00', to: '08:00' }, weekdays: [3] }),
    '2026-11-26T07:00:00Z',
    'w1 until 2026-11-26T08:00Z',
  ],
  ['the last day of a leap February', freeze('UTC', monthEnd), '2028-02-29T12:00:00Z', 'w1 until 2028-03-01T00:00Z'],
  ['the day before it is free', freeze('UTC', monthEnd), '2028-02-28T12:00:00Z', 'free'],
  ['the last day of a common February', freeze('UTC', monthEnd), '2026-02-28T23:59:59Z', 'w1 until 2026-03-01T00:00Z'],
  [
    'the last day but one counts from the end too',
    freeze('UTC', { daysOfMonth: [-2] }),
    '2026-04-29T12:00:00Z',
    'w1 until 2026-04-30T00:00Z',
  ],
  ['a 31st never comes in April', freeze('UTC', { daysOfMonth: [31] }), '2026-04-30T12:00:00Z', 'free'],
  [
    'end of one month and begin of the next are one stretch',
    freeze('UTC', { daysOfMonth: [-1, 1] }),
    '2026-11-30T12:00:00Z',
    'w1 until 2026-12-02T00:00Z',
  ],
  ['dates go over the end of the year', freeze(BERLIN, yearEnd), '2026-12-31T23:30:00Z', 'w1 until 2027-01-06T23:00Z'],
  ['the first of the dates counts from its midnight', freeze(BERLIN, yearEnd), '2026-12-19T23:00:00Z', 'w1 until 2027-01-06T23:00Z'],
  ['the evening before the dates is free', freeze(BERLIN, yearEnd), '2026-12-19T22:59:00Z', 'free'],
  ['the same days of another year are free', freeze(BERLIN, yearEnd), '2025-12-25T12:00:00Z', 'free'],
  ['everything that is given must hold', freeze('UTC', { ...office, ...yearEnd }), '2026-12-27T12:00:00Z', 'free'],
  ['hours of dates hold on each of them', freeze('UTC', { ...office, ...yearEnd }), '2026-12-28T12:00:00Z', 'w1 until 2026-12-28T18:00Z'],
  [
    'windows that overlap end together',
    freeze('UTC', { hours: { from: '08:00', to: '12:00' } }, { hours: { from: '11:00', to: '14:00' } }),
    '2026-11-25T11:30:00Z',
    'w1 and w2 until 2026-11-25T14:00Z',
  ],
  [
    'a window that goes on in the next is one stretch',
    freeze('UTC', { hours: { from: '08:00', to: '12:00' } }, { hours: { from: '12:00', to: '14:00' } }),
    '2026-11-25T09:00:00Z',
    'w1 until 2026-11-25T14:00Z',
  ],
  [
    'what never ends within a year is said to be so',
    freeze('UTC', { weekdays: [1, 2, 3, 4, 5, 6, 7] }),
    '2026-11-25T09:00:00Z',
    'w1 until never',
  ],
  // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
  ['an end that clocks skip is their change', freeze(BERLIN, early), '2026-03-29T00:45:00Z', 'w1 until 2026-03-29T01:00Z'],
  ['after the change it is over', freeze(BERLIN, early), '2026-03-29T01:00:00Z', 'free'],
  [
    'a window inside the skipped hour never comes',
    freeze(BERLIN, { hours: { from: '02:10', to: '02:50' } }),
    '2026-03-29T01:00:00Z',
    'free',
  ],
  [
    'a day of 23 hours is frozen whole',
    freeze(BERLIN, { dates: { first: '2026-03-29', last: '2026-03-29' } }),
    '2026-03-28T23:00:00Z',
    'w1 until 2026-03-29T22:00Z',
  ],
  // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
  ['an end that comes twice is the second', freeze(BERLIN, early), '2026-10-25T00:45:00Z', 'w1 until 2026-10-25T01:30Z'],
  [
    'a begin that comes twice is the first',
    freeze(BERLIN, { hours: { from: '02:15', to: '04:00' } }),
    '2026-10-25T00:15:00Z',
    'w1 until 2026-10-25T03:00Z',
  ],
  [
    'a day of 25 hours is frozen whole',
    freeze(BERLIN, { dates: { first: '2026-10-25', last: '2026-10-25' } }),
    '2026-10-25T22:59:00Z',
    'w1 until 2026-10-25T23:00Z',
  ],
  // New York changes on other days: 8 March 2026, at 07:00 UTC.
  ['a zone in the west has its own change', freeze('America/New_York', early), '2026-03-08T06:45:00Z', 'w1 until 2026-03-08T07:00Z'],
  [
    'a change of half an hour',
    freeze('Australia/Lord_Howe', { hours: { from: '01:00', to: '03:00' } }),
    '2026-04-04T15:15:00Z',
    'w1 until 2026-04-04T16:30Z',
  ],
  [
    'far in the east it is tomorrow already',
    freeze('Pacific/Kiritimati', { weekdays: [5] }),
    '2026-11-26T10:00:00Z',
    'w1 until 2026-11-27T10:00Z',
  ],
  [
    'far in the west it is yesterday still',
    freeze('Pacific/Pago_Pago', { weekdays: [5] }),
    '2026-11-28T10:59:00Z',
    'w1 until 2026-11-28T11:00Z',
  ],
  // Samoa had no 30 December 2011: it went from one side of the date line to the other at 10:00 UTC.
  [
    'a day that a zone left out freezes nothing',
    freeze('Pacific/Apia', { dates: { first: '2011-12-30', last: '2011-12-30' } }),
    '2011-12-30T10:00:00Z',
    'free',
  ],
  [
    'the days around it are one stretch',
    freeze('Pacific/Apia', { dates: { first: '2011-12-29', last: '2011-12-31' } }),
    '2011-12-30T09:59:00Z',
    'w1 until 2011-12-31T10:00Z',
  ],
  // Midnight itself is skipped in Santiago on 6 September 2026: the day begins at 01:00, at 04:00 UTC.
  [
    'a day without its midnight begins with the change',
    freeze('America/Santiago', { dates: { first: '2026-09-06', last: '2026-09-06' } }),
    '2026-09-06T04:00:00Z',
    'w1 until 2026-09-07T03:00Z',
  ],
])('%s', (_title, rules, iso, expected) => {
  expect(at(rules, iso)).toBe(expected);
});

test('nothing is frozen without windows', () => {
  expect(frozenAt(undefined, 0)).toBeUndefined();
});

test('an end is never before the moment, and is free', () => {
  const rules = freeze(BERLIN, office, friNight, monthEnd, yearEnd, early);
  for (let ms = Date.parse('2026-01-01T00:00:00Z'); ms < Date.parse('2027-02-01T00:00:00Z'); ms += 7 * 3_600_000 + 41 * 60_000) {
    const frozen = frozenAt(rules, ms);
    if (frozen?.until === undefined) continue;
    expect(frozen.until).toBeGreaterThan(ms);
    expect(frozenAt(rules, frozen.until)).toBeUndefined();
    expect(frozenAt(rules, frozen.until - 1)).toBeDefined();
  }
});

test('an end is said on the clock of the zone', () => {
  const rules = freeze(BERLIN, office);
  expect(untilWords(rules, Date.parse('2026-11-25T17:00:00Z'))).toBe('until Wed 2026-11-25 18:00 (Europe/Berlin)');
  expect(untilWords(rules, undefined)).toBe('for more than a year');
});

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['Europe/Berlln', false],
  ['+01:00', false],
  ['', false],
])('%s is a zone: %s', (name, known) => {
  expect(isZone(name)).toBe(known);
});
