/** What is read from the texts of a record, whatever they are worth. Pure. */
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import { outputSchema } from '../run/events.ts';
import type { KeptOutput, RecordEntry } from './model.ts';

const endedSchema = z.looseObject({ kind: z.literal('attemptEnded'), output: outputSchema.optional() });

/** Every output that the journal does not hold whole, in its order. */
export function outputsIn(entries: readonly Pick<RecordEntry, 'event'>[]): readonly Omit<KeptOutput, 'content'>[] {
  return entries.flatMap(({ event }) => {
    const ended = endedSchema.safeParse(jsonOf(event));
    const output = ended.success ? ended.data.output : undefined;
    return output?.path === undefined ? [] : [{ path: output.path, sha256: output.sha256, bytes: output.bytes }];
  });
}

/** Undefined for what is no event. */
export function kindOf(event: string): string | undefined {
  const read = z.looseObject({ kind: z.string() }).safeParse(jsonOf(event));
  return read.success ? read.data.kind : undefined;
}
