/** The installation's secret: made once, read by all, refused when it is no secret any more. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keysFrom, openInstallationKey, readInstallationKey } from '../src/installation-key.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-key-'));
  path = join(folder, 'installation.key');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hex = (key: Buffer): string => key.toString('hex');

test('the first start makes a key for its user alone', async () => {
  const keyFor = await openInstallationKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(path, 'utf8'), 'base64')).toHaveLength(32);
  expect(readdirSync(folder)).toEqual(['installation.key']);
  expect(hex((await openInstallationKey(path))('journal'))).toBe(hex(keyFor('journal')));
});

test('twenty first starts at once agree on one key', async () => {
  const keys = await Promise.all(Array.from({ length: 20 }, () => openInstallationKey(path)));
  expect(new Set(keys.map((keyFor) => hex(keyFor('journal')))).size).toBe(1);
  expect(readdirSync(folder)).toEqual(['installation.key']);
});

test('each purpose has a key of its own, of 32 bytes', () => {
  const secret = Buffer.alloc(32, 7);
  const keys = ['journal', 'register', 'second-factor'].map((purpose) => keysFrom(secret)(purpose));
  expect(new Set([secret, ...keys].map(hex)).size).toBe(4);
  for (const key of keys) expect(key).toHaveLength(32);
  // HKDF-SHA256 as any other program computes it (RFC 5869 with an empty salt).
  expect(hex(keysFrom(secret)('journal'))).toBe('e4fa283f81e77e49178f91fbe24eab3176a76d8272e3311200ba7c4161797607');
});

test('a link to a key file is followed, and the file judged', async () => {
  await openInstallationKey(path);
  const other = join(folder, 'link');
  symlinkSync(path, other);
  await expect(openInstallationKey(other)).resolves.toBeDefined();
  chmodSync(path, 0o640);
  await expect(openInstallationKey(other)).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});

const good = `${Buffer.alloc(32, 1).toString('base64')}\n`;

test.each<[string, () => void, RegExp]>([
  ['an empty file', () => writeFileSync(path, '', { mode: 0o600 }), /it is empty/],
  ['a file of blanks', () => writeFileSync(path, ' \n\n', { mode: 0o600 }), /it is empty/],
  ['a key of 31 bytes', () => writeFileSync(path, Buffer.alloc(31).toString('base64'), { mode: 0o600 }), /32 bytes/],
  ['two keys', () => writeFileSync(path, good + good, { mode: 0o600 }), /32 bytes/],
  ['32 raw bytes', () => writeFileSync(path, Buffer.alloc(32, 200), { mode: 0o600 }), /32 bytes/],
  ['a gigantic file', () => writeFileSync(path, 'A'.repeat(5_000_000), { mode: 0o600 }), /32 bytes/],
  ['a file that its group may read', () => writeFileSync(path, good, { mode: 0o640 }), /its rights are 640/],
  ['a file that everybody may read', () => writeFileSync(path, good, { mode: 0o604 }), /its rights are 604/],
  ['a folder', () => mkdirSync(path, { mode: 0o700 }), /it is a folder/],
])('%s is refused, named, and left alone', async (_what, lay, why) => {
  lay();
  const before = statSync(path);
  const refused = await openInstallationKey(path).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'KEY_UNUSABLE', message: expect.stringMatching(why), check: expect.stringMatching(/\w/) });
  expect(String(refused)).toContain(path);
  expect(String(refused)).not.toContain(good.trim());
  expect(statSync(path)).toMatchObject({ mtimeMs: before.mtimeMs, size: before.size });
  expect(readdirSync(folder)).toEqual(['installation.key']);
});

test('a key in a folder that is not there is refused', async () => {
  const nowhere = join(folder, 'gone', 'installation.key');
  await expect(openInstallationKey(nowhere)).rejects.toMatchObject({ message: expect.stringContaining('its folder does not exist') });
});

test('whoever only verifies makes no key', async () => {
  await expect(readInstallationKey(path)).rejects.toMatchObject({ code: 'KEY_MISSING', message: expect.stringContaining(path) });
  expect(readdirSync(folder)).toEqual([]);
});
