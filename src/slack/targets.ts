/** Which runs a word means: an id, or the name of a cluster. For every door that acts on runs. */
import type { RunState } from '../run/state.ts';
import type { Desk } from './ports.ts';

/** Nothing known by that name is `undefined`; a cluster on which nothing goes on is an empty list. No word means every run that goes on. */
export async function statesOf(
  desk: Pick<Desk, 'state' | 'open' | 'clusters'>,
  target: string | undefined,
): Promise<readonly RunState[] | undefined> {
  const name = target?.toLowerCase();
  // By its id first: one damaged journal among the others must keep nobody from stopping this run.
  const named = name !== undefined && isRunId(name) ? await desk.state(name) : undefined;
  if (named !== undefined) return [named];
  const open = await desk.open();
  if (name === undefined) return open;
  const isCluster = desk.clusters().some((cluster) => cluster.name.toLowerCase() === name);
  const there = open.filter((state) => state.cluster.name.toLowerCase() === name);
  if (isCluster || there.length > 0) return there;
  const state = open.find((candidate) => candidate.run === name);
  return state === undefined ? undefined : [state];
}

export function isRunId(name: string): boolean {
  return /^run[a-z0-9]{1,40}$/.test(name);
}
