import pino from 'pino';
import { z } from 'zod';
import { createSealer } from '../../src/journal/seal.ts';
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
