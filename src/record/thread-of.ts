/** What a record says of the thread: the messages that stand there, from the bookkeeping of the outbox. */
import { z } from 'zod';
import { jsonOf } from '../json.ts';
import type { Posted } from './model.ts';

const postedSchema = z.looseObject({ state: z.literal('posted'), channel: z.string(), ts: z.string(), digest: z.string() });

/** From all fields of a thread's notes (`message:<key>`, `permalink`). A field that cannot be read is left out: the thread is a projection. */
export function threadOf(fields: ReadonlyMap<string, string>): {
  readonly posted: readonly Posted[];
  readonly permalink: string | undefined;
} {
  const posted = [...fields].flatMap(([field, value]) => {
    const read = field.startsWith('message:') ? postedSchema.safeParse(jsonOf(value)) : undefined;
    return read?.success === true ? [{ key: field.slice(8), channel: read.data.channel, ts: read.data.ts, digest: read.data.digest }] : [];
  });
  return { posted: posted.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)), permalink: fields.get('permalink') };
}
