import pino from 'pino';
import { z } from 'zod';
import { canonical } from '../../src/canonical.ts';
import type { Inspected } from '../../src/journal/journal.ts';
import { createSealer } from '../../src/journal/seal.ts';
import type { Stored } from '../../src/journal/stored.ts';
import type { Actor } from '../../src/run/events.ts';

/** A small event of our own: the journal does not care what it holds. */
export const noteSchema = z.object({ kind: z.literal('note'), text: z.string() });
export type Note = z.infer<typeof noteSchema>;

export const note = (text: string): Note => ({ kind: 'note', text });
export const keyturn: Actor = { kind: 'keyturn' };
export const by = { at: 1_700_000_000_000, actor: keyturn };
export const quiet = pino({ level: 'silent' });
export const decodeNote = (value: unknown): Note => noteSchema.parse(value);
/** The key of the journals that tests write. */
export const key = Buffer.alloc(32, 'tests');
export const sealer = createSealer(key);

/** As `inspect` finds a journal in which these entries lie, with a head that names the last of them. */
export function lying(stored: readonly Stored<unknown>[]): Pick<Inspected, 'head' | 'raw'> {
  const last = stored.at(-1);
  return {
    head: last === undefined ? undefined : { seq: last.seq, hash: last.hash },
    raw: stored.map(({ at, actor, event, seal, ...entry }) => {
      return { ...entry, at: canonical(at), actor: canonical(actor), event: canonical(event), seal };
    }),
  };
}
