import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { lintFile, lintFolders } from '../../src/files/lint.ts';
import type { Finding } from '../../src/procedure/finding.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyturn-lint-'));
  for (const folder of ['procedures/shop', 'clusters']) mkdirSync(join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

const folders = () => ({ procedures: join(root, 'procedures'), clusters: join(root, 'clusters'), people: join(root, 'people.yaml') });
const told = ({ file, line, column, message, rule = 'a mistake' }: Finding) =>
  `${file.slice(root.length + 1)}:${line}:${column} ${rule}: ${message}`;
const all = () => lintFolders(folders()).findings.map(told);
const one = (path: string) => lintFile(join(root, path), folders()).map(told);

const procedure = (name: string, steps: string, more = '') => `procedure: ${name}\nproduct: shop\ntitle: T\n${more}steps:\n${steps}`;
const step = (id: string, on: string, more: string) => `  - { id: ${id}, title: T, on: ${on}, ${more} }\n`;
const cluster = (name: string, role: string, product = 'shop') =>
  `cluster: ${name}\nproduct: ${product}\ntitle: T\nmay: { start: [], approve: [] }\nhosts: [{ name: a, address: b, roles: [${role}], user: u }]\n`;
const library =
  'library: common\nproduct: shop\nshared:\n  stop: { run: shop stop, timeout: 1m }\n  wait: { run: sleep infinity, timeout: 1m }\n';

describe('roles that no cluster has', () => {
  const text = procedure(
    'look',
    step('S1', 'any wbe', 'run: uptime, timeout: 1m') +
      step('S2', 'each web', 'copy: { from: store, path: \'"/x"\' }, timeout: 1m') +
      step('S3', 'each nobody', 'run: uptime, timeout: 1m, accept: { unknown-role: small shops have none }') +
      '  - { manual: x, exchanges: spare }\n' +
      step('S4', 'found', 'run: uptime, timeout: 1m') +
      step('S5', 'given', 'run: "uptime $H", timeout: 1m, env: { H: params.h }'),
    'params: { h: { type: host, role: till } }\nroles: { given: params.h }\n',
  ).replace('uptime, timeout: 1m }\n', 'uptime, timeout: 1m, bind: { found: stdout } }\n');

  test('are told where they are spoken of', () => {
    write('procedures/shop/look.yaml', text);
    write('clusters/one.yaml', cluster('one', 'web'));
    const expected = [
      'procedures/shop/look.yaml:7:29 unknown-role: no cluster of shop has a host in the role wbe',
      'procedures/shop/look.yaml:8:53 unknown-role: no cluster of shop has a host in the role store',
      'procedures/shop/look.yaml:10:29 unknown-role: no cluster of shop has a host in the role spare',
      'procedures/shop/look.yaml:4:34 unknown-role: no cluster of shop has a host in the role till',
    ];
    expect(all().sort()).toEqual(expected.sort());
    expect(one('procedures/shop/look.yaml').sort()).toEqual(expected.sort());
  });

  test('are nothing where another cluster has them, or none is of the product', () => {
    write('procedures/shop/look.yaml', procedure('look', step('S1', 'any web', 'run: uptime, timeout: 1m')));
    write('clusters/two.yaml', cluster('two', 'other', 'mill'));
    expect(all()).toEqual([]);
    write('clusters/one.yaml', cluster('one', 'other'));
    expect(all()).toHaveLength(1);
    write('clusters/three.yaml', cluster('three', 'web'));
    expect(all()).toEqual([]);
  });

  test('of a parameter can be answered for in the file', () => {
    write('clusters/one.yaml', cluster('one', 'web'));
    const more = 'accept: { unknown-role: comes and goes }\nparams: { h: { type: host, role: spare } }\n';
    write('procedures/shop/look.yaml', procedure('look', "  - announce: '{{ params.h }}'\n", more));
    expect(all()).toEqual([]);
  });
});

test('rights for a procedure that the product does not have are told: they restrict nothing', () => {
  write('procedures/shop/look.yaml', procedure('look', step('S1', 'any web', 'run: uptime, timeout: 1m')));
  write('clusters/one.yaml', `${cluster('one', 'web')}procedures: { look: { start: [] }, lok: { start: [] } }\n`);
  expect(lintFolders(folders()).notes).toEqual([
    'Note: one has rights for the procedure lok, which shop does not have, so they restrict nothing; did you mean "look"?',
  ]);
});

describe('libraries', () => {
  test('one that nobody uses is looked at too', () => {
    write('procedures/shop/common.yaml', library);
    expect(lintFolders(folders())).toMatchObject({
      findings: [{ line: 5, column: 16, rule: 'endless' }],
      notes: [
        `Note: ${join(root, 'procedures/shop/common.yaml')}: no procedure uses the shared entry stop`,
        `Note: ${join(root, 'procedures/shop/common.yaml')}: no procedure uses the shared entry wait`,
      ],
      counts: { procedures: 0, libraries: 1, clusters: 0 },
    });
    expect(one('procedures/shop/common.yaml')).toEqual(['procedures/shop/common.yaml:5:16 endless: `sleep infinity` never ends by itself']);
  });

  test('what a procedure makes of one is told with the procedure, the rest once with the library', () => {
    write('procedures/shop/common.yaml', library);
    for (const name of ['a', 'b']) {
      const steps =
        step('S1', 'web', 'use: stop') + step('S2', 'web', 'use: wait') + step('S3', 'web', 'use: stop, unsafe: bad, expect: status == 0');
      write(`procedures/shop/${name}.yaml`, procedure(name, steps, 'libraries: [common]\n'));
    }
    expect(all()).toEqual([
      'procedures/shop/common.yaml:5:16 endless: `sleep infinity` never ends by itself',
      'procedures/shop/a.yaml:6:39 unsafe-verb: nobody is asked before this step, and here is `stop`',
      'procedures/shop/b.yaml:6:39 unsafe-verb: nobody is asked before this step, and here is `stop`',
    ]);
    expect(lintFolders(folders()).notes).toEqual([]);
  });

  test('with a procedure that cannot be read, nobody knows what is used', () => {
    write('procedures/shop/common.yaml', library);
    write('procedures/shop/a.yaml', 'procedure: [');
    expect(lintFolders(folders()).notes).toEqual([]);
  });

  test('are found beside a file from elsewhere', () => {
    write('elsewhere/lent.yaml', library.replace('common', 'lent'));
    write('elsewhere/a.yaml', procedure('other-name', step('S1', 'web', 'use: stop, gate: Sure?'), 'libraries: [lent]\n'));
    expect(one('elsewhere/a.yaml')).toEqual([]);
    expect(one('elsewhere/lent.yaml')).toHaveLength(1);
  });
});

test('a file of the folders is judged by its name, one from elsewhere is not', () => {
  write('procedures/shop/a.yaml', procedure('b', '  - announce: hi\n'));
  write('elsewhere/a.yaml', procedure('b', '  - announce: hi\n'));
  expect(one('procedures/shop/a.yaml')).toEqual([
    'procedures/shop/a.yaml:1:1 a mistake: `procedure` says b, but the file is called a.yaml',
  ]);
  expect(one('elsewhere/a.yaml')).toEqual([]);
});

test('cluster files and files that are not there are told too', () => {
  write('elsewhere/c.yaml', 'cluster: c\n');
  expect(one('elsewhere/c.yaml').length).toBeGreaterThan(1);
  write('elsewhere/d.yaml', cluster('d', 'web'));
  expect(one('elsewhere/d.yaml')).toEqual([]);
  expect(one('elsewhere/nothing.yaml')).toEqual(['elsewhere/nothing.yaml:1:1 a mistake: the file cannot be read: it does not exist']);
});

test('mistakes come before judgement: a file that cannot be used is not judged', () => {
  write('procedures/shop/a.yaml', procedure('a', step('S1', 'web', 'run: shop stop')));
  expect(all()).toEqual(['procedures/shop/a.yaml:5:5 a mistake: step S1 has no `timeout`']);
});
