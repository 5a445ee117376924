import { statSync } from 'node:fs';

/** Tells, at most once a second, that the file of known hosts has been written since it was last asked. */
export type KnownHostsWatch = () => boolean;

const EVERY_MS = 1_000;

export function watchKnownHosts(path: string): KnownHostsWatch {
  let mark = markOf(path);
  let next = performance.now() + EVERY_MS;
  return () => {
    if (performance.now() < next) return false;
    next = performance.now() + EVERY_MS;
    const before = mark;
    mark = markOf(path);
    return mark !== before;
  };
}

/** Synchronous: one such look a second costs less than the turn of the event loop that an asynchronous one takes. */
function markOf(path: string): string {
  const facts = statSync(path, { throwIfNoEntry: false });
  return facts === undefined ? '' : `${facts.ino} ${facts.size} ${facts.mtimeMs}`;
}
