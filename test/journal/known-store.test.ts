import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recogniseStore } from '../../src/journal/known-store.ts';

test('another Redis under the same data folder is noticed once', async () => {
  const data = mkdtempSync(join(tmpdir(), 'keyturn-known-'));
  expect(await recogniseStore(data, 'a')).toBe('first');
  expect(await recogniseStore(data, 'a')).toBe('same');
  expect(await recogniseStore(data, 'b')).toBe('other');
  expect(await recogniseStore(data, 'b')).toBe('same');
  rmSync(data, { recursive: true });
});
