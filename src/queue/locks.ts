/** Which runs lost their right to act because a job's lock was not renewed (N2). Pure: time comes in as a value, in milliseconds. */
export type Locks = {
  readonly hold: (job: string, run: string, now: number) => void;
  readonly drop: (job: string) => void;
  readonly renewed: (jobs: readonly string[], now: number) => void;
  readonly runOf: (job: string) => string | undefined;
  /** Runs with a job whose lock may have run out by now. BullMQ reports a refused renewal, but not one that could not be asked for. */
  readonly overdue: (now: number) => readonly string[];
};

export function createLocks(lockMs: number): Locks {
  const held = new Map<string, { readonly run: string; renewedAt: number }>();
  return {
    hold: (job, run, now) => {
      held.set(job, { run, renewedAt: now });
    },
    drop: (job) => {
      held.delete(job);
    },
    renewed: (jobs, now) => {
      for (const job of jobs) {
        const lock = held.get(job);
        if (lock !== undefined) lock.renewedAt = now;
      }
    },
    runOf: (job) => held.get(job)?.run,
    overdue: (now) => [...held.values()].filter(({ renewedAt }) => now - renewedAt > lockMs).map(({ run }) => run),
  };
}
