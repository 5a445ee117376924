/**
 * The signs of life of this process' own loops. Each loop beats when it has been through a round, also one in which Redis or Slack failed it: what is
 * told is whether the process works, not whether the world does.
 */
export type Heartbeats = {
  /** A loop begins; the function is called after each round. Silence for longer than `limitMs` means that it hangs. */
  readonly loop: (name: string, limitMs: number) => () => void;
  readonly all: () => readonly Heartbeat[];
};

export type Heartbeat = { readonly name: string; readonly ageMs: number; readonly limitMs: number };

/** `now`: milliseconds of any clock that nobody sets. */
export function createHeartbeats(now: () => number = () => performance.now()): Heartbeats {
  const loops = new Map<string, { at: number; readonly limitMs: number }>();
  return {
    loop(name, limitMs) {
      const loop = { at: now(), limitMs };
      loops.set(name, loop);
      return () => {
        loop.at = now();
      };
    },
    all: () => [...loops].map(([name, { at, limitMs }]) => ({ name, ageMs: Math.max(0, now() - at), limitMs })),
  };
}
