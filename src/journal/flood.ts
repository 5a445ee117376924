import type { RegisterEvent } from './register-events.ts';

type Refused = Extract<RegisterEvent, { kind: 'refused' }>;

/** What the register may write of a person who is refused again and again. Times are the caller's, in milliseconds. */
export type Flood = {
  /** `unrecorded`: how many were not recorded since the last hour of this person and action that had too many. */
  readonly take: (event: Refused, at: number) => { readonly kind: 'record'; readonly unrecorded: number } | { readonly kind: 'withhold' };
};

export const REFUSALS_AN_HOUR = 20;
const HOUR_MS = 60 * 60 * 1000;
/** Persons and actions remembered; the one whose hour began longest ago goes first. */
const MOST = 10_000;

/**
 * Counted in this process and not in Redis: whoever can write there could otherwise have all refusals withheld. An hour begins with its first
 * refusal.
 */
export function createFlood(): Flood {
  const hours = new Map<string, { readonly since: number; count: number; withheld: number }>();
  return {
    take: ({ person, action }, at) => {
      const key = JSON.stringify([person.team, person.user, action]);
      const hour = hours.get(key);
      if (hour !== undefined && at - hour.since < HOUR_MS) {
        hour.count += 1;
        if (hour.count <= REFUSALS_AN_HOUR) return { kind: 'record', unrecorded: 0 };
        hour.withheld += 1;
        return { kind: 'withhold' };
      }
      hours.delete(key);
      hours.set(key, { since: at, count: 1, withheld: 0 });
      const [oldest] = hours.keys();
      if (hours.size > MOST && oldest !== undefined) hours.delete(oldest);
      return { kind: 'record', unrecorded: hour?.withheld ?? 0 };
    },
  };
}
