import { contextOf } from '../../src/procedure/context.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';

const result = parseProcedure(
  'procedure: p\nproduct: q\ntitle: T\nparams: { size: { type: integer }, name: { type: text } }\nsteps: [{ announce: hi }]\n',
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
