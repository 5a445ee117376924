/** The order to stop: Ctrl-C, a TERM, or the terminal that goes away. It often arrives twice, from the terminal and from npm; later ones mean hurry. */
import { once } from 'node:events';

const ONE_STOP_MS = 1_000;

export type Stop = {
  /** Resolves at the order. */
  readonly asked: Promise<void>;
  /** Aborted at a second order: nothing is waited for any longer. */
  readonly hurry: AbortSignal;
  isAsked(): boolean;
  /** Throws once the order is given; what it throws is not for people. */
  check(): void;
};

export function awaitStop(say: (line: string) => void): Stop {
  const ask = new AbortController();
  const hurry = new AbortController();
  let askedAt = 0;
  const order = (): void => {
    if (!ask.signal.aborted) {
      askedAt = performance.now();
      say('Stopping; what runs on the hosts comes to its end first. Ctrl-C again ends it at once.');
      ask.abort();
    } else if (!hurry.signal.aborted && performance.now() - askedAt > ONE_STOP_MS) {
      say('Ending at once.');
      hurry.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, order);
  // A terminal that is gone takes no more words, and that is no reason to leave anything behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const asked = once(ask.signal, 'abort').then(() => undefined);
  return { asked, hurry: hurry.signal, isAsked: () => ask.signal.aborted, check: () => ask.signal.throwIfAborted() };
}
