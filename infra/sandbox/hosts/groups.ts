/** Process groups that were started and still live. Ids are given again, so one that has ended is forgotten within a second. */
const FORGET_MS = 1_000;

export type Groups = {
  readonly add: (group: number) => void;
  readonly alive: () => readonly number[];
  readonly close: () => void;
};

export function createGroups(): Groups {
  const groups = new Set<number>();
  const alive = (): readonly number[] => {
    for (const group of groups) if (!signalGroup(group, 0)) groups.delete(group);
    return [...groups];
  };
  const timer = setInterval(alive, FORGET_MS).unref();
  return { add: (group) => groups.add(group), alive, close: () => clearInterval(timer) };
}

/** Sends a signal to the whole group, or 0 to ask whether it lives; false where it is gone. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
