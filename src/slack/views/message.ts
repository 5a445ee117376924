/** One message of a thread as it should stand in Slack, and the id by which it is found there. Pure. */
import { createHash } from 'node:crypto';
import type { KnownBlock } from '@slack/types';
import type { MessageFile } from './output-file.ts';

export type Content = { readonly text: string; readonly blocks: KnownBlock[] };

/** `top` begins the thread; `reply` stands in it; `channel` is a message of its own elsewhere. */
export type Place = { readonly kind: 'top' } | { readonly kind: 'reply' } | { readonly kind: 'channel'; readonly channel: string };

export type Message = Content & {
  /** Unique in the run and the same for ever, whatever else happens. */
  readonly key: string;
  readonly place: Place;
  /** Of the event that it begins with. */
  readonly seq: number;
  /** Nothing that can happen changes it any more. */
  readonly final: boolean;
  readonly alive: Alive | undefined;
  /** It brings this file; then it has no blocks. */
  readonly file?: MessageFile | undefined;
  readonly delivery: string;
};

/** It shows something that goes on by itself: since when, and when the message reads differently without any news. Milliseconds. */
export type Alive = {
  readonly since: number;
  readonly changesAt: number;
  /** Nothing of it was seen yet. */
  readonly silent: boolean;
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

/** `<run>-<8 letters and digits>`: the same for the same message after any restart, so a message of unknown fate can be looked for. */
export function deliveryOf(run: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([run, key]))
    .digest();
  // 256 is a multiple of 32, so every letter is as likely as the next.
  const short = [...digest.subarray(0, 8)].map((byte) => LETTERS[byte % 32] ?? '').join('');
  return `${run}-${short}`;
}
