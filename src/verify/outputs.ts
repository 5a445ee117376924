/**
 * What attempts printed, held against what the journal says of it: what is whole in the journal by its own hash, the rest by the compressed file in the
 * folder of the record. Read as a stream, so that an output of gigabytes takes no more memory than a small one.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { codeOf, explain } from '../errors.ts';
import { openPlain } from '../record/plain-file.ts';
import type { Recorded } from '../run/events.ts';
import type { Fault, Findings, Notice } from './fault.ts';
import { headFaults, type Told, toldOutputs } from './told.ts';

/** All outputs of a run. `folder`: that of the record; where it holds no outputs at all, they are kept elsewhere and only said to be. */
export async function judgeOutputs(folder: string, recorded: readonly Recorded[]): Promise<Findings> {
  const told = toldOutputs(recorded);
  const filed = told.filter(({ output }) => output.path !== undefined);
  const inHeads = headFaults(told);
  if (filed.length === 0) return { faults: inHeads, notices: [] };
  if (!(await isFolder(join(folder, 'output')))) {
    const sentence = `${filed.length} output${filed.length === 1 ? ' is' : 's are'} not checked: there is no ${join(folder, 'output')} here. Run this where KEYTURN_RECORD is.`;
    return { faults: inHeads, notices: [{ seq: 0, sentence }] };
  }
  const faults: Fault[] = [...inHeads];
  for (const each of filed) {
    const fault = await fileFault(folder, each);
    if (fault !== undefined) faults.push(fault);
  }
  return { faults, notices: [] };
}

/** Outputs of runs that nobody knows: all that may be left of a run that was taken out everywhere else. */
export async function ownerlessOutputs(folder: string, isKnown: (run: string) => Promise<boolean>): Promise<readonly Notice[]> {
  const left: string[] = [];
  for (const run of await readdir(join(folder, 'output')).catch(() => [])) if (!(await isKnown(run))) left.push(run);
  if (left.length === 0) return [];
  const named = `${left.slice(0, 20).join(', ')}${left.length > 20 ? ` and ${left.length - 20} more` : ''}`;
  return [
    { seq: 0, sentence: `In ${join(folder, 'output')} lie outputs of what is no run here: ${named}. Look for it in Slack by its id.` },
  ];
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A path is of the journal's own making; whatever else stands there must not lead out of the folder. */
const PATH = /^output\/[A-Za-z0-9_][A-Za-z0-9._-]*\/[A-Za-z0-9_][A-Za-z0-9._-]*$/;

async function fileFault(folder: string, { seq, what, output }: Told): Promise<Fault | undefined> {
  const { path = '', sha256, bytes } = output;
  if (!PATH.test(path))
    return { seq, kind: 'outputMissing', sentence: `${what} is said to be at a place where Keyturn keeps none: ${path}.` };
  const full = join(folder, path);
  try {
    const found = await measureOf(full, bytes);
    const was = `${bytes} bytes, SHA-256 ${sha256}`;
    if (found === was) return undefined;
    return {
      seq,
      kind: 'outputEdited',
      sentence: `${what} is not what was written: ${full} holds ${found}; the journal says ${was}.`,
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { seq, kind: 'outputMissing', sentence: `${what} is missing: there is no ${full}.` };
    return { seq, kind: 'outputUnreadable', sentence: `${what} cannot be read: ${full}: ${explain(error).split('\n')[0]}.` };
  }
}

/** Length and SHA-256 of the content, uncompressed, as people read them; of one that has more than `most` bytes, only that it has more. */
async function measureOf(path: string, most: number): Promise<string> {
  const file = await openPlain(path);
  const hash = createHash('sha256');
  let bytes = 0;
  const enough = new AbortController();
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > most) enough.abort();
      done();
    },
  });
  try {
    await pipeline(file.createReadStream(), createGunzip(), sink, { signal: enough.signal });
  } catch (error) {
    if (!enough.signal.aborted) throw error;
    return `more than ${most} bytes`;
  }
  return `${bytes} bytes, SHA-256 ${hash.digest('hex')}`;
}
