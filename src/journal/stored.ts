import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { canonical, digestOf } from '../canonical.ts';
import { type Actor, actorSchema } from '../run/events.ts';

/** The place up to which somebody has seen a journal. `seq` counts from 1. */
export type Head = { readonly seq: number; readonly hash: string };

/** One event in its place. `at`: milliseconds since 1970, UTC. `hash` covers everything here and, through `prev`, all that came before. */
export type Stored<E> = {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly prev: string;
  readonly hash: string;
  readonly event: E;
};

/** What the first event of a run names as the hash before it. */
export function genesis(run: string): string {
  return digestOf(run);
}

/** The hash that an entry must carry. */
export function hashOf(run: string, { seq, id, at, actor, prev, event }: Omit<Stored<unknown>, 'hash'>): string {
  return digestOf({ run, seq, id, at, actor, prev, event });
}

export type Envelope = { readonly at: number; readonly actor: Actor; readonly id?: string };

/** The entries that would follow `head`, hashed. The same `id` gives the same entries' ids, which makes a second sending harmless. */
export function chainAfter<E>(
  run: string,
  head: Head,
  events: readonly E[],
  { at, actor, id = randomUUID() }: Envelope,
): readonly Stored<E>[] {
  let prev = head.hash;
  return events.map((event, index) => {
    const entry = { seq: head.seq + 1 + index, id: `${id}.${index}`, at, actor, prev, event };
    const hash = hashOf(run, entry);
    prev = hash;
    return { ...entry, hash };
  });
}

/** An entry's fields in the order in which the scripts read them: id, at, actor, prev, hash, event. */
export function encodeEntry(entry: Stored<unknown>): readonly string[] {
  return [entry.id, String(entry.at), canonical(entry.actor), entry.prev, entry.hash, canonical(entry.event)];
}

const entrySchema = z.tuple([z.string().regex(/^\d+-0$/), z.array(z.string()).length(12)]);

/** An entry as Redis returns it; the event stays as it was written, since its hash covers those bytes. */
export function decodeEntry(reply: unknown): Stored<unknown> {
  const [place, flat] = entrySchema.parse(reply);
  const field = (name: string) => flat[flat.indexOf(name) + 1] ?? '';
  return {
    seq: Number(place.slice(0, -2)),
    id: field('id'),
    at: Number(field('at')),
    actor: actorSchema.parse(JSON.parse(field('actor'))),
    prev: field('prev'),
    hash: field('hash'),
    event: JSON.parse(field('event')),
  };
}
