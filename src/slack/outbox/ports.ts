/** What the outbox needs: Slack through a narrow door, the journals, its own bookkeeping, a lease. */
import type { KnownBlock } from '@slack/types';
import type { Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import type { SignedHead } from '../../signature.ts';
import type { Live } from '../ports.ts';

/** What became of a call. `unknown`: it may have been carried out; look before doing it again. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type PostOrder = {
  readonly channel: string;
  readonly thread: string | undefined;
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
  /** Found again in the message's metadata and in its text. */
  readonly delivery: string;
  readonly run: string;
  readonly seq: number;
};

export type UpdateOrder = { readonly channel: string; readonly ts: string; readonly text: string; readonly blocks: readonly KnownBlock[] };

/** Where to look for a delivery: a thread, or a channel's own timeline; from `oldest` (seconds) on. */
export type LookOrder = {
  readonly channel: string;
  readonly thread: string | undefined;
  readonly delivery: string;
  readonly oldest: number;
};

/** `stop`: whoever sends it has no more time. */
export type UploadOrder = { readonly name: string; readonly content: Buffer; readonly stop: AbortSignal };

export type ShareOrder = {
  /** As the upload named it. */
  readonly file: string;
  readonly channel: string;
  readonly thread: string;
  readonly name: string;
  readonly text: string;
};

export interface SlackWeb {
  post(order: PostOrder): Promise<Answer<{ readonly ts: string }>>;
  update(order: UpdateOrder): Promise<Answer<void>>;
  /** The ts of the message that carries the delivery id, if there is one. */
  look(order: LookOrder): Promise<Answer<{ readonly ts: string | undefined }>>;
  /** Slack has the bytes, and shows them to nobody: done again, it is another file. */
  upload(order: UploadOrder): Promise<Answer<{ readonly file: string }>>;
  /** An uploaded file with this text into a thread; done when Slack has taken it, and may stand there later. */
  share(order: ShareOrder): Promise<Answer<void>>;
  permalink(order: { readonly channel: string; readonly ts: string }): Promise<Answer<string>>;
}

export interface RunReader {
  /** `end`: of a run that is over, for its closing message. */
  readRun(run: string): Promise<{ readonly state: RunState; readonly recorded: readonly Recorded[]; readonly end?: SignedHead }>;
  openRuns(): Promise<readonly string[]>;
  /** Newest first. */
  finishedRuns(limit: number): Promise<readonly string[]>;
  followFeed(from: string | 'now', onNews: (news: FeedNews) => Promise<void> | void, signal: AbortSignal): Promise<void>;
  /** What an attempt there printed last, as far as it is kept. */
  lastLive(run: string, step: string, host: string): Promise<Live | undefined>;
  /** Returns how to stop listening. */
  onLive(listener: (live: Live) => void): () => void;
}

export type FeedNews =
  | { readonly kind: 'entries'; readonly entries: readonly { readonly id: string; readonly run: string; readonly seq: number }[] }
  | { readonly kind: 'gap' };

/** Text fields kept by run; `createNotes` of journal/notes.ts. */
export interface ThreadStore {
  thread(run: string): {
    readonly get: (field: string) => Promise<string | undefined>;
    readonly all: () => Promise<ReadonlyMap<string, string>>;
    readonly set: (field: string, value: string) => Promise<void>;
    readonly remove: (field: string) => Promise<void>;
  };
}

/** `createLeases` of journal/leases.ts. */
export interface Lease {
  readonly acquire: (name: string, owner: string, ttlMs: number) => Promise<{ readonly kind: 'held' | 'taken' }>;
  readonly renew: (name: string, owner: string, ttlMs: number) => Promise<boolean>;
  readonly release: (name: string, owner: string) => Promise<unknown>;
}
