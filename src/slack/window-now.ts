/** Whether a freeze window would hold a run now, for whoever starts or plans one. Pure; `now` in milliseconds since 1970. */
import { frozenAt, untilWords } from '../inventory/freeze.ts';
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import { people } from './views/people.ts';

/** The sentence, or nothing; mentions stand in it by id. */
export function windowNow({ freeze, name }: Cluster, procedure: Procedure | undefined, now: number): string | undefined {
  const frozen = procedure?.readOnly === true ? undefined : frozenAt(freeze, now);
  if (freeze === undefined || frozen === undefined) return undefined;
  const held = 'a run looks, and is held before its first step that acts';
  return `The freeze window ${frozen.window} of ${name} is on now, ${untilWords(freeze, frozen.until)}: ${held}. Who may override it, never the requester: ${people(freeze.override)}.`;
}
