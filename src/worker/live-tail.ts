import { StringDecoder } from 'node:string_decoder';
import { explain } from '../errors.ts';
import type { Start } from '../run/start.ts';
import type { Hands } from './hands.ts';

const KEPT = 3_000;
const EVERY_MS = 1_000;
/** What is over by then is shown by its end. */
const FIRST_MS = 250;

/** Keeps the last characters that an attempt prints and shows them at most once a second; nothing of it is part of the record. */
export function tailKeeper(hands: Hands, run: string, step: string, due: Start): { take(chunk: Buffer): void; stop(): void } {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  let nextAt = hands.now() + FIRST_MS;
  let callOff: (() => void) | undefined;
  let showing: Promise<void> = Promise.resolve();

  function show(): void {
    callOff = undefined;
    nextAt = hands.now() + EVERY_MS;
    const live = { run, step, ...due, text, bytes, at: hands.now() };
    showing = showing
      .then(() => hands.live.set(live))
      .catch((error: unknown) => hands.log.warn({ run, step, ...due, reason: explain(error) }, 'the live tail could not be shown'));
  }

  return {
    take(chunk) {
      bytes += chunk.length;
      text = (text + decoder.write(chunk)).slice(-KEPT);
      callOff ??= hands.after(Math.max(0, nextAt - hands.now()), show);
    },
    stop: () => callOff?.(),
  };
}
