/** Who somebody is, for a process that has Slack's token and no Bolt: signed in when it is asked for the first time. */
import type { Logger } from 'pino';
import { explain } from '../errors.ts';
import type { Known } from '../files/people.ts';
import type { Standing } from '../run/authorise.ts';
import { createDirectory, type Directory, type Who } from './directory.ts';
import { redact } from './log.ts';
import { createWebClient, identify, type WebAccess } from './web.ts';

/** Never rejects: while Slack cannot be signed in to, nobody can be confirmed. */
export function createLookup(slack: WebAccess, people: () => Known, log: Logger): Directory {
  let signedIn: Promise<Directory> | undefined;
  return {
    async standingOf(who, groups) {
      try {
        signedIn ??= signIn(slack, people, log);
        return await (await signedIn).standingOf(who, groups);
      } catch (error) {
        signedIn = undefined;
        return unconfirmed(who, redact(explain(error)));
      }
    },
  };
}

async function signIn(slack: WebAccess, people: () => Known, log: Logger): Promise<Directory> {
  const web = createWebClient(slack, log);
  return createDirectory({ web, identity: await identify(web), people, log });
}

function unconfirmed(who: Who, why: string): Standing {
  return { person: { ...who, name: who.user }, memberOf: [], kind: { kind: 'unverified', why, silent: true } };
}
