/** Who somebody is, for whoever starts things and decides. */
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { loadPeople } from './files/people.ts';
import type { Directory } from './slack/directory.ts';
import type { WhoIs } from './worker/approvers.ts';

/** Slack's client is loaded with the first one who has to be looked up again: a worker that never asks does without it. */
export function createWhoIs(config: Config, log: Logger): WhoIs | undefined {
  const { lookup } = config;
  if (lookup === undefined) return undefined;
  let directory: Promise<Directory> | undefined;
  return async (who, groups) => {
    directory ??= import('./slack/lookup.ts').then(({ createLookup }) => createLookup(lookup, () => loadPeople(config.people), log));
    return (await directory).standingOf(who, groups);
  };
}
