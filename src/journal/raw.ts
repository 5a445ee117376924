/**
 * Entries as the texts that lie in Redis, judged before anything in them is believed: is this what was written, by us, for this place?
 * Hashes are of the very texts, so nothing needs to be parsed to judge them.
 */
import { actorSchema } from '../run/events.ts';
import type { Sealer } from './seal.ts';
import { hashOfTexts, type Head, type Stored } from './stored.ts';

export type Raw = {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly prev: string;
  readonly hash: string;
  readonly event: string;
  /** Absent in what was written before Keyturn sealed its journals, or not by Keyturn. */
  readonly seal: string | undefined;
};

const NAMES = ['id', 'at', 'actor', 'prev', 'hash', 'event', 'seal'];

/** What Redis returned for one entry of a stream; undefined if no release of Keyturn writes entries like it. */
export function rawOf(reply: unknown): Raw | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [place, flat]: readonly unknown[] = reply;
  if (typeof place !== 'string' || !/^\d{1,15}-0$/.test(place) || !isTexts(flat)) return undefined;
  if (flat.length < 12 || flat.length > 14 || flat.some((name, index) => index % 2 === 0 && name !== NAMES[index / 2])) return undefined;
  const [id = '', at = '', actor = '', prev = '', hash = '', event = '', seal] = flat.filter((_text, index) => index % 2 === 1);
  return /^\d{1,16}$/.test(at) ? { seq: Number(place.slice(0, -2)), id, at, actor, prev, hash, event, seal } : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

export type RawFault = { readonly kind: 'edited' | 'unsealed'; readonly sentence: string };

/** Undefined: this installation wrote it, for this run and this place; without a sealer only: it is what its hash says. */
export function faultOf(run: string, raw: Raw, sealer: Sealer | undefined): RawFault | undefined {
  const { seq } = raw;
  if (hashOfTexts(run, raw) !== raw.hash) return { kind: 'edited', sentence: `Event ${seq} is not what was written there.` };
  if (sealer === undefined || sealer.holds(raw.hash, raw.seal)) return undefined;
  if (raw.seal === undefined) {
    return { kind: 'unsealed', sentence: `Event ${seq} bears no seal: it is of a Keyturn before seals, or not of Keyturn.` };
  }
  return { kind: 'unsealed', sentence: `The seal of event ${seq} is not of this installation's key.` };
}

/** Entries that lie elsewhere than in Redis, as `inspect` gives them; no head stands beside them, so it is that of the last one. */
export function asInspected(raw: readonly Raw[]): { head: Head | undefined; stored: readonly Stored<unknown>[]; raw: readonly Raw[] } {
  return { head: headOf(raw), stored: raw.flatMap(parsable), raw };
}

/** Where they end. */
export function headOf(entries: readonly Raw[]): Head | undefined {
  const last = entries.at(-1);
  return last === undefined ? undefined : { seq: last.seq, hash: last.hash };
}

/** None for what no release of Keyturn writes. */
export function parsable(raw: Raw | undefined): readonly Stored<unknown>[] {
  try {
    return raw === undefined ? [] : [parseRaw(raw)];
  } catch {
    return [];
  }
}

/** Only for what was judged, or by whoever judges it: the event stays as it was written, since its hash covers those bytes. */
export function parseRaw({ seq, id, at, actor, prev, hash, event, seal }: Raw): Stored<unknown> {
  const sealed = seal === undefined ? {} : { seal };
  return { seq, id, at: Number(at), actor: actorSchema.parse(JSON.parse(actor)), prev, hash, event: JSON.parse(event), ...sealed };
}
