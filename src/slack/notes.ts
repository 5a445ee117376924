/**
 * Replies in the thread of a run become notes in its record. They decide nothing and get no answer.
 *
 * 1. A reply counts only in the thread of a run, in the channel that the run's journal names. Once the run is over it stands beside the journal.
 * 2. Whoever wrote it is recorded by id, whether or not they may do anything else; their name is asked of Slack, and where it is silent the id stands.
 * 3. What Keyturn or another app wrote is no note, nor is an order to Keyturn: what came of that is in the journal by itself.
 */
import { explain } from '../errors.ts';
import type { RunState } from '../run/state.ts';
import { readSaid } from './mention.ts';
import { type Office, runInThread } from './office.ts';
import { pastRunIn } from './past-thread.ts';
import type { Reply } from './payloads.ts';

/** What a reply is handled with. */
export type NoteOffice = Pick<Office, 'desk' | 'directory' | 'threadOf' | 'firstOf' | 'log'>;

/** By thread: an edit must not overtake what it edits, whose writer is still being asked for. */
const turns = new Map<string, Promise<void>>();

/** `bot`: Keyturn's own user id. `run`: whose thread it is, where that is known. Never rejects: what could not be kept is said in the log. */
export function onReply(office: NoteOffice, reply: Reply, bot: string, run?: string): Promise<void> {
  const key = `${reply.channel}/${reply.thread}`;
  const mine = (turns.get(key) ?? Promise.resolve()).then(() => handle(office, reply, bot, run));
  turns.set(key, mine);
  return mine.finally(() => {
    if (turns.get(key) === mine) turns.delete(key);
  });
}

async function handle(office: NoteOffice, reply: Reply, bot: string, known?: string): Promise<void> {
  try {
    if (reply.kind !== 'deleted' && (reply.user === bot || readSaid(reply.text, bot).kind !== 'aside')) return;
    const run = known ?? (await runOf(office, reply))?.run;
    if (run !== undefined) await keep(office, run, reply);
  } catch (error) {
    office.log.error({ thread: reply.thread, reason: explain(error) }, 'a reply in a thread could not be kept as a note');
  }
}

async function keep({ desk, directory }: NoteOffice, run: string, reply: Reply): Promise<void> {
  const { ts } = reply;
  switch (reply.kind) {
    case 'written':
    case 'edited': {
      const { kind, team, user, files, edited } = reply;
      const { person } = await directory.standingOf({ team, user }, []);
      return desk.note(run, { kind, ts, by: person, text: unescaped(reply.text), files, edited });
    }
    case 'deleted':
      return desk.note(run, { kind: 'deleted', ts });
  }
}

/** Slack escapes exactly these three (docs.slack.dev/messaging/formatting-message-text). */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Threads that are nobody's run: a lively channel must not have every journal read, and Slack asked, for each message. */
const strangers = new Set<string>();
const MOST_STRANGERS = 2_000;
/** A thread that is so old and belongs to no run will never belong to one: a run's thread is known a moment after it is begun. */
const SETTLED_MS = 60_000;

async function runOf(office: NoteOffice, { channel, thread }: Reply): Promise<RunState | undefined> {
  const key = `${channel}/${thread}`;
  if (strangers.has(key)) return undefined;
  const state = (await runInThread(office, channel, thread)) ?? (await pastRunIn(office, channel, thread));
  if (state === undefined && Date.now() - Number(thread) * 1_000 > SETTLED_MS) {
    strangers.add(key);
    const [oldest] = strangers;
    if (strangers.size > MOST_STRANGERS && oldest !== undefined) strangers.delete(oldest);
  }
  return state;
}
