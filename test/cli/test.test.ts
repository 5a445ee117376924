/** `keyturn test` on files: which it finds, what it says, and how it ends. */
import { join } from 'node:path';
import { type Cli, clusterFile, createCli } from './world.ts';

let cli: Cli;
beforeEach(() => {
  cli = createCli();
});
afterEach(() => cli.close());

const TEST = `tests: look
cluster: { hosts: { web-1: [web], web-2: [web] } }
answers: [{ run: hostname, prints: here }]
cases:
  - { title: every host is looked at, expect: succeeded, does: [S1 web-1, S1 web-2] }
  - { title: a host that fails stops it, answers: [{ on: web-1, run: hostname, status: 1 }], expect: { stopped: S1, on: web-1 } }
`;

test('help teaches by example', async () => {
  const { code, out } = await cli.run('test', '--help');
  expect(code).toBe(0);
  for (const words of ['$ keyturn test restart --coverage', 'tests: restart', 'docs/testing-procedures.md']) expect(out).toContain(words);
});

test('one line a case, and the sum of them', async () => {
  cli.write('procedures/shop/look.test.yaml', TEST);
  const { code, out, err } = await cli.run('test');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(
    /look\.test\.yaml\n {2}passed {2}every host is looked at \(\d+ ms\)\n {2}passed {2}a host that fails stops it \(\d+ ms\)\n2 cases passed in \d+ ms\.$/,
  );
});

test('a failure says what was expected, what happened and what to check', async () => {
  const file = cli.write('procedures/shop/look.test.yaml', TEST.replace('S1 web-1, S1 web-2', 'S1 web-2'));
  const { code, out, err } = await cli.run('test', 'look');
  expect(code).toBe(1);
  expect(out).toContain('passed  a host that fails stops it');
  expect(err).toContain(`FAILED  every host is looked at`);
  expect(err).toContain(`${file}:5`);
  for (const words of ['expected  commands S1 web-2', 'happened  S1 web-1, S1 web-2', 'Check:  `does`', '1 failed; 2 cases'])
    expect(err).toContain(words);
});

test('branches that no case takes are shown, and are an error on demand', async () => {
  cli.write('procedures/shop/look.test.yaml', TEST);
  expect(await cli.run('test', 'look', '--coverage')).toMatchObject({
    code: 0,
    err: expect.stringContaining('look: 2 of 3 branches are taken.'),
  });
  const { code, err } = await cli.run('test', '--all-branches');
  expect(code).toBe(1);
  expect(err).toContain('S1  is never left out because there is no web');
  const nobody = '  - { title: nobody, cluster: { hosts: { web-1: [db] }, without: [web-2] }, expect: succeeded, skipped: [S1] }\n';
  cli.write('procedures/shop/look.test.yaml', TEST + nobody);
  expect(await cli.run('test', '--all-branches')).toMatchObject({
    code: 0,
    out: expect.stringContaining('look: every one of its 3 branches is taken.'),
  });
});

test('a procedure without a test is noted', async () => {
  cli.write('procedures/shop/look.test.yaml', TEST);
  cli.write('procedures/shop/other.yaml', 'procedure: other\nproduct: shop\ntitle: Other\nsteps: [{ announce: Hello. }]\n');
  expect(await cli.run('test')).toMatchObject({ code: 0, out: expect.stringContaining('Note: there is no test of shop/other.') });
  expect((await cli.run('test', '--all-branches')).code).toBe(1);
});

test('one case can be played alone', async () => {
  cli.write('procedures/shop/look.test.yaml', TEST);
  expect(await cli.run('test', 'shop/look', '--only', 'stops it')).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 case passed'),
  });
  expect(await cli.run('test', '--only', 'nothing like it')).toMatchObject({ code: 2, err: 'No case has “nothing like it” in its title.' });
});

test('a program reads the same from --json', async () => {
  cli.write('procedures/shop/look.test.yaml', TEST.replace('S1 web-1, S1 web-2', 'S1 web-2'));
  const { code, out } = await cli.run('test', '--json', '--coverage');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    files: [
      {
        procedure: 'look',
        cases: [
          { title: 'every host is looked at', line: 5, passed: false, failures: [{ happened: 'S1 web-1, S1 web-2' }] },
          { title: 'a host that fails stops it', passed: true, failures: [] },
        ],
      },
    ],
    findings: [],
    coverage: [{ procedure: 'look', branches: 3, missed: [{ steps: ['S1'] }] }],
  });
});

test('a mistake in a test file is shown with its place', async () => {
  const file = cli.write('procedures/shop/look.test.yaml', TEST.replace('on: web-1, run', 'on: web-9, run'));
  expect(await cli.run('test')).toMatchObject({ code: 1, err: expect.stringContaining(`${file}:6:`) });
  expect((await cli.run('test', file)).err).toContain('the cluster has no host "web-9"; did you mean "web-1"?');
});

test('a test file is named after its procedure, which there must be', async () => {
  cli.write('procedures/shop/looks.test.yaml', TEST);
  expect((await cli.run('test')).err).toContain('`tests` says look, but the file is called looks.test.yaml');
  cli.write('procedures/shop/looks.test.yaml', TEST.replace('tests: look', 'tests: looks'));
  expect((await cli.run('test')).err).toContain('there is no procedure "looks" beside it that can be used; did you mean "look"?');
});

test('several files may test one procedure, together', async () => {
  const [head = '', first = '', second = ''] = TEST.split(/(?= {2}- \{ title)/);
  cli.write('procedures/shop/look.test.yaml', head + first);
  cli.write('procedures/shop/look.trouble.test.yaml', head.replace('answers: [{ run: hostname, prints: here }]\n', '') + second);
  expect(await cli.run('test', 'look', '--coverage')).toMatchObject({ code: 0, err: expect.stringContaining('look: 2 of 3 branches') });
});

test('a cluster file and recorded texts can be used', async () => {
  cli.write('clusters/shop-prod.yaml', clusterFile('shop-prod', 22));
  cli.write('procedures/shop/recorded/name.txt', 'web-1.example\n');
  cli.write(
    'procedures/shop/look.test.yaml',
    `tests: look
cluster: shop-prod
outputs: { name: { file: recorded/name.txt } }
answers: [{ run: hostname, output: name }]
cases: [{ title: it is looked at, expect: succeeded, says: [web-1.example] }]
`,
  );
  expect(await cli.run('test')).toMatchObject({ code: 0, err: '' });
});

test('what is not there is told with what there is', async () => {
  expect(await cli.run('test')).toMatchObject({ code: 2, err: expect.stringContaining('There is no test file in') });
  cli.write('procedures/shop/look.test.yaml', TEST);
  expect(await cli.run('test', 'lok')).toMatchObject({
    code: 2,
    err: 'There is no test file for "lok"; did you mean "look"? There is: look.',
  });
  expect(await cli.run('test', join(cli.folder, 'gone.test.yaml'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('the file cannot be read'),
  });
});
