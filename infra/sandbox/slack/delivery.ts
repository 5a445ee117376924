/** The border between the workspace and the bot, whichever way payloads travel. */
import type { JsonObject } from './model.ts';

export interface Parcel {
  readonly kind: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: JsonObject;
  /** Whether the acknowledgement may carry an answer. */
  readonly accepts: boolean;
  readonly retry?: { readonly attempt: number; readonly reason: string };
}

/** How the bot took a payload. `refused` is an HTTP answer outside 2xx; `unreachable` means there was nobody to give it to. */
export type Receipt =
  | { readonly kind: 'acked'; readonly withinMs: number; readonly body: JsonObject }
  | { readonly kind: 'timeout'; readonly withinMs: number }
  | { readonly kind: 'refused'; readonly withinMs: number; readonly status: number }
  | { readonly kind: 'unreachable'; readonly withinMs: number };

export interface Delivery {
  deliver(parcel: Parcel): Promise<Receipt>;
  /** Delivers the next payload twice, on two connections where there are two. */
  duplicateNext(): void;
}
