/** The whole of an output that the journal does not hold, as a file in the thread. Pure. */
import type { Output, Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import type { Draft } from './compose.ts';
import { code } from './escape.ts';
import { about, name, stepName } from './words.ts';

/** A file that a message brings: the output at `path` of the record, uncompressed. */
export type MessageFile = { readonly path: string; readonly name: string; readonly bytes: number; readonly sha256: string };

/** Longer outputs stay in the record alone. */
export const MOST_FILE_BYTES = 10 * 1024 * 1024;

export function fileDrafts(state: RunState, { event, seq }: Recorded): readonly Draft[] {
  if (event.kind !== 'attemptEnded' || event.output === undefined) return [];
  const { step, host, attempt, output } = event;
  const file = fileOf(output, `${step}.${host}.${attempt}.log`);
  if (file === undefined) return [];
  const which = attempt === 1 ? '' : `, attempt ${attempt}`;
  const head = `Whole output of ${stepName(state, step)} on ${name(host)}${which}: ${output.bytes} bytes, sha256 ${code(output.sha256)}.`;
  return [
    { key: `file:${step}:${host}:${attempt}`, place: { kind: 'reply' }, seq, final: true, file, text: [head, about(state)], parts: [] },
  ];
}

/** Whether the thread gets the whole of it as a file. */
export function isAttached(output: Output): boolean {
  return output.path !== undefined && output.bytes > 0 && output.bytes <= MOST_FILE_BYTES;
}

function fileOf(output: Output, name: string): MessageFile | undefined {
  if (output.path === undefined || !isAttached(output)) return undefined;
  return { path: output.path, name, bytes: output.bytes, sha256: output.sha256 };
}
