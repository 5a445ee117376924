/** The round trips of /readyz. Nothing here names a host, a person or a secret. */
import { randomUUID } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import { type OwnFolder, tryFolder } from '../data-folder.ts';
import { keys } from '../journal/keys.ts';
import type { Nudges } from '../queue/nudges.ts';
import type { RedisClient } from '../redis/connect.ts';
import { speaking } from '../redis/failure.ts';
import type { Check } from './readiness.ts';

const KEPT_S = 60;
/** auth.test may be called hundreds of times a minute; so often nobody needs to. */
const SLACK_FRESH_MS = 5_000;
const DISK_FRESH_MS = 5_000;

/** Writes a word and reads it back. */
export function redisCheck(redis: RedisClient, owner: string): Check {
  return {
    name: 'redis',
    look: async () => {
      const word = randomUUID();
      const key = keys.probe(`ready-${owner}`);
      await speaking(() => redis.set(key, word, 'EX', KEPT_S));
      const back = await speaking(() => redis.get(key));
      return back === word
        ? undefined
        : 'what was written was not what was read: another process writes under our name, or this Redis loses writes';
    },
  };
}

/** What Keyturn must write can be written. `folders`: of this process' own, in the order in which they are tried. */
export function diskCheck(folders: readonly OwnFolder[]): Check {
  return {
    name: 'disk',
    freshMs: DISK_FRESH_MS,
    look: async () => {
      for (const folder of folders) await tryFolder(folder);
      return undefined;
    },
  };
}

/** The queue answers on its own connection. */
export function queueCheck(nudges: Pick<Nudges, 'counts'>): Check {
  return {
    name: 'queue',
    look: async () => {
      await nudges.counts();
      return undefined;
    },
  };
}

/** Slack knows our token now. `say` puts a failure into words. */
export function slackCheck(web: WebClient, say: (error: unknown) => string): Check {
  return {
    name: 'slack',
    freshMs: SLACK_FRESH_MS,
    look: () =>
      web.auth.test().then(
        () => undefined,
        (error: unknown) => `${say(error)}; runs go on, and their threads are brought up to date when it is back`,
      ),
  };
}

export type Links = {
  readonly ready: boolean;
  readonly links: readonly { readonly name: string; readonly state: string; readonly why: string | undefined }[];
};

/** What Slack sends reaches us: one open connection is enough. */
export function linkCheck(links: () => Links): Check {
  return {
    name: 'slack-link',
    freshMs: 0,
    look: async () => {
      const { ready, links: all } = links();
      return ready
        ? undefined
        : `nothing that people press or type reaches Keyturn: ${all.map(({ name, state, why }) => `${name} ${state}${why === undefined ? '' : ` (${why})`}`).join('; ')}`;
    },
  };
}
