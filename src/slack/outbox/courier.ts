/** What one delivery needs, and what can come of it. */
import type { Logger } from 'pino';
import { digestOf } from '../../canonical.ts';
import type { Message, MessageFile } from '../views/index.ts';
import type { Budget, Limits } from './budget.ts';
import type { SlackWeb } from './ports.ts';

/** The bytes of a file that a message brings, proved by their hash; or why they are not to be had here. */
export type FileContent = (file: MessageFile) => Promise<Buffer | string>;

export type Delivery =
  | { readonly kind: 'delivered' }
  /** Not now; try again after this many milliseconds. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Slack does not take it: a reason that an administrator can put right. */
  | { readonly kind: 'parked'; readonly why: string }
  /** The thread's first message was deleted. */
  | { readonly kind: 'threadGone'; readonly why: string };

export type Order = { readonly run: string; readonly channel: string; readonly thread: string | undefined; readonly message: Message };

export type Courier = {
  readonly web: SlackWeb;
  readonly budget: Budget;
  readonly limits: Limits;
  readonly fileContent: FileContent;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** False once the lease is lost: nothing more is sent. */
  readonly mayAct: () => boolean;
  /** Aborted when nothing more is to be begun: an upload may take a minute. */
  readonly stop: AbortSignal;
  /** What was logged already and is not said again. */
  readonly told: Set<string>;
};

export const DELIVERED: Delivery = { kind: 'delivered' };
/** The lease is another's. */
export const NOT_OURS: Delivery = { kind: 'wait', ms: 1_000 };

export function wait(ms: number): Delivery {
  return { kind: 'wait', ms };
}

/** What content was sent: equal digests need no call. */
export function contentDigest(message: Message): string {
  return digestOf({ text: message.text, blocks: message.blocks });
}

export function warnOnce(courier: Courier, word: string, fields: object, sentence: string): void {
  if (courier.told.has(word)) return;
  courier.told.add(word);
  courier.log.warn(fields, sentence);
}
