/** The scripts that put files in their places, run by a real shell in a folder that somebody else may have prepared. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EDIT_SCRIPT, PLACE_SCRIPT } from '../../src/run/file-scripts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const sum = (text: string): string => createHash('sha256').update(text).digest('hex');

function edit(before: string, after: string): { readonly status: number | null; readonly stderr: string } {
  const env = { FILE: at('f'), BEFORE: sum(before), AFTER: sum(after), PART: at('.f.part'), BACKUP: at('f.old'), CONTENT: after };
  return spawnSync('/bin/sh', ['-c', EDIT_SCRIPT], { env: { ...env, PATH: process.env.PATH }, encoding: 'utf8' });
}

function place(text: string, path = process.env.PATH): { readonly status: number | null; readonly stderr: string } {
  writeFileSync(at('.f.part'), text);
  const env = { TARGET: at('f'), SHA256: sum(text), MODE: '0600', OWNER: '', PART: at('.f.part'), BACKUP: at('f.old') };
  return spawnSync('/bin/sh', ['-c', PLACE_SCRIPT], { env: { ...env, PATH: path }, encoding: 'utf8' });
}

test('an edit writes through no link that waits under the name of its part', () => {
  writeFileSync(at('f'), 'old');
  writeFileSync(at('elsewhere'), 'precious');
  symlinkSync(at('elsewhere'), at('.f.part'));
  expect(edit('old', 'new').status).toBe(0);
  expect(readFileSync(at('elsewhere'), 'utf8')).toBe('precious');
  expect([readFileSync(at('f'), 'utf8'), lstatSync(at('f')).isSymbolicLink()]).toEqual(['new', false]);
});

test.each(['elsewhere', 'nowhere'])('the old file is not kept behind a link that leads %s', (leads) => {
  writeFileSync(at('f'), 'old');
  writeFileSync(at('elsewhere'), 'precious');
  symlinkSync(at(leads), at('f.old'));
  const done = edit('old', 'new');
  expect(done).toMatchObject({ status: 1, stderr: expect.stringMatching(/f\.old is a link/) });
  expect(readFileSync(at('f'), 'utf8')).toBe('old');
  expect(readFileSync(at('elsewhere'), 'utf8')).toBe('precious');
  expect(existsSync(at('nowhere'))).toBe(false);
});

test('half a kept file is never taken for the whole', () => {
  writeFileSync(at('f'), 'the whole old file');
  // A copy that is killed in the middle.
  const tools = at('tools');
  execFileSync('mkdir', [tools]);
  writeFileSync(join(tools, 'cp'), '#!/bin/sh\nfor last; do :; done\nprintf half >"$last"\nkill -KILL $PPID\n');
  chmodSync(join(tools, 'cp'), 0o755);
  expect(place('new', `${tools}:${process.env.PATH}`).status).toBeNull();
  expect(place('new').status).toBe(0);
  expect(readFileSync(at('f.old'), 'utf8')).toBe('the whole old file');
  expect(readdirSync(folder).sort()).toEqual(['f', 'f.old', 'tools']);
});

test('a private file is kept as private', () => {
  writeFileSync(at('f'), 'old', { mode: 0o600 });
  expect(edit('old', 'new').status).toBe(0);
  expect([statSync(at('f')).mode & 0o777, statSync(at('f.old')).mode & 0o777]).toEqual([0o600, 0o600]);
});

test('what is kept is the file as it was before the run', () => {
  writeFileSync(at('f'), 'first');
  expect([edit('first', 'second').status, edit('second', 'third').status]).toEqual([0, 0]);
  expect(readFileSync(at('f.old'), 'utf8')).toBe('first');
});
