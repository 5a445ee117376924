/** Tells people that a long command is still at it. */

const EVERY_MS = 10_000;

/** Says what it is given where so many milliseconds, ten seconds unless told, have passed since it said something last. */
export function progressTo(
  tell: (sentence: string) => void,
  everyMs = EVERY_MS,
  now: () => number = Date.now,
): (sentence: () => string) => void {
  let last = now();
  return (sentence) => {
    if (now() - last < everyMs) return;
    last = now();
    tell(sentence());
  };
}
