import { checkFit, variablesFor } from '../../src/inventory/fit.ts';
import { findHost, hostsIn, resolve } from '../../src/inventory/hosts.ts';
import type { Cluster } from '../../src/inventory/model.ts';
import { parseCluster } from '../../src/inventory/parse.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';

function cluster(more = ''): Cluster {
  const result = parseCluster(
    `cluster: prod
product: q
title: T
defaults: { user: u }
may: { start: [], approve: [] }
secrets: { password: { env: PASSWORD } }
${more}
hosts:
  - { name: coord-01, address: 127.0.0.1, port: 2201, roles: [coordinator] }
  - { name: engine-01, address: 127.0.0.1, port: 2202, roles: [engine], aliases: [E1.example] }
  - { name: engine-02, address: 192.0.2.7, roles: [engine], aliases: [e2.example], variables: { port: 4000 } }
  - { name: six, address: 'fd00::6', roles: [other] }
`,
    'c',
  );
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return result.cluster;
}

const prod = cluster();

test.each([
  ['ENGINE-01', 'engine-01'],
  ['e1.EXAMPLE', 'engine-01'],
  ['e2.example:10520', 'engine-02'],
  ['192.0.2.7:5432', 'engine-02'],
  ['fd00::6', 'six'],
  ['[fd00::6]:22', 'six'],
  [' coord-01 ', 'coord-01'],
  ['127.0.0.1', undefined],
  ['e1', undefined],
  ['', undefined],
  [':22', undefined],
  ['e1.example:port', undefined],
])('%j is the host %s', (name, host) => {
  expect(findHost(prod, name)?.name).toBe(host);
});

test('hosts of a role come in inventory order', () => {
  expect(hostsIn(prod, 'engine').map(({ name }) => name)).toEqual(['engine-01', 'engine-02']);
});

test.each([
  ['each', 'engine', {}, { kind: 'hosts', hosts: [{ name: 'engine-01' }, { name: 'engine-02' }] }],
  ['any', 'engine', {}, { kind: 'hosts', hosts: [{ name: 'engine-01' }, { name: 'engine-02' }] }],
  ['one', 'coordinator', {}, { kind: 'hosts', hosts: [{ name: 'coord-01' }] }],
  ['one', 'leader', { leader: 'engine-02' }, { kind: 'hosts', hosts: [{ name: 'engine-02' }] }],
  ['each', 'query_engine', {}, { kind: 'none', why: 'prod has no host in the role query_engine' }],
  ['one', 'leader', {}, { kind: 'none', why: 'prod has no host in the role leader' }],
  ['one', 'leader', { leader: 'gone' }, { kind: 'none', why: 'leader is gone, which prod does not have' }],
  ['one', 'engine', {}, { kind: 'ambiguous', why: 'prod has 2 hosts in the role engine (engine-01, engine-02); one was wanted' }],
  ['one', 'constructor', {}, { kind: 'none', why: 'prod has no host in the role constructor' }],
] as const)('%s %s with %j is resolved', (kind, role, roles, expected) => {
  expect(resolve({ kind, role }, prod, roles)).toMatchObject(expected);
});

function procedure(steps: string, more = '', product = 'q'): Procedure {
  const result = parseProcedure(`procedure: p\nproduct: ${product}\ntitle: T\n${more}\nsteps:\n${steps}`, 'p');
  if (result.kind === 'bad') throw new Error(JSON.stringify(result.findings));
  return result.procedure;
}
const step = (id: string, on: string, more = ''): string => `  - { id: ${id}, title: T, on: ${on}, run: x, timeout: 1m${more} }\n`;

const talk = (role: string): string => step('A', `all ${role}`, `, answers: [{ prompt: '(?<key>.+)', answer: peer.key }]`);

describe('fit', () => {
  test.each([
    ['roles that are there', procedure(step('A', 'any engine') + step('B', 'coordinator')), []],
    ['nobody in a role of each', procedure(step('A', 'each query_engine')), []],
    ['a role that an earlier step finds', procedure(step('A', 'any engine', ', bind: { leader: stdout }') + step('B', 'leader')), []],
    ['another product', procedure(step('A', 'any engine'), '', 'z'), ['p is a procedure for z, but prod is q']],
    ['a misspelt role of each', procedure(step('A', 'each engines')), ['A: prod has no host in the role engines; did you mean "engine"?']],
    ['a role that nobody has', procedure(step('A', 'leader')), ['A: prod has no host in the role leader']],
    [
      'several hosts where one is meant',
      procedure(step('A', 'engine')),
      ['A: engine must be one host, but prod has 2 (engine-01, engine-02)'],
    ],
    [
      'text about a role that nobody finds',
      procedure('  - announce: "{{ roles.leader }}"\n'),
      ['announce-1 speaks of roles.leader, which no earlier step finds and which is not one host of prod'],
    ],
    ['text about a role of one host', procedure('  - announce: "{{ roles.coordinator }}"\n'), []],
    [
      'a variable that is missing',
      procedure(step('A', 'any engine'), 'variables: { home: { type: path, title: Folder } }'),
      ["the cluster's variable home is missing (Folder)"],
    ],
    [
      'a host-level value of another type',
      procedure(step('A', 'any engine'), 'variables: { port: { type: integer, max: 9, default: 1 } }'),
      ['engine-02\'s own variable port must be at most 9; given was "4000"'],
    ],
    [
      'a secret of which the cluster says nothing',
      procedure(step('A', 'any engine'), 'secrets: { passwrod: { title: The password } }'),
      ['the cluster does not say where the secret passwrod is (The password); did you mean "password"?'],
    ],
    ['a secret that the cluster has', procedure(step('A', 'any engine'), 'secrets: { password: { title: The password } }'), []],
    ['all of nobody', procedure(step('A', 'all query_engine')), ['A: prod has no host in the role query_engine']],
    ['a copy from one host', procedure(step('A', 'any engine').replace('run: x', 'copy: { from: coordinator, path: \'"/x"\' }')), []],
    [
      'a copy from several hosts',
      procedure(step('A', 'coordinator').replace('run: x', 'copy: { from: engine, path: \'"/x"\' }')),
      ['A: engine must be one host, but prod has 2 (engine-01, engine-02)'],
    ],
    [
      'a copy from the worker',
      procedure(step('A', 'coordinator').replace('run: x', 'copy: { from: bot, path: \'"x"\', to: \'"/x"\' }')),
      [],
    ],
    [
      'an exchange of nobody',
      procedure('  - { manual: x, exchanges: replacement }\n'),
      ['manual-1: prod has no host in the role replacement'],
    ],
    [
      'an exchange of a role that follows from the parameters',
      procedure('  - { manual: x, exchanges: old }\n', 'params: { h: { type: host } }\nroles: { old: params.h }'),
      [],
    ],
    [
      'a role by a role that nobody finds',
      procedure(step('A', 'old'), 'roles: { old: roles.leader }'),
      ['roles.old speaks of roles.leader, which no earlier step finds and which is not one host of prod'],
    ],
    ['a role by an earlier one', procedure(step('A', 'old'), 'roles: { new: roles.coordinator, old: roles.new }'), []],
    ['answers of two hosts to each other', procedure(talk('engine')), []],
    [
      'answers of one host to itself',
      procedure(talk('coordinator')),
      ['A: its answers speak of the other host of the role coordinator, but prod has 1'],
    ],
  ] as const)('%s gives %j', (_title, given, expected) => {
    expect(checkFit(given, prod).map(({ message }) => message)).toEqual(expected);
  });

  test('variables are checked, defaulted, and others left alone', () => {
    const given = procedure(
      step('A', 'any engine'),
      'variables: { home: { type: path }, mode: { type: enum, values: [a, b], default: b } }',
    );
    expect(variablesFor(given, cluster('variables: { home: /opt, other: x }'))).toEqual({
      kind: 'ok',
      values: { home: '/opt', mode: 'b' },
    });
    expect(checkFit(given, cluster('variables: { hoem: /opt }'))).toMatchObject([
      { path: 'variables.home', message: expect.stringContaining('did you mean "hoem"?') },
    ]);
    const own = { ...cluster(), hosts: cluster().hosts.map((host) => ({ ...host, variables: { home: '/opt' } })) };
    expect(checkFit(given, own)).toMatchObject([{ path: 'variables.home', check: expect.stringContaining('counts on them only') }]);
  });
});
