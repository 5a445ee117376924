/** What the outbox knows of each message of a thread. Written before and after each post, so that a process that dies in between leaves a trace. */
import { z } from 'zod';
import { jsonOf } from '../../json.ts';
import type { ThreadStore } from './ports.ts';

const entrySchema = z.discriminatedUnion('state', [
  /**
   * About to be posted, perhaps posted: look before posting. `since` in milliseconds. Of a file, `file` is Slack's id of what was uploaded last, and
   * `tries` says how many times it was to be shown in the thread.
   */
  z.strictObject({
    state: z.literal('posting'),
    channel: z.string(),
    since: z.number(),
    file: z.string().optional(),
    tries: z.number().int().optional(),
  }),
  z.strictObject({ state: z.literal('posted'), channel: z.string(), ts: z.string(), digest: z.string() }),
  /** Slack does not let us change it any more, or it is gone. */
  z.strictObject({ state: z.literal('frozen'), channel: z.string(), ts: z.string(), why: z.string() }),
  /** Not brought to Slack, and not tried again. */
  z.strictObject({ state: z.literal('left'), channel: z.string(), why: z.string() }),
]);

export type Entry = z.infer<typeof entrySchema>;

/** Where the message stands in Slack, as far as that is known. */
export function placeOf(entry: Entry | undefined): { readonly channel: string; readonly ts: string } | undefined {
  return entry?.state === 'posted' || entry?.state === 'frozen' ? entry : undefined;
}

const PREFIX = 'message:';
const PROJECTED = 'projected';
const THREADS = 'threads';
const LINK = 'permalink';

/** What all fields of a thread say, for whoever only reads: a field that somebody tampered with is left out, and counted. */
export type KeptThread = {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly unreadable: number;
  readonly projected: number;
  readonly permalink: string | undefined;
};

export function keptIn(fields: ReadonlyMap<string, string>): KeptThread {
  const all = [...fields].filter(([field]) => field.startsWith(PREFIX));
  const entries = all.flatMap(([field, value]) => {
    const read = entrySchema.safeParse(jsonOf(value));
    return read.success ? [[field.slice(PREFIX.length), read.data] as const] : [];
  });
  const projected = Number(fields.get(PROJECTED) ?? 0);
  return {
    entries: new Map(entries),
    unreadable: all.length - entries.length + (Number.isSafeInteger(projected) ? 0 : 1),
    projected: Number.isSafeInteger(projected) ? projected : 0,
    permalink: fields.get(LINK),
  };
}

/** A message that stands in Slack. */
export type PostedMessage = { readonly key: string; readonly channel: string; readonly ts: string; readonly digest: string };

/** What a record says of the thread, the earliest first. */
export function postedIn(fields: ReadonlyMap<string, string>): {
  readonly posted: readonly PostedMessage[];
  readonly permalink: string | undefined;
} {
  const { entries, permalink } = keptIn(fields);
  const posted = [...entries].flatMap(([key, entry]) =>
    entry.state === 'posted' ? [{ key, channel: entry.channel, ts: entry.ts, digest: entry.digest }] : [],
  );
  return { posted: posted.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0)), permalink };
}

/** The same back again: only a thread that has shown everything is kept elsewhere. `seq`: of the last event. */
export function fieldsOf(
  posted: readonly PostedMessage[],
  permalink: string | undefined,
  seq: number | undefined,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>(
    posted.map(({ key, channel, ts, digest }) => {
      const entry: Entry = { state: 'posted', channel, ts, digest };
      return [`${PREFIX}${key}`, JSON.stringify(entry)] as const;
    }),
  );
  if (seq !== undefined) fields.set(PROJECTED, String(seq));
  if (permalink !== undefined) fields.set(LINK, permalink);
  return fields;
}

/** For one pass over a thread: read once, kept in step with what is written. */
export interface Ledger {
  entries(): Promise<ReadonlyMap<string, Entry>>;
  write(key: string, entry: Entry): Promise<void>;
  /** Slack has said that it did not take the message. */
  forget(key: string): Promise<void>;
  /** Keeps the link to the first message. */
  linked(permalink: string): Promise<void>;
  /** Highest journal sequence number that the thread shows. */
  projected(): Promise<number>;
  showed(seq: number): Promise<void>;
  /** Counts a thread that is begun again because its first message was deleted; the count so far. */
  beganAgain(): Promise<number>;
}

export function createLedger(store: ThreadStore, run: string): Ledger {
  const fields = store.thread(run);
  let known: Promise<Map<string, Entry>> | undefined;

  async function load(): Promise<Map<string, Entry>> {
    const all = [...(await fields.all())].filter(([field]) => field.startsWith(PREFIX));
    return new Map(all.map(([field, value]) => [field.slice(PREFIX.length), entrySchema.parse(JSON.parse(value))]));
  }

  function entries(): Promise<Map<string, Entry>> {
    known ??= load();
    return known;
  }

  return {
    entries,
    async write(key, entry) {
      await fields.set(`${PREFIX}${key}`, JSON.stringify(entry));
      (await entries()).set(key, entry);
    },
    async forget(key) {
      await fields.remove(`${PREFIX}${key}`);
      (await entries()).delete(key);
    },
    async beganAgain() {
      const count = Number((await fields.get(THREADS)) ?? 0) + 1;
      await fields.set(THREADS, String(count));
      return count;
    },
    linked: (permalink) => fields.set(LINK, permalink),
    projected: async () => Number((await fields.get(PROJECTED)) ?? 0),
    showed: (seq) => fields.set(PROJECTED, String(seq)),
  };
}
