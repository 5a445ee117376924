import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { OutputDigest } from './output.ts';
import { openPlain } from './plain-file.ts';

/** The first `maxBytes` of a kept output, as text; short ones are whole in the digest. */
export async function readOutput(dataFolder: string, output: OutputDigest, maxBytes: number): Promise<string> {
  if (output.path === undefined) return output.head;
  const chunks: Buffer[] = [];
  let size = 0;
  const file = await openPlain(join(dataFolder, output.path));
  const unpacked = createGunzip();
  pipeline(file.createReadStream(), unpacked, () => undefined);
  for await (const chunk of unpacked) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
