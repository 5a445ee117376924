import { createHash, randomUUID } from 'node:crypto';
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

/** The hash that an entry must carry: that of the canonical form of all its members and the run. */
export function hashOf(run: string, entry: Omit<Stored<unknown>, 'hash'>): string {
  return hashOfTexts(run, entry, canonical(entry.actor), canonical(entry.event));
}

/** The same from parts that are canonical already, so that an event is made into text once, for its hash and for Redis. */
function hashOfTexts(run: string, { seq, id, at, prev }: Omit<Stored<unknown>, 'hash'>, actor: string, event: string): string {
  const places = `"id":${canonical(id)},"prev":${canonical(prev)},"run":${canonical(run)},"seq":${canonical(seq)}`;
  return createHash('sha256')
    .update(`{"actor":${actor},"at":${canonical(at)},"event":${event},${places}}`)
    .digest('hex');
}

export type Envelope = { readonly at: number; readonly actor: Actor; readonly id?: string };

/** Entries, and each one's fields in the order in which the scripts read them: id, at, actor, prev, hash, event. */
export type Chained<E> = { readonly stored: readonly Stored<E>[]; readonly fields: readonly string[] };

/** The entries that would follow `head`, hashed. The same `id` gives the same entries' ids, which makes a second sending harmless. */
export function chainAfter<E>(run: string, head: Head, events: readonly E[], { at, actor, id = randomUUID() }: Envelope): Chained<E> {
  const actorText = canonical(actor);
  const stored: Stored<E>[] = [];
  const fields: string[] = [];
  let prev = head.hash;
  for (const [index, event] of events.entries()) {
    const entry = { seq: head.seq + 1 + index, id: `${id}.${index}`, at, actor, prev, event };
    const eventText = canonical(event);
    const hash = hashOfTexts(run, entry, actorText, eventText);
    stored.push({ ...entry, hash });
    fields.push(entry.id, String(at), actorText, prev, hash, eventText);
    prev = hash;
  }
  return { stored, fields };
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
