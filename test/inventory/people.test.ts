/** The file of people: accounts that belong together, and mistakes with their places. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followPeople, loadPeople } from '../../src/files/people.ts';
import { parsePeople } from '../../src/inventory/people.ts';

test.each([
  [
    'a name for an account',
    'people:\n  dana: [dana]\n',
    '2:10 people.dana[0] must be the id of a Slack user (U… or W…), not a name and not a group; found "dana"',
  ],
  ['a group for an account', 'people:\n  dana: [S0GROUP]\n', '2:10 people.dana[0] must be the id'],
  ['nobody', 'people:\n  dana: []\n', '2:9 people.dana must have at least 1 entry'],
  ['an account of two people', 'people:\n  dana: [U1]\n  sam: [U2, U1]\n', '3:13 people.sam[1] the account U1 belongs to dana already'],
  ['an account twice', 'people:\n  dana: [U1, U1]\n', '2:14 people.dana[1] the account U1 belongs to dana already'],
  ['another key', 'persons: {}\n', '1:1'],
  ['no YAML', 'people: [', '1:'],
])('%s is a finding', (_title, text, start) => {
  const parsed = parsePeople(text, 'people.yaml');
  const told = parsed.kind === 'ok' ? [] : parsed.findings.map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`);
  expect(told[0]?.startsWith(start)).toBe(true);
});

test('a file that is not there names nobody, a folder is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-people-'));
  try {
    expect(loadPeople(join(folder, 'people.yaml'))).toEqual({ kind: 'known', identities: new Map() });
    expect(loadPeople(folder).kind).toBe('broken');
    writeFileSync(join(folder, 'people.yaml'), 'people: { ann@example.com: [U0ANN, W0ANN] }\n');
    const known = loadPeople(join(folder, 'people.yaml'));
    expect(known.kind === 'known' && known.identities.get('W0ANN')).toEqual({ name: 'ann@example.com', accounts: ['U0ANN', 'W0ANN'] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file that cannot be reached is a mistake, not nobody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-people-'));
  try {
    writeFileSync(join(folder, 'plain'), '');
    symlinkSync(join(folder, 'unmounted', 'people.yaml'), join(folder, 'gone.yaml'));
    symlinkSync(join(folder, 'round.yaml'), join(folder, 'round.yaml'));
    for (const file of ['gone.yaml', 'round.yaml', 'plain/people.yaml']) expect(loadPeople(join(folder, file)).kind).toBe('broken');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a file that was named or seen before, and is gone, is a mistake', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-people-'));
  const file = join(folder, 'people.yaml');
  try {
    expect(followPeople(file, true)().kind).toBe('broken');
    const follow = followPeople(file, false);
    expect(follow().kind).toBe('known');
    writeFileSync(file, 'people: {}\n');
    expect(follow().kind).toBe('known');
    rmSync(file);
    expect(follow()).toMatchObject({ kind: 'broken', findings: [{ message: 'the file of people is not there' }] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
