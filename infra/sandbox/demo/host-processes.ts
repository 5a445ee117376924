/**
 * What the bot left running on the sandbox hosts when it stopped. On real hosts it would go on by itself; here it is given the time to come to
 * its end, so that the next start finds it done, and whatever takes longer is ended.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Groups, signalGroup } from '../hosts/groups.ts';

const PATIENCE_MS = 20_000;
const LOOK_MS = 25;

/** Resolves when no process group is left. Once `hurry` is aborted, or the patience is over, they are killed. */
export async function endHostProcesses(alive: Groups['alive'], hurry: AbortSignal): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (alive().length > 0 && !hurry.aborted && performance.now() < until) await delay(LOOK_MS);
  for (const group of alive()) signalGroup(group, 'SIGKILL');
  while (alive().length > 0) await delay(LOOK_MS);
}
