/**
 * `@Keyturn …`: acts on the run in whose thread it is written, by the same ways as `/ha`, which cannot be typed in threads. It never starts anything.
 *
 * 1. A message counts once: an edit does nothing, and pausing and resuming carry the message, so that a redelivery is known by the journal.
 * 2. Who wrote it is asked of Slack like for a command; what an app writes counts for nobody, in whose name ever.
 * 3. Which run is meant is decided by the thread alone: a word that names another one acts on neither.
 */
import { assertNever } from '../run/assert-never.ts';
import type { RunState } from '../run/state.ts';
import type { Answer } from './answer.ts';
import { control } from './commands/control.ts';
import { status } from './commands/read.ts';
import { withDamaged } from './damaged.ts';
import { MENTION_WORDS, readSaid, type Said } from './mention.ts';
import { note } from './note.ts';
import { admit, type Office, runInThread } from './office.ts';
import type { Asked, Mention } from './payloads.ts';
import { readable, readingGroups } from './rights.ts';
import { still } from './still.ts';
import { listed, shown } from './suggest.ts';
import { isRunId } from './targets.ts';

/** `bot`: Keyturn's own user id. May reject as `runCommand` does. */
export async function onMention(whole: Office, mention: Mention, bot: string): Promise<Answer> {
  const office = { ...whole, desk: still(whole.desk) };
  if (mention.byApp) return byApp(office, mention);
  if (mention.edited) return told('An edited message does nothing, so that none counts twice. Write a new one.');
  const asked = askedBy(mention);
  const said = readSaid(mention.text, bot);
  const state = mention.thread === undefined ? undefined : await runInThread(office, mention.channel, mention.thread);
  if (state !== undefined && isOrder(said)) return order(office, asked, state, said);
  const admitted = await admit(office, asked, readingGroups(office.desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const seen = state !== undefined && readable([state], admitted.standing).length > 0;
  if (seen && !isOrder(said)) return told(...inThread(state, said));
  const content = note(outside(mention, said));
  return { kind: 'now', content: mention.thread === undefined ? content : withDamaged(content, office.desk.damaged()) };
}

function told(...sentences: readonly string[]): Answer {
  return { kind: 'now', content: note(sentences) };
}

/** Recorded as a refusal; the answer reaches a person only where the app wrote in the name of one. */
async function byApp({ desk }: Office, { team, user }: Mention): Promise<Answer> {
  const why = 'bots and workflows cannot use Keyturn.';
  const person = { team, user, name: user };
  await desk.refused({ person, memberOf: [], kind: { kind: 'barred', why } }, 'read', `An app wrote in this name: ${why}`);
  return told('An app wrote this message. Bots and workflows cannot use Keyturn, in whose name ever.');
}

/** As a command would be; the message takes the place of the trigger. */
function askedBy({ team, user, channel, text, ts }: Mention): Asked {
  return { team, user, channel, channelName: undefined, text, triggerId: `mention-${channel}-${ts}` };
}

type Order = Extract<Said, { readonly reason: string }>;

function isOrder(said: Said): said is Order {
  return 'reason' in said;
}

async function order(office: Office, asked: Asked, state: RunState, { kind, reason }: Order): Promise<Answer> {
  if (kind === 'status') return status(office, asked, state.run);
  const [first = '', ...rest] = reason.split(' ');
  const named = whatIs(office, first);
  if (named === 'nothing') return control(office, asked, { kind, target: state.run, reason });
  const isThis = [state.run, state.cluster.name.toLowerCase()].includes(first.toLowerCase());
  if (isThis) return control(office, asked, { kind, target: state.run, reason: rest.join(' ') });
  const admitted = await admit(office, asked, readingGroups(office.desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  return told(
    `This is the thread of ${state.run}, and \`${shown(first)}\` is another ${named}, so nothing was done.`,
    `Write it in that thread, or \`/ha ${kind} ${shown(first)}\` in the channel.`,
  );
}

function whatIs({ desk }: Office, word: string): 'run' | 'cluster' | 'nothing' {
  const name = word.toLowerCase();
  // A mistyped id names another run as well.
  if (isRunId(name) && /\d/.test(name)) return 'run';
  return desk.clusters().some((cluster) => cluster.name.toLowerCase() === name) ? 'cluster' : 'nothing';
}

const HOW = `In the thread of a run, \`@Keyturn\` takes: ${listed(MENTION_WORDS)}. A reason may follow.`;

function outside({ thread }: Mention, said: Said): readonly string[] {
  const where =
    thread === undefined
      ? 'A mention starts nothing.'
      : 'No run that goes on belongs to this thread: it is over, or this is another thread. Nothing was done.';
  return [where, `Runs are started with a command in the channel: ${example(said)} \`/ha help\` shows what there is.`, HOW];
}

/** What was typed as it would be typed right, where it could be a command. */
function example(said: Said): string {
  const words = said.kind === 'other' ? shown(said.words.replace(/^\/ha\b\s*/, '')) : '';
  return words === '' ? '`/ha <procedure> <cluster>`.' : `\`/ha ${words}\`.`;
}

function inThread(state: RunState, said: Exclude<Said, Order>): readonly string[] {
  switch (said.kind) {
    case 'help':
      return [
        `This is the thread of ${state.run}. ${HOW}`,
        'Approving, settling and answering are done with the buttons; `/ha help` shows the rest.',
      ];
    case 'other':
      return [
        `\`${shown(said.words)}\` is nothing that a mention does, so nothing was done. ${HOW}`,
        `Commands are typed in the channel: ${example(said)}`,
      ];
    case 'aside':
      return [`Nothing was done: only a message that begins with \`@Keyturn\` is for it. ${HOW}`];
    default:
      return assertNever(said);
  }
}
