import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { OutputDigest } from './output.ts';

/** The first `maxBytes` of a kept output, as text; short ones are whole in the digest. */
export async function readOutput(dataFolder: string, output: OutputDigest, maxBytes: number): Promise<string> {
  if (output.path === undefined) return output.head;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of createReadStream(join(dataFolder, output.path)).pipe(createGunzip())) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
