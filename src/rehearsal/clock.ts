/** A clock that goes only when it is told to, from one thing that waits to the next: hours pass in no time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `then` when so many milliseconds have gone by, unless what is returned calls it off. */
  after(ms: number, then: () => void): () => void;
  /** Goes on to the next thing that waits; false where nothing does. */
  goOn(): boolean;
}

/** Every rehearsal begins here, so that the same one prints the same names and times. */
const BEGIN = Date.UTC(2026, 0, 5, 9);
/** Looks at the clock without its going on: nothing that ends needs so many. */
const MOST_LOOKS = 200_000;

export function createClock(): Clock {
  let now = BEGIN;
  let looks = 0;
  let made = 0;
  const waiting = new Map<number, { readonly due: number; readonly then: () => void }>();

  function nextOf(): number | undefined {
    let first: { readonly key: number; readonly due: number } | undefined;
    for (const [key, { due }] of waiting) if (first === undefined || due < first.due) first = { key, due };
    return first?.key;
  }

  return {
    now() {
      looks += 1;
      if (looks > MOST_LOOKS) throw new Error('the run goes round and round without coming to an end');
      return now;
    },
    after(ms, then) {
      made += 1;
      const key = made;
      waiting.set(key, { due: now + Math.max(0, ms), then });
      return () => void waiting.delete(key);
    },
    goOn() {
      const key = nextOf();
      const next = key === undefined ? undefined : waiting.get(key);
      if (key === undefined || next === undefined) return false;
      waiting.delete(key);
      if (next.due > now) looks = 0;
      now = Math.max(now, next.due);
      next.then();
      return true;
    },
  };
}
