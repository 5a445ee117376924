/** Who somebody is, for whoever starts things and decides. */
import type { Base } from './base.ts';
import type { Directory } from './slack/directory.ts';
import type { WhoIs } from './worker/approvers.ts';

/** Slack's client is loaded with the first one who has to be looked up again: a worker that never asks does without it. */
export function createWhoIs({ config: { lookup }, people, log }: Base): WhoIs | undefined {
  if (lookup === undefined) return undefined;
  let directory: Promise<Directory> | undefined;
  return async (who, groups) => {
    directory ??= import('./slack/lookup.ts').then(({ createLookup }) => createLookup(lookup, people, log));
    return (await directory).standingOf(who, groups);
  };
}
