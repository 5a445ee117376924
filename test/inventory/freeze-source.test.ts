/** Freeze windows and break-glass in cluster files: the engine's form of them, and what is wrong, with its place. */
import { clusterSchema } from '../../src/inventory/model.ts';
import { parseCluster } from '../../src/inventory/parse.ts';

const may = 'may: { start: [U0AAA, S0BBB], approve: [W0CCC] }\n';
const cluster = (hosts: string, more = ''): string => `cluster: c\nproduct: q\ntitle: T\n${may}${more}hosts:\n${hosts}`;
const host = (name: string, address: string, more = ''): string =>
  `  - { name: ${name}, address: ${address}, roles: [engine], user: atscale${more} }\n`;

function findings(text: string): readonly string[] {
  const result = parseCluster(text, 'c.yaml');
  return result.kind === 'ok' ? [] : result.findings.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
}

test('freeze windows and break-glass become the engine’s form', () => {
  const text = cluster(
    host('a', 'x'),
    `freeze:
  time_zone: Europe/Berlin
  override: [U0BOSS, S0BOSSES]
  windows:
    - { title: Trading hours, days: [mon, fri], from: 08:00, to: 18:00 }
    - { title: Mornings, to: "12:00" }
    - { title: Evenings, from: "18:00" }
    - { title: Ends, days_of_month: [-1, 1] }
    - { title: Year end, dates: { first: 2026-12-20, last: 2027-01-06 } }
    - { title: One day, dates: { first: "2026-12-24" } }
break_glass: { people: [U0OPS], channel: C0LOUD }
`,
  );
  const result = parseCluster(text, 'c.yaml');
  expect(result).toMatchObject({
    kind: 'ok',
    cluster: {
      freeze: {
        timeZone: 'Europe/Berlin',
        override: { users: ['U0BOSS'], groups: ['S0BOSSES'] },
        windows: [
          { title: 'Trading hours', weekdays: [1, 5], hours: { from: '08:00', to: '18:00' } },
          { title: 'Mornings', hours: { from: '00:00', to: '12:00' } },
          { title: 'Evenings', hours: { from: '18:00', to: '24:00' } },
          { title: 'Ends', daysOfMonth: [-1, 1] },
          { title: 'Year end', dates: { first: '2026-12-20', last: '2027-01-06' } },
          { title: 'One day', dates: { first: '2026-12-24', last: '2026-12-24' } },
        ],
      },
      breakGlass: { people: { users: ['U0OPS'], groups: [] }, channel: 'C0LOUD' },
    },
  });
  if (result.kind === 'ok') expect(clusterSchema.parse(result.cluster)).toEqual(result.cluster);
});

const frozen = (window: string, zone = 'UTC'): string =>
  cluster(host('a', 'x'), `freeze:\n  time_zone: ${zone}\n  windows:\n    - { title: T, ${window} }\n`);

test.each([
  ['a zone that is none', frozen('to: "12:00"', 'Europe/Berln'), ['6:14 freeze.time_zone there is no time zone "Europe/Berln"']],
  ['an offset instead of a zone', frozen('to: "12:00"', '+01:00'), ['6:14 freeze.time_zone there is no time zone "+01:00"']],
  [
    'an hour that no day has',
    frozen('from: "25:00"'),
    ['8:25 freeze.windows[0].from must be a time from 00:00 to 23:59, such as "08:00"; found "25:00"'],
  ],
  [
    'a time without its zero',
    frozen('to: 8:00'),
    ['8:23 freeze.windows[0].to must be a time from 00:00 to 24:00, such as "18:00"; found "8:00"'],
  ],
  ['a time that is a number', frozen('from: 800'), ['8:25 freeze.windows[0].from must be text; found 800']],
  [
    'a first day after the last',
    frozen('dates: { first: 2027-01-06, last: 2026-12-20 }'),
    ['8:26 freeze.windows[0].dates the first day (2027-01-06) comes after the last (2026-12-20)'],
  ],
  [
    'a day that the calendar lacks',
    frozen('dates: { first: 2026-02-30 }'),
    ['8:35 freeze.windows[0].dates.first 2026-02-30 is no day of the calendar'],
  ],
  [
    'a day of the month that is none',
    frozen('days_of_month: [0]'),
    ['8:35 freeze.windows[0].days_of_month[0] must be 1 to 31, or -1 for the last day of the month; found 0'],
  ],
  [
    'a weekday that is misspelt',
    frozen('days: [monday]'),
    ['8:26 freeze.windows[0].days[0] must be one of mon, tue, wed, thu, fri, sat, sun; found "monday"'],
  ],
  [
    'a window without any rule',
    cluster(host('a', 'x'), 'freeze: { time_zone: UTC, windows: [{ title: T }] }\n'),
    ['5:37 freeze.windows[0] the window "T" would always be on'],
  ],
  [
    'no windows at all',
    cluster(host('a', 'x'), 'freeze: { time_zone: UTC, windows: [] }\n'),
    ['5:36 freeze.windows must have at least 1 entry; found []'],
  ],
  [
    'break-glass that tells nobody',
    cluster(host('a', 'x'), 'break_glass: { people: [U0OPS] }\n'),
    ['5:14 break_glass.channel the key "channel" is missing'],
  ],
])('%s is refused with its place', (_title, text, expected) => {
  expect(findings(text)).toEqual(expected);
});
