/** Lets callers in, `limit` at a time and in order; each calls what it got to leave. */
export type Gate = () => Promise<() => void>;

export function createGate(limit: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async () => {
    if (inside < limit) inside += 1;
    else await new Promise<void>((enter) => waiting.push(enter));
    return () => {
      // The place goes to whoever waits, so that nobody slips in before.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    };
  };
}
