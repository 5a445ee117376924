export type Handler = (run: string, signal: AbortSignal) => Promise<void>;

/** Thrown by a look that was stopped before its end: the run must be looked at again, here or elsewhere. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

type Drive = { readonly promise: Promise<void>; readonly stop: AbortController; again: boolean };

/** Handlers at work in this process, one for each run (N1). */
export type Drives = {
  /** Looks at the run, or has the handler that is at work look once more. Settles when that is done. */
  readonly look: (run: string) => Promise<void>;
  /** Stops the handler of a run (N2), or of every run. */
  readonly stop: (reason: string, run?: string) => void;
  /** Settles when no handler is at work. */
  readonly idle: () => Promise<void>;
};

export function createDrives(handler: Handler): Drives {
  const drives = new Map<string, Drive>();

  const drive = async (run: string, stop: AbortController): Promise<void> => {
    // Off the caller's stack, so that the entry is in the map before the handler starts.
    await Promise.resolve();
    try {
      do {
        again(run, false);
        await handler(run, stop.signal);
      } while (!stop.signal.aborted && drives.get(run)?.again === true);
    } finally {
      // In the same turn as the last look at `again`: a nudge that comes now begins a new drive.
      drives.delete(run);
    }
    if (stop.signal.aborted) throw new Interrupted(String(stop.signal.reason));
  };

  const again = (run: string, value: boolean): void => {
    const current = drives.get(run);
    if (current !== undefined) current.again = value;
  };

  return {
    look: (run) => {
      const current = drives.get(run);
      if (current !== undefined) {
        current.again = true;
        return current.promise;
      }
      const stop = new AbortController();
      const promise = drive(run, stop);
      drives.set(run, { promise, stop, again: false });
      return promise;
    },
    stop: (reason, run) => {
      for (const [name, { stop }] of drives) if (run === undefined || run === name) stop.abort(reason);
    },
    idle: async () => {
      while (drives.size > 0) await Promise.allSettled([...drives.values()].map(({ promise }) => promise));
    },
  };
}
