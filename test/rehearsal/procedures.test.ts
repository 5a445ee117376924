/** Our own procedures do what their tests say, on every branch; and a wrong one is caught. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatFinding } from '../../src/procedure/finding.ts';
import { loadTests, testFilesIn } from '../../src/rehearsal/load.ts';
import { coverageIn, type FileResult, playFile } from '../../src/rehearsal/suite.ts';

const FOLDERS = { procedures: 'procedures', clusters: 'infra/clusters' };

async function playAll(files: readonly string[], folders = FOLDERS, only?: string): Promise<readonly FileResult[]> {
  const { tests, findings } = loadTests(files, folders);
  expect(findings.map(formatFinding)).toEqual([]);
  return Promise.all(tests.map((each) => playFile(each, ({ title }) => only === undefined || title === only)));
}

const files = testFilesIn('procedures');

/** Milliseconds: dozens of cases in a file, on cores that other tests use as well. */
const ALL_CASES = 120_000;

test.each(files)(
  '%s holds, on every branch of its procedure',
  async (file) => {
    const results = await playAll([file]);
    const failed = results.flatMap(({ cases, failures }) => [...cases.filter((each) => each.failures.length > 0), ...failures]);
    expect(failed).toEqual([]);
    expect(coverageIn(results).flatMap(({ missed }) => missed.map(({ steps, never }) => `${steps.join(', ')} ${never}`))).toEqual([]);
  },
  ALL_CASES,
);

test('there are tests of what AtScale and Alation document', () => {
  for (const name of ['replace-host', 'restart', 'shutdown', 'start', 'status'])
    expect(files).toContain(`procedures/atscale/${name}.test.yaml`);
  for (const name of ['ha-setup', 'update-split', 'ha-status']) expect(files).toContain(`procedures/alation/${name}.test.yaml`);
});

test('there are tests of what AMP documents', () => {
  for (const name of ['failover-drill', 'ha-setup', 'ha-status', 'promote', 'remove-terminated', 'share-ssh-keys'])
    expect(files).toContain(`procedures/amp/${name}.test.yaml`);
});

/** A slip that the language cannot forbid, and the first case that objects. */
const SLIPS: readonly (readonly [slip: string, file: string, from: string, to: string, objects: string])[] = [
  [
    'the leader is stopped before the replica',
    'common',
    'on: replica, use: stop',
    'on: leader, use: stop',
    'the whole restart, in the documented order',
  ],
  [
    'the replica is started before the leader',
    'common',
    'on: leader, use: start',
    'on: replica, use: start',
    'the whole restart, in the documented order',
  ],
  [
    'any number of leaders will do',
    'common',
    '"Leader").size() == 1',
    '"Leader").size() >= 1',
    'two leaders stop it before anything is stopped',
  ],
  [
    'one service that stopped is enough',
    'common',
    'services.all(s, s.state in ["STOPPED", "EXITED"])\n      every: 2s',
    'services.exists(s, s.state in ["STOPPED", "EXITED"])\n      every: 2s',
    'a node that does not stop keeps the next one from being stopped',
  ],
  [
    'roles are never read again',
    'common',
    ', recheck: [leader, replica]',
    '',
    'roles that moved before S4 is asked stop it, and the new ones can be used',
  ],
  [
    'nobody is asked',
    'restart',
    '    unsafe: Stops all queries and the Design Center until the start is through.\n    steps:\n      - group: stop_all',
    `    steps:
      - { id: S3, title: T, on: each query_engine, use: stop }
      - { id: S4, title: T, on: replica, use: stop, recheck: [leader, replica] }
      - { id: S5, title: T, on: leader, use: stop, recheck: [leader] }
      - { id: S6, title: T, on: coordinator, use: stop }`,
    'the whole restart, in the documented order',
  ],
  [
    'nobody hears that it is through',
    'restart',
    "\n  - announce: '{{ cluster.title }}: the restart is through; queries and the Design Center are back.'\n",
    '',
    'the whole restart, in the documented order',
  ],
  [
    'a wait ends before a service has come up',
    'common',
    's.state == "RUNNING")\n      every: 2s\n      within: 5m\n      waiting: every service of {{ host.name }} to be RUNNING',
    's.state != "")\n      every: 2s\n      within: 5m\n      waiting: every service of {{ host.name }} to be RUNNING',
    'a service that does not come up stops it',
  ],
];

describe('a procedure that is wrong in one place is caught', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyturn-rehearsal-'));
    mkdirSync(join(folder, 'atscale', 'recorded'), { recursive: true });
    const copy = (path: string): void => writeFileSync(join(folder, path), readFileSync(join('procedures', path)));
    for (const name of ['common.yaml', 'restart.yaml', 'restart.test.yaml']) copy(`atscale/${name}`);
    for (const name of readdirSync('procedures/atscale/recorded')) copy(`atscale/recorded/${name}`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(SLIPS)('%s', async (_slip, file, from, to, objects) => {
    const path = join(folder, 'atscale', `${file}.yaml`);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(from);
    writeFileSync(path, text.replace(from, to));
    const results = await playAll([join(folder, 'atscale/restart.test.yaml')], { ...FOLDERS, procedures: folder }, objects);
    const cases = results.flatMap((each) => each.cases);
    expect(cases).toHaveLength(1);
    expect(cases[0]?.failures).not.toEqual([]);
  });
});
