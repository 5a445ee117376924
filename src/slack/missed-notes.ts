/**
 * Replies that were written while no bot listened, or that Slack gave up telling: the threads of the runs that are on, and of those that ended since the
 * last reading or on the day before the start, are read at the start and every few minutes. What is not kept yet is handed on as if just heard.
 *
 * 1. It decides nothing by itself: what is news, and what belongs to the run, is said where every reply is handled (notes.ts, run/note.ts).
 * 2. A note is taken for deleted only where its thread was read to its end, and the journal had the note before the reading began.
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import { explain } from '../errors.ts';
import type { RunState } from '../run/state.ts';
import { sayFailure, webFailure } from './failure.ts';
import type { Inflight } from './inflight.ts';
import { type NoteOffice, onReply } from './notes.ts';
import { readStanding, type Reply } from './payloads.ts';

export interface MissedNotes {
  /** Reads at once, and again and again. */
  start(): void;
  close(): void;
}

export type MissedNotesOptions = {
  readonly office: NoteOffice;
  readonly web: WebClient;
  readonly inflight: Inflight;
  readonly log: Logger;
  /** Keyturn's own user id. */
  readonly bot: string;
};

const AGAIN_MS = 600_000;
const DAY_MS = 86_400_000;
/** Clocks of bot and workers differ. */
const MARGIN_MS = 60_000;
const PAGE = 200;

export function createMissedNotes({ office, web, inflight, log, bot }: MissedNotesOptions): MissedNotes {
  const told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** Of runs that ended earlier the threads were read. */
  let read = Date.now() - DAY_MS;

  async function readAll(): Promise<void> {
    try {
      const began = Date.now();
      // Those that are on first: what ends in between is in one of the two at least.
      const on = await office.desk.open();
      const over = await office.desk.endedSince(read);
      for (const state of [...on, ...over]) if (!closed) await readOne(state);
      read = began - MARGIN_MS;
    } catch (error) {
      log.warn({ reason: explain(error) }, 'threads could not be read for replies that were missed; trying again later');
    }
  }

  async function readOne(state: RunState): Promise<void> {
    const thread = await office.threadOf(state.run);
    if (thread === undefined) return;
    const standing = await readThread(state.channel.id, thread);
    if (standing === undefined) return;
    for (const reply of missedIn(state, thread, standing)) if (!closed) await onReply(office, reply, bot, state.run);
  }

  /** Undefined where it could not be read to its end. */
  async function readThread(channel: string, thread: string): Promise<readonly Standing[] | undefined> {
    const found: Standing[] = [];
    let cursor: string | undefined;
    try {
      do {
        const answer = await web.conversations.replies({ channel, ts: thread, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
        const page = pageSchema.parse(answer);
        found.push(...page.messages);
        cursor = page.response_metadata?.next_cursor;
      } while (cursor !== undefined && cursor !== '');
      return found;
    } catch (error) {
      tell(channel, sayFailure(webFailure(error)));
      return undefined;
    }
  }

  function tell(channel: string, why: string): void {
    if (told.has(`${channel} ${why}`)) return;
    told.add(`${channel} ${why}`);
    log.warn({ channel, why }, 'a thread could not be read for replies that were missed; those that are heard become notes all the same');
  }

  return {
    start() {
      if (closed) return;
      timer = setInterval(() => void inflight.track(readAll()), AGAIN_MS);
      void inflight.track(readAll());
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

const standingSchema = z.looseObject({ ts: z.string(), subtype: z.string().optional() });
const pageSchema = z.looseObject({
  messages: z.array(standingSchema),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});
type Standing = z.infer<typeof standingSchema>;

/** As each reads now, and which notes are gone. Whether any of it is news is for others to say. Pure. */
export function missedIn(state: RunState, thread: string, standing: readonly Standing[]): readonly Reply[] {
  const channel = state.channel.id;
  const there = new Set(standing.filter(({ subtype }) => subtype !== 'tombstone').map(({ ts }) => ts));
  const gone = Object.entries(state.notes).flatMap(([ts, { text }]): readonly Reply[] =>
    text === undefined || there.has(ts) ? [] : [{ kind: 'deleted', channel, thread, ts }],
  );
  return [...standing.flatMap((message) => readStanding(channel, message) ?? []), ...gone];
}
