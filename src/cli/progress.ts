/** Tells people that a long command is still at it. */

const EVERY_MS = 10_000;

/** Says what it is given where ten seconds have passed since it said something last. */
export function progressTo(tell: (sentence: string) => void, now: () => number = Date.now): (sentence: () => string) => void {
  let last = now();
  return (sentence) => {
    if (now() - last < EVERY_MS) return;
    last = now();
    tell(sentence());
  };
}
