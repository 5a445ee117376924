/** Contents of kept outputs for a record: whole up to a limit, proved against their hash, in memory that the limit bounds. */
import { createHash } from 'node:crypto';
import { resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../errors.ts';
import { type KeptOutput, MISMATCH } from './model.ts';
import { NotPlain, openPlain } from './plain-file.ts';

/** Uncompressed bytes of one output, and of all outputs of one run, that an export holds. */
export const LIMITS = { each: 256 * 1024, all: 4 * 1024 * 1024 } as const;

type Output = Omit<KeptOutput, 'content'>;
export type Contents = (output: Output) => Promise<KeptOutput['content']>;

/** For one run: what was given counts towards `all`. A file that is missing, damaged or another one is said, and never given out as the output. */
export function createContents(folder: string, limits: { readonly each: number; readonly all: number } = LIMITS): Contents {
  let left = limits.all;
  return async (output) => {
    if (output.bytes > limits.each) return elsewhere(`it has ${output.bytes} bytes, and an export holds outputs up to ${limits.each}`);
    if (output.bytes > left)
      return elsewhere(`the outputs of one run are held up to ${limits.all} bytes in all, and those before it fill that`);
    const read = await provedBytes(folder, output);
    if (typeof read === 'string') return elsewhere(read);
    left -= read.length;
    return textOrBytes(read);
  };
}

/** The bytes of one output, proved; or a sentence about why they are not to be had here. At most `most` bytes. */
export function createContentOf(folder: string, most: number): (output: Output) => Promise<Buffer | string> {
  return async (output) => (output.bytes > most ? `it has ${output.bytes} bytes, more than ${most}` : provedBytes(folder, output));
}

async function provedBytes(folder: string, { path, bytes, sha256 }: Output): Promise<Buffer | string> {
  const place = placeOf(folder, path);
  if (place === undefined) return `${MISMATCH}its path is none that Keyturn writes`;
  const read = await contentOf(place, bytes);
  if (typeof read === 'string') return read;
  const isSame = createHash('sha256').update(read).digest('hex') === sha256;
  return isSame ? read : `${MISMATCH}the file that lies there has another SHA-256`;
}

function elsewhere(why: string): KeptOutput['content'] {
  return { kind: 'elsewhere', why };
}

/** A journal that was tampered with must not make an export read another file. */
function placeOf(folder: string, path: string): string | undefined {
  const root = resolve(folder, 'output');
  const place = resolve(folder, path);
  return place.startsWith(`${root}${sep}`) && place.endsWith('.log.gz') ? place : undefined;
}

/** Never more than one byte beyond what it should have, whatever the file unpacks to. A sentence where it cannot be read. */
async function contentOf(path: string, bytes: number): Promise<Buffer | string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    const unpacked = createGunzip();
    const file = await openPlain(path);
    pipeline(file.createReadStream(), unpacked, () => undefined);
    for await (const chunk of unpacked) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      size += chunk.length;
      if (size > bytes) return `${MISMATCH}the file that lies there has more than its ${bytes} bytes`;
    }
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT'
      ? 'its file is not in the folder of the record (KEYTURN_RECORD), where it should be'
      : `${MISMATCH}the file that lies there cannot be unpacked (${error instanceof NotPlain ? error.message : code})`;
  }
  return Buffer.concat(chunks);
}

function textOrBytes(content: Buffer): KeptOutput['content'] {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content) };
  } catch {
    return { kind: 'base64', base64: content.toString('base64') };
  }
}
