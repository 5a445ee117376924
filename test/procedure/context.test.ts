import { contextOf } from '../../src/procedure/context.ts';
import { checkInputs } from '../../src/procedure/params.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';
import { secretMark, secretsIn, shownValue, unmarked } from '../../src/procedure/secret-mark.ts';

const result = parseProcedure(
  'procedure: p\nproduct: q\ntitle: T\nparams: { size: { type: integer }, name: { type: text } }\nvariables: { ip: { type: text }, home: { type: path, default: /opt } }\nsecrets: { pw: { title: P } }\nsteps: [{ announce: hi }]\n',
  'p',
);
if (result.kind === 'bad') throw new Error('the sample must parse');
const { procedure } = result;
const hosts = [
  { name: 'c', address: 'x', aliases: [], roles: ['coordinator'], user: 'login' },
  { name: 'e', address: 'y', aliases: [], roles: ['engine'], user: 'login' },
  { name: 'f', address: 'z', aliases: [], roles: ['engine'], user: 'login' },
];
const world = {
  cluster: { name: 'prod', product: 'q', title: 'P', hosts },
  procedure,
  params: { size: '3', name: '3' },
  variables: {},
  roles: { leader: 'f' },
};

test('integers are numbers, all else is text', () => {
  expect(contextOf(world).params).toEqual({ size: 3, name: '3' });
});

test('roles are the bound ones and those of one host', () => {
  expect(contextOf(world).roles).toEqual({ coordinator: 'c', leader: 'f' });
});

test('logins stay out of what expressions see', () => {
  expect(JSON.stringify(contextOf({ ...world, host: hosts[0] }))).not.toContain('login');
});

test('what a command printed never hides the world', () => {
  const context = contextOf({ ...world, reading: { cluster: 'fake', rows: [] } });
  expect(context).toMatchObject({ cluster: { name: 'prod' }, rows: [] });
});

test('a host’s own variables go before the cluster’s, on that host', () => {
  const variables = { ip: '192.0.2.1', home: '/opt' };
  const host = { name: 'e', address: 'y', aliases: [], roles: [], variables: { ip: '192.0.2.9', other: 'not declared' } };
  expect(contextOf({ ...world, variables, host }).vars).toEqual({ ip: '192.0.2.9', home: '/opt' });
  expect(contextOf({ ...world, variables }).vars).toEqual(variables);
});

test('a secret is a mark, which stands for its value only where it is sent', () => {
  const context = contextOf(world);
  const mark = secretMark('pw');
  expect(context.secrets).toEqual({ pw: mark });
  const value = `user:${mark}!`;
  expect(secretsIn(value)).toEqual(['pw']);
  expect(shownValue(value)).toBe('user:‹secret pw›!');
  expect(unmarked(value, (name) => `<${name}$&>`)).toBe('user:<pw$&>!');
  expect(secretsIn('secret:pw \u0001secret:PW\u0001')).toEqual([]);
});

test('nobody can write a mark into a parameter', () => {
  const text = { value: { type: 'text' as const, maxLength: 200 }, title: 'T', required: true };
  expect(checkInputs({ x: text }, { x: secretMark('pw') }, { hosts: [] }).kind).toBe('bad');
});

test('what was captured is there by name', () => {
  expect(contextOf({ ...world, captured: { lag: 3, ip: { e: 'x' } } }).captured).toEqual({ lag: 3, ip: { e: 'x' } });
});
