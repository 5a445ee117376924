/**
 * The run that is over whose thread this is. Slack is asked for the first message of the thread, which names the run; that it is the run's thread indeed is
 * said by our own bookkeeping: anybody can write the name of a run.
 */
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { RunState } from '../run/state.ts';
import type { Office } from './office.ts';
import { isRunId } from './targets.ts';

/** Text of the first message of a thread; undefined where there is none. Rejects with what Slack's client rejects with. */
export type FirstOf = (channel: string, thread: string) => Promise<string | undefined>;

const pageSchema = z.looseObject({ messages: z.array(z.looseObject({ ts: z.string(), text: z.string().default('') })).default([]) });

export function createFirstOf(web: WebClient): FirstOf {
  return async (channel, thread) => {
    const { messages } = pageSchema.parse(await web.conversations.replies({ channel, ts: thread, limit: 1 }));
    return messages.find(({ ts }) => ts === thread)?.text;
  };
}

/** A card names one run; whatever else a message names is not asked for without end. */
const MOST_NAMES = 3;

export async function pastRunIn(
  { desk, threadOf, firstOf }: Pick<Office, 'desk' | 'threadOf' | 'firstOf'>,
  channel: string,
  thread: string,
): Promise<RunState | undefined> {
  const names = new Set((await firstOf(channel, thread))?.match(/\w+/g)?.filter(isRunId));
  for (const run of [...names].slice(-MOST_NAMES)) {
    if ((await threadOf(run)) !== thread) continue;
    const state = await desk.state(run);
    if (state?.channel.id === channel) return state;
  }
  return undefined;
}
