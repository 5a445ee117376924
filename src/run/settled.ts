/** How troubles were settled, read back from a journal. Pure. */
import type { EventOf, Recorded } from './events.ts';

export type Settled = { readonly event: EventOf<'troubleSettled'>; readonly at: number };

/** By the id of the trouble; each is settled once. */
export function settledIn(recorded: readonly Recorded[]): ReadonlyMap<string, Settled> {
  const settled = new Map<string, Settled>();
  for (const { event, at } of recorded) {
    if (event.kind === 'troubleSettled' && !settled.has(event.trouble)) settled.set(event.trouble, { event, at });
  }
  return settled;
}
