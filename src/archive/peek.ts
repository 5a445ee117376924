/** When a run of the archive began, from the first bytes of its file: an export looks at thousands that began after its period. Not proved. */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { openPlain } from '../record/plain-file.ts';
import { isRunName, months } from './files.ts';

const unpack = promisify(gunzip);
/** Packed, and unpacked at most: the first entry's head is in the first few hundred bytes. */
const PACKED = 1_024;
const UNPACKED = 2 * 1024 ** 2;
/** As JSON.stringify writes a record (record/model.ts). */
const BEGAN = /^\{"format":"[^"]*","run":"[^"]*","entries":\[\{"seq":1,"id":"[^"]*","at":"(\d{1,16})"/;

/** Milliseconds since 1970; undefined where no file says it. `folder`: that of the record. */
export async function beganAt(folder: string, run: string): Promise<number | undefined> {
  if (!isRunName(run)) return undefined;
  for (const month of await months(folder)) {
    const text = await beginningOf(join(folder, month, `${run}.json.gz`)).catch(() => undefined);
    const at = BEGAN.exec(text ?? '')?.[1];
    if (at !== undefined) return Number(at);
  }
  return undefined;
}

async function beginningOf(path: string): Promise<string> {
  const file = await openPlain(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(PACKED) });
    // What was cut off is no error: only the beginning is wanted.
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED };
    return (await unpack(buffer.subarray(0, bytesRead), options)).toString('utf8');
  } finally {
    await file.close();
  }
}
