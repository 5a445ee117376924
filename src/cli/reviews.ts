/** `keyturn reviews`: what was done in an emergency and nobody has reviewed yet, from the register. */
import { createRegister } from '../journal/register.ts';
import type { DueReview } from '../run/reviews.ts';
import { utcSecond } from '../utc.ts';
import { dueIn } from '../worker/emergencies.ts';
import { withStore } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

/** Changes nothing; bot and workers may run meanwhile. Throws KeyturnError for a configuration, a key or a Redis that cannot be used. */
export async function reviews(world: CliWorld, { json }: { readonly json: boolean }): Promise<Exit> {
  const due = await withStore(world.env, ({ redis, keyFor }) => dueIn(createRegister({ redis, key: keyFor('register') })));
  if (json) world.say(JSON.stringify({ due: due.map(({ id, at, event }) => ({ id, at: new Date(at).toISOString(), ...event })) }));
  else for (const line of linesOf(due)) world.say(line);
  return due.length === 0 ? EXIT.ok : EXIT.found;
}

function linesOf(due: readonly DueReview[]): readonly string[] {
  if (due.length === 0) return ['Nothing waits for a review.'];
  const how = 'In Slack, somebody who may approve on the cluster and had no part in it writes: /ha review <run> <what you found>';
  return [
    ...due.flatMap(entryLines),
    '',
    `${due.length === 1 ? 'One emergency waits' : `${due.length} emergencies wait`} for a review. ${how}`,
  ];
}

function entryLines({ at, event }: DueReview): readonly string[] {
  const what = event.kind === 'glassBroken' ? `break-glass at ${event.step}` : `freeze window overridden: ${event.window}`;
  const { run, cluster, by, reason } = event;
  return [`${utcSecond(at)}  ${run}  ${cluster}  ${what}`, `  by ${by.name} (${by.user}): ${reason.replaceAll(/\s+/g, ' ')}`];
}
