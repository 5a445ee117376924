/** The desk at this machine: the Redis, the key and the queue of the installation, and Slack if it answers. Loaded by the commands that need it. */
import { createArchive } from '../archive/files.ts';
import { randomBytes } from 'node:crypto';
import { createFactors } from '../factor/factors.ts';
import { loadLibrary } from '../files/load.ts';
import { followPeople } from '../files/people.ts';
import { createJournal } from '../journal/journal.ts';
import { recogniseKey } from '../journal/known-key.ts';
import { createRegister } from '../journal/register.ts';
import { createNudges } from '../queue/nudges.ts';
import { type RunEvent, runEventSchema } from '../run/events.ts';
import { createChannels } from '../slack/channels.ts';
import { createLookup } from '../slack/lookup.ts';
import { createWebClient } from '../slack/web.ts';
import { NO_LATE_NOTES } from '../worker/late-notes.ts';
import { createRunDesk } from '../worker/run-desk.ts';
import { createEmergencies } from '../worker/emergencies.ts';
import { createRefusals } from '../worker/refusals.ts';
import type { ActOffice } from './act.ts';
import { type Store, withStore } from './store.ts';
import type { CliWorld } from './world.ts';

/** Throws KeyturnError as `withStore` does, and `KEY_OTHER`. */
export function withRuns<T>(env: CliWorld['env'], work: (office: ActOffice, store: Store) => Promise<T>): Promise<T> {
  return withStore(env, async (store) => {
    await recogniseKey(store.redis, store.keyFor, store.config.keyFile);
    const nudges = await createNudges({ url: store.url, log: store.log });
    try {
      return await work(
        officeOn(store, (run, key) => nudges.nudge(run, key)),
        store,
      );
    } finally {
      await nudges.close();
    }
  });
}

function officeOn(store: Store, nudge: (run: string, key: string) => Promise<void>): ActOffice {
  const { config, redis, keyFor, log } = store;
  const id = (): string => randomBytes(12).toString('hex');
  const decode = (value: unknown): RunEvent => runEventSchema.parse(value);
  const archive = createArchive(config.record);
  const journal = createJournal<RunEvent>({ redis, decode, replicas: config.replicas, key: keyFor('journal'), archive });
  const register = createRegister({ redis, key: keyFor('register') });
  const noteRefusal = createRefusals(register, Date.now, id, log);
  const library = (): ReturnType<typeof loadLibrary> => loadLibrary(config);
  const hands = { emergencies: createEmergencies({ journal, register }) };
  return {
    desk: createRunDesk({ journal, library, nudge, hands, noteRefusal, keepLateNote: NO_LATE_NOTES, now: Date.now, log }),
    factors: createFactors({ redis, key: keyFor('factor'), log }),
    ...slackOf(store),
    noteRefusal,
    now: Date.now,
    id,
  };
}

/** Two questions to Slack; without a token none is asked. */
function slackOf({ config: { lookup, people, peopleNamed }, log }: Store): Pick<ActOffice, 'whoIs' | 'channels'> {
  if (lookup === undefined) {
    const why = 'SLACK_BOT_TOKEN is not set here';
    return {
      whoIs: async (who) => ({ person: { ...who, name: who.user }, memberOf: [], kind: { kind: 'unverified', why, silent: true } }),
      channels: { look: async () => ({ kind: 'unknown', why }) },
    };
  }
  const directory = createLookup(lookup, followPeople(people, peopleNamed), log);
  return { whoIs: (who, groups) => directory.standingOf(who, groups), channels: createChannels(createWebClient(lookup, log)) };
}
