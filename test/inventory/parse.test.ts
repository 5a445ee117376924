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

test('rules and stricter rights are told as alternatives of quorums', () => {
  const text = cluster(host('a', 'x'))
    .replace('approve: [W0CCC]', 'approve: { any: [{ count: 2, of: [S0BBB, W0CCC] }, [U0AAA]] }, read: [S0ALL], cancel: []')
    .concat('procedures: { wipe: { start: [U0AAA], approve: { all: [[S0DBA], { count: 2, of: [S0BBB] }] } } }\n');
  const parsed = parseCluster(text, 'c.yaml');
  expect(parsed).toMatchObject({
    kind: 'ok',
    cluster: {
      may: {
        approve: { users: ['W0CCC', 'U0AAA'], groups: ['S0BBB'] },
        rule: [[{ people: { users: ['W0CCC'], groups: ['S0BBB'] }, count: 2 }], [{ people: { users: ['U0AAA'], groups: [] }, count: 1 }]],
        read: { users: [], groups: ['S0ALL'] },
        cancel: { users: [], groups: [] },
      },
      procedures: {
        wipe: {
          start: { users: ['U0AAA'], groups: [] },
          approve: [
            [
              { people: { users: [], groups: ['S0DBA'] }, count: 1 },
              { people: { users: [], groups: ['S0BBB'] }, count: 2 },
            ],
          ],
        },
      },
    },
  });
  if (parsed.kind === 'ok') expect(clusterSchema.parse(parsed.cluster)).toEqual(parsed.cluster);
});

test.each([
  ['more than there are', '{ count: 3, of: [U0AAA, W0CCC] }', /^4:\d+ may.approve 3 different people are wanted of 2/],
  ['two forms in one', '{ of: [U0AAA], all: [[S0BBB]] }', /may.approve of and all cannot stand together/],
  ['a number for alternatives', '{ count: 2, any: [[S0BBB]] }', /may.approve count and any cannot stand together/],
  ['nobody of whom', '{ count: 2 }', /may.approve it does not say of whom/],
  ['nobody of whom, inside', '{ all: [{ count: 1 }] }', /may.approve.all\[0\] it does not say of whom/],
  ['a name in a quorum', '{ of: [maria] }', /may.approve.of\[0\] must be the id of a Slack user/],
  ['a misspelt form', '{ ofs: [U0AAA] }', /may.approve.*ofs/],
])('a rule with %s is refused', (_title, rule, words) => {
  expect(findings(cluster(host('a', 'x')).replace('[W0CCC]', rule)).join('\n')).toMatch(words);
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

test('a second factor is of the one kind there is, or absent', () => {
  const parsed = parseCluster(cluster(host('a', 'x'), 'second_factor: totp\n'), 'c.yaml');
  expect(parsed).toMatchObject({ kind: 'ok', cluster: { secondFactor: 'totp' } });
  if (parsed.kind === 'ok') expect(clusterSchema.parse(parsed.cluster)).toEqual(parsed.cluster);
  const without = parseCluster(cluster(host('a', 'x')), 'c.yaml');
  expect(without.kind === 'ok' && without.cluster).not.toHaveProperty('secondFactor');
  expect(findings(cluster(host('a', 'x'), 'second_factor: sms\n'))[0]).toContain('second_factor');
});
