import { createHash, randomUUID } from 'node:crypto';
import { canonical, digestOf } from '../canonical.ts';
import type { Actor } from '../run/events.ts';
import type { Sealer } from './seal.ts';

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
  /** Says that this installation wrote it (seal.ts). Absent outside Redis and in what was written before there were seals. */
  readonly seal?: string;
  readonly event: E;
};

/** What the first event of a run names as the hash before it. */
export function genesis(run: string): string {
  return digestOf(run);
}

/** An entry whose members are texts: canonical when they are written, whatever lies there when they are read. */
type Texts = {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly prev: string;
  readonly event: string;
};

/**
 * The hash that an entry must carry: that of the canonical form of all its members and the run. From texts, so that an event is made into text once, for its hash and for Redis. What follows the event is of fixed form and actor and
 * event end by themselves (JSON objects), so the same bytes cannot be cut into other members.
 */
export function hashOfTexts(run: string, { seq, id, at, actor, prev, event }: Texts): string {
  const places = `"id":${canonical(id)},"prev":${canonical(prev)},"run":${canonical(run)},"seq":${canonical(seq)}`;
  return createHash('sha256').update(`{"actor":${actor},"at":${at},"event":${event},${places}}`).digest('hex');
}

export type Envelope = { readonly at: number; readonly actor: Actor; readonly id?: string };

/** Entries, and each one's fields in the order in which the scripts read them: id, at, actor, prev, hash, event, seal. */
export type Chained<E> = { readonly stored: readonly Stored<E>[]; readonly fields: readonly string[] };

/** The entries that would follow `head`, hashed and sealed. The same `id` gives the same entries' ids, which makes a second sending harmless. */
export function chainAfter<E>(
  run: string,
  head: Head,
  events: readonly E[],
  { at, actor, id = randomUUID() }: Envelope,
  sealer: Pick<Sealer, 'seal'>,
): Chained<E> {
  const [atText, actorText] = [canonical(at), canonical(actor)];
  const stored: Stored<E>[] = [];
  const fields: string[] = [];
  let prev = head.hash;
  for (const [index, event] of events.entries()) {
    const entry = { seq: head.seq + 1 + index, id: `${id}.${index}`, at, actor, prev, event };
    const eventText = canonical(event);
    const hash = hashOfTexts(run, { ...entry, at: atText, actor: actorText, event: eventText });
    const seal = sealer.seal(hash);
    stored.push({ ...entry, hash, seal });
    fields.push(entry.id, atText, actorText, prev, hash, eventText, seal);
    prev = hash;
  }
  return { stored, fields };
}
