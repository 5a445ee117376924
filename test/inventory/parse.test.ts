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

test('defaults reach every host that says nothing else', () => {
  const text = cluster(
    '  - { name: a, address: 192.0.2.1, roles: [x] }\n  - { name: b, address: 192.0.2.2, roles: [y], user: root, port: 2222, aliases: [b.example] }\n',
    'defaults: { user: atscale, key: ~/.ssh/id, become: boss, jump: bastion }\njumps: { bastion: { address: bastion.example, user: me } }\nvariables: { home: /opt, size: 3 }\n',
  );
  const result = parseCluster(text, 'c.yaml');
  expect(result).toMatchObject({
    kind: 'ok',
    cluster: {
      hosts: [
        { name: 'a', user: 'atscale', port: 22, key: '~/.ssh/id', become: 'boss', jump: 'bastion', aliases: [] },
        { name: 'b', user: 'root', port: 2222, aliases: ['b.example'] },
      ],
      jumps: { bastion: { address: 'bastion.example', port: 22, user: 'me' } },
      variables: { home: '/opt', size: '3' },
      may: { start: { users: ['U0AAA'], groups: ['S0BBB'] }, approve: { users: ['W0CCC'], groups: [] } },
      channels: [],
      announce: [],
    },
  });
  if (result.kind === 'ok') expect(clusterSchema.parse(result.cluster)).toEqual(result.cluster);
});

test('secrets are told by their places, and hosts have values of their own', () => {
  const text = cluster(
    host('a', 'x', ', variables: { ip: 192.0.2.1, size: 3 }'),
    'secrets: { pw: { env: AMP_PW }, key: { file: ~/keys/amp } }\n',
  );
  expect(parseCluster(text, 'c.yaml')).toMatchObject({
    kind: 'ok',
    cluster: {
      hosts: [{ variables: { ip: '192.0.2.1', size: '3' } }],
      secrets: { pw: { kind: 'env', name: 'AMP_PW' }, key: { kind: 'file', path: '~/keys/amp' } },
    },
  });
});

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

test('hosts on one address with different ports are different', () => {
  expect(findings(cluster(host('a', '127.0.0.1', ', port: 2201') + host('b', '127.0.0.1', ', port: 2202')))).toEqual([]);
});

test.each([
  ['a host without a user', cluster('  - { name: a, address: x, roles: [y] }\n'), ['6:5 hosts[0] a has no user to log in as']],
  [
    'a jump host that is not there',
    cluster(host('a', 'x', ', jump: basten'), 'jumps: { bastion: { address: b, user: u } }\n'),
    ['7:66 hosts[0].jump there is no jump host "basten"; did you mean "bastion"?'],
  ],
  ['a name that stands for two hosts', cluster(host('a', 'x') + host('A', 'y')), ['7:13 hosts[1].name the name "A" belongs to a already']],
  [
    'an alias that is another host',
    cluster(host('a', 'x') + host('b', 'y', ', aliases: [a]')),
    ['7:70 hosts[1].aliases[0] the name "a" belongs to a already'],
  ],
  ['one address for two hosts', cluster(host('a', 'x') + host('b', 'x')), ['7:25 hosts[1].address b has the same address and port as a']],
  [
    'an address that is an option',
    cluster(host('a', '-oProxyCommand=x')),
    ['6:25 hosts[0].address must be a host name or an IP address, without a port (that is `port`); found "-oProxyCommand=x"'],
  ],
  [
    'a name instead of an id',
    cluster(host('a', 'x')).replace('U0AAA', 'maria'),
    ['4:16 may.start[0] must be the id of a Slack user (U… or W…) or user group (S…), not a name; found "maria"'],
  ],
  [
    'a channel’s name instead of its id',
    cluster(host('a', 'x'), "channels: ['#ops']\n"),
    ['5:12 channels[0] must be the id of a Slack channel (C… or G…), not a name; found "#ops"'],
  ],
  [
    'nobody who may do anything',
    'cluster: c\nproduct: q\ntitle: T\nhosts:\n  - { name: a, address: x, roles: [y], user: u }\n',
    ['1:1 may the key "may" is missing'],
  ],
  ['no hosts', cluster('  []\n'), ['6:3 hosts must have at least 1 entry; found []']],
  ['a misspelt key', cluster(host('a', 'x', ', adress: y')), ['6:60 hosts[0].adress unknown key "adress"; did you mean "address"?']],
  [
    'a secret in the file itself',
    cluster(host('a', 'x'), 'secrets: { pw: geheim }\n'),
    ['5:16 secrets.pw must be a group of keys; found "geheim"'],
  ],
  [
    'a secret from nowhere',
    cluster(host('a', 'x'), 'secrets: { pw: {} }\n'),
    ['5:16 secrets.pw nothing here says what it is: it needs one of the keys env, file; it has none'],
  ],
  [
    'a secret from two places',
    cluster(host('a', 'x'), 'secrets: { pw: { env: A, file: /b } }\n'),
    ['5:26 secrets.pw.file unknown key "file"'],
  ],
  [
    'a secret’s file without its folder',
    cluster(host('a', 'x'), 'secrets: { pw: { file: b } }\n'),
    ['5:24 secrets.pw.file must be the absolute path of a file, or one that begins with ~/; found "b"'],
  ],
  [
    'a secret’s variable that is none',
    cluster(host('a', 'x'), 'secrets: { pw: { env: A-B } }\n'),
    ['5:23 secrets.pw.env must be the name of an environment variable; found "A-B"'],
  ],
  [
    'a value that is a list',
    cluster(host('a', 'x', ', variables: { a: [1] }')),
    ['6:76 hosts[0].variables.a must be text or a number; found [1]'],
  ],
  ['a port that is text', cluster(host('a', 'x', ', port: "22"')), ['6:66 hosts[0].port must be a number; found "22"']],
])('%s is said with its place', (_title, text, expected) => {
  expect(findings(text)).toEqual(expected);
});
