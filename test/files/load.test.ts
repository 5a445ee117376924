import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCluster, findProcedure } from '../../src/files/library.ts';
import { lintFolders } from '../../src/files/lint.ts';
import { formatFinding, loadLibrary } from '../../src/files/load.ts';
import { checkFit } from '../../src/inventory/fit.ts';

const shipped = { procedures: 'procedures', clusters: 'infra/clusters' };

describe('the shipped files', () => {
  const library = loadLibrary(shipped);

  test('load without a single finding', () => {
    expect(library.findings.map(formatFinding)).toEqual([]);
    const names = library.procedures.map(({ product, name }) => `${product} ${name}`);
    expect(names).toEqual(expect.arrayContaining(['restart', 'shutdown', 'start', 'status'].map((name) => `atscale ${name}`)));
  });

  test('leave lint without an objection', () => {
    const { findings, notes } = lintFolders({ ...shipped, people: 'infra/people.yaml' });
    expect([...findings.map(formatFinding), ...notes]).toEqual([]);
  });

  test('every procedure fits the example cluster of its product', () => {
    for (const cluster of library.clusters) {
      const fitting = library.procedures.filter(({ product }) => product === cluster.product);
      expect(fitting.flatMap((procedure) => checkFit(procedure, cluster))).toEqual([]);
      expect(fitting.length).toBeGreaterThan(0);
    }
  });
});

describe('a folder with good and bad files', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'keyturn-files-'));
    mkdirSync(join(root, 'procedures', 'atscale'), { recursive: true });
    mkdirSync(join(root, 'clusters'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const good =
    'procedure: look\nproduct: atscale\ntitle: Look\nsteps:\n  - { id: S1, title: Look, on: any engine, run: uptime, timeout: 1m }\n';
  const write = (path: string, text: string | Buffer): void => writeFileSync(join(root, path), text);
  const load = () => loadLibrary({ procedures: join(root, 'procedures'), clusters: join(root, 'clusters') });
  const messages = () => load().findings.map(({ file, message }) => `${file.slice(root.length + 1)}: ${message}`);

  test('a malformed file never hides the others', () => {
    write('procedures/atscale/look.yaml', good);
    write('procedures/atscale/bad.yaml', 'procedure: [');
    write('procedures/atscale/binary.yaml', Buffer.from([0xff, 0xfe, 0x00]));
    const library = load();
    expect(library.procedures.map(({ name }) => name)).toEqual(['look']);
    expect(messages()).toEqual([
      expect.stringMatching(/^procedures\/atscale\/bad.yaml: not valid YAML/),
      'procedures/atscale/binary.yaml: the file cannot be read: it is not UTF-8 text',
    ]);
  });

  test('names inside must match file and folder', () => {
    mkdirSync(join(root, 'procedures', 'amp'));
    write('procedures/atscale/stare.yaml', good);
    write('procedures/amp/look.yaml', good);
    expect(messages()).toEqual([
      'procedures/amp/look.yaml: `product` says atscale, but the folder is called amp',
      'procedures/atscale/stare.yaml: `procedure` says look, but the file is called stare.yaml',
    ]);
  });

  test('a missing folder is a finding, not a crash', () => {
    rmSync(join(root, 'clusters'), { recursive: true });
    expect(messages()).toEqual(['clusters: the folder cannot be read: it does not exist']);
  });

  test('other files and hidden ones are left alone', () => {
    write('procedures/atscale/README.md', '# not YAML: [');
    write('procedures/atscale/.look.yaml', 'a: [');
    write('procedures/atscale/look.test.yaml', 'a: [');
    expect(load()).toEqual({ procedures: [], clusters: [], findings: [], broken: [] });
  });

  test('a name that is not there suggests the nearest', () => {
    const library = loadLibrary(shipped);
    const cluster = findCluster(library, 'atscale-prod');
    if (cluster.kind !== 'found') throw new Error(cluster.why);
    expect(findCluster(library, 'atscale-prdo')).toMatchObject({ kind: 'missing', suggestion: 'atscale-prod' });
    expect(findProcedure(library, 'retsart', cluster.cluster)).toMatchObject({ kind: 'missing', suggestion: 'restart' });
  });

  const library = 'library: common\nproduct: atscale\nshared: { see: { run: uptime, timeout: 1m } }\n';
  const user = (name: string) =>
    good.replace('look', name).replace('title: Look', 'title: Look\nlibraries: [common]').replace('run: uptime, timeout: 1m', 'use: see');

  test('a library lends to the procedures beside it', () => {
    write('procedures/atscale/common.yaml', library);
    write('procedures/atscale/look.yaml', user('look'));
    expect(load()).toMatchObject({ findings: [], procedures: [{ name: 'look', steps: [{ run: 'uptime' }] }] });
    mkdirSync(join(root, 'procedures', 'amp'));
    write('procedures/amp/look.yaml', user('look').replace('product: atscale', 'product: amp'));
    expect(messages()).toEqual([
      'procedures/amp/look.yaml: there is no library common beside this file',
      'procedures/amp/look.yaml: there is no "see" under shared',
    ]);
  });

  test('a mistake in a library is told once, and named for each procedure', () => {
    write('procedures/atscale/common.yaml', library.replace('uptime', 'uptime, expect: nope'));
    for (const name of ['look', 'gaze']) write(`procedures/atscale/${name}.yaml`, user(name));
    write(
      'clusters/prod.yaml',
      'cluster: prod\nproduct: atscale\ntitle: P\nmay: { start: [], approve: [] }\nhosts: [{ name: a, address: b, roles: [engine], user: u }]\n',
    );
    expect(messages()).toEqual(['procedures/atscale/common.yaml: there is no nope here']);
    const loaded = load();
    const found = findCluster(loaded, 'prod');
    if (found.kind !== 'found') throw new Error(found.why);
    expect(findProcedure(loaded, 'gaze', found.cluster)).toMatchObject({
      why: expect.stringContaining('atscale/common.yaml cannot be used'),
    });
  });

  test('the name of a library must match its file and folder', () => {
    write('procedures/atscale/commons.yaml', library);
    expect(messages()).toEqual(['procedures/atscale/commons.yaml: `library` says common, but the file is called commons.yaml']);
    rmSync(join(root, 'procedures/atscale/commons.yaml'));
    write('procedures/atscale/common.yaml', library.replace('product: atscale', 'product: amp'));
    expect(messages()).toEqual(['procedures/atscale/common.yaml: `product` says amp, but the folder is called atscale']);
  });

  test('a malformed file is named when its name is asked for', () => {
    write('clusters/prod.yaml', 'cluster: [');
    const found = findCluster(load(), 'prod');
    expect(found).toMatchObject({ kind: 'missing', why: expect.stringContaining('clusters/prod.yaml cannot be used') });
  });
});
