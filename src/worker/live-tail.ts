import { StringDecoder } from 'node:string_decoder';
import type { Start } from '../run/next.ts';
import type { Hands } from './hands.ts';

const KEPT = 3_000;
const EVERY_MS = 1_000;

/** Keeps the last characters that an attempt prints and shows them at most once a second; nothing of it is part of the record. */
export function tailKeeper(hands: Hands, run: string, step: string, due: Start): { take(chunk: Buffer): void; flush(): Promise<void> } {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  let shownAt = 0;
  let showing: Promise<void> = Promise.resolve();

  function show(): void {
    shownAt = hands.now();
    const live = { run, step, ...due, text, bytes, at: shownAt };
    showing = showing
      .then(() => hands.live.set(live))
      .catch((error: unknown) => hands.log.warn({ run, step, error }, 'the live tail could not be shown'));
  }

  return {
    take(chunk) {
      bytes += chunk.length;
      text = (text + decoder.write(chunk)).slice(-KEPT);
      if (hands.now() - shownAt >= EVERY_MS) show();
    },
    flush: () => showing,
  };
}
