/**
 * A run's thread in Slack held against the run's journal: every message that ought to stand there is there once, and reads as it should. Pure.
 *
 * Slack shows no mark on what a bot edits (chat.update with blocks), so each message is compared word for word with what the journal makes of it.
 */
import type { Recorded } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import { type Entry, placeOf } from '../slack/outbox/ledger.ts';
import { digestOf } from '../canonical.ts';
import type { Message } from '../slack/views/index.ts';
import { utcSecond } from '../utc.ts';
import { closingFaults } from './closing.ts';
import type { Fault, Findings, Notice } from './fault.ts';
import { isOurs, linkOf, type Me } from './me.ts';
import { noteNotices } from './notes.ts';
import { firstLine, reads, readsBlocks, type Standing } from './standing.ts';

export type ThreadSight = {
  readonly state: RunState;
  readonly recorded: readonly Recorded[];
  /** Of the last event. */
  readonly hash: string;
  /** What ought to stand there. */
  readonly messages: readonly Message[];
  /** What the bookkeeping says of each, by key. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The highest event that the thread has shown. */
  readonly projected: number;
  readonly standing: readonly Standing[];
  readonly me: Me;
  /** The public key of this installation, in base64. */
  readonly key: string;
};

/** `missing`: messages that can be posted again. `unkept`: those that stand there and that the bookkeeping does not know. */
export type ThreadFindings = Findings & { readonly missing: readonly Message[]; readonly unkept: readonly Unkept[] };
export type Unkept = { readonly message: Message; readonly channel: string; readonly ts: string };

export function judgeThread(sight: ThreadSight): ThreadFindings {
  const each = sight.messages.map((message) => ({ message, ...judgeMessage(sight, message) }));
  const closing = closingFaults(sight);
  return {
    unkept: sight.messages.flatMap((message) => unkept(sight, message)),
    faults: [...each.flatMap(({ faults }) => faults), ...closing],
    notices: [...each.flatMap(({ notices }) => notices), ...foreign(sight), ...noteNotices(sight)],
    missing: each.flatMap(({ message, faults }) =>
      faults.some(({ kind }) => kind === 'messageMissing' || kind === 'messageDeleted') ? [message] : [],
    ),
  };
}

function judgeMessage(sight: ThreadSight, message: Message): Findings {
  const entry = sight.entries.get(message.key);
  const copies = copiesOf(sight, message);
  const known = placeOf(entry);
  const there = sight.standing.find(
    (each) => each.ts === known?.ts && each.channel === channelOf(sight, message) && !each.isTombstone && !isAnother(each, message),
  );
  const shown = there ?? copies[0];
  if (shown === undefined && known === undefined && message.file !== undefined) return notAttached(sight, message, entry);
  if (shown === undefined) return absent(sight, message, known);
  const twice = copies.filter(({ ts }) => ts !== shown.ts).map((copy) => twiceFault(sight, message, copy));
  const content = contentFindings(sight, message, entry, shown);
  return { faults: [...twice, ...content.faults], notices: content.notices };
}

/** As after a bookkeeping that was lost, or that the archive keeps only in part. */
function unkept(sight: ThreadSight, message: Message): readonly Unkept[] {
  const copy = placeOf(sight.entries.get(message.key)) === undefined ? copiesOf(sight, message)[0] : undefined;
  return copy === undefined ? [] : [{ message, channel: copy.channel, ts: copy.ts }];
}

function copiesOf(sight: ThreadSight, { delivery }: Message): readonly Standing[] {
  return sight.standing.filter((each) => isOurs(sight.me, each) && !each.isTombstone && carries(each, delivery));
}

/** The bookkeeping is not sealed: it must not let one message stand for another that is gone. */
function isAnother({ delivery }: Standing, message: Message): boolean {
  return delivery !== undefined && delivery !== message.delivery;
}

function carries({ delivery, text }: Standing, wanted: string): boolean {
  return delivery === undefined ? text.includes(wanted) : delivery === wanted;
}

function channelOf({ state }: ThreadSight, { place }: Message): string {
  return place.kind === 'channel' ? place.channel : state.channel.id;
}

/** What it is, and of when. */
function nameOf({ recorded }: ThreadSight, { key, text, seq }: Message): string {
  const at = recorded.find((each) => each.seq === seq)?.at;
  const when = at === undefined ? '' : ` of ${utcSecond(at)}`;
  const which = key === 'card' ? 'The first message of the thread' : key === 'end' ? 'The closing message' : 'The message';
  return `${which} “${firstLine(text)}”${when}`;
}

/** Not every output gets into its thread (outbox/attach.ts); what it was is in the record all the same. */
function notAttached(sight: ThreadSight, message: Message, entry: Entry | undefined): Findings {
  const why = entry?.state === 'left' ? `: ${entry.why}` : '';
  return { faults: [], notices: [{ seq: message.seq, sentence: `${nameOf(sight, message)} is not in the thread as a file${why}.` }] };
}

function absent(sight: ThreadSight, message: Message, known: ReturnType<typeof placeOf>): Findings {
  const { seq } = message;
  const name = nameOf(sight, message);
  if (known !== undefined) {
    const link = linkOf(sight.me, known.channel, known.ts);
    return { faults: [{ seq, kind: 'messageDeleted', sentence: `${name} was posted and is gone from Slack.`, link }], notices: [] };
  }
  if (sight.state.ended === undefined)
    return { faults: [], notices: [{ seq, sentence: `${name} is not posted yet; the run is still on.` }] };
  return { faults: [{ seq, kind: 'messageMissing', sentence: `${name} does not stand in Slack.` }], notices: [] };
}

function twiceFault(sight: ThreadSight, message: Message, { channel, ts }: Standing): Fault {
  const sentence = `${nameOf(sight, message)} stands in Slack a second time.`;
  return { seq: message.seq, kind: 'messageTwice', sentence, link: linkOf(sight.me, channel, ts) };
}

function contentFindings(sight: ThreadSight, message: Message, known: Entry | undefined, there: Standing): Findings {
  const { seq } = message;
  const link = linkOf(sight.me, there.channel, there.ts);
  const about = (what: string) => ({ seq, sentence: `${nameOf(sight, message)} ${what}`, link });
  const notice = (what: string): Findings => ({ faults: [], notices: [about(what)] });
  const fault = (what: string): Findings => ({ faults: [{ ...about(what), kind: 'messageEdited' }], notices: [] });
  if (!isOurs(sight.me, there)) return fault("is not by Keyturn: somebody else's message stands in its place.");
  // What goes on reads differently by the minute.
  if (!message.final && sight.state.ended === undefined) return { faults: [], notices: [] };
  const where = difference(message, there);
  if (where === undefined) return { faults: [], notices: [] };
  if (known?.state === 'frozen') return notice(`could not be changed any more (${known.why}) and shows an earlier state.`);
  if (known?.state === 'posted' && known.digest !== '' && known.digest !== digestOf({ text: message.text, blocks: message.blocks }))
    return notice('was posted by another release of Keyturn in other words; what stands there cannot be compared.');
  return fault(`was edited: its ${where} is not what Keyturn wrote.`);
}

/** Where it reads otherwise than it should. A layout that Slack refused was posted as text alone. */
function difference(message: Message, there: Standing): 'text' | 'layout' | undefined {
  if (reads(there.text) !== reads(message.text)) return 'text';
  const [shown, wanted] = [readsBlocks(there.blocks), readsBlocks(message.blocks)];
  return shown === wanted || shown === '' || shown === reads(message.text) ? undefined : 'layout';
}

/** Messages of the app in the thread that the journal does not call for. What was only attached (files) bears no delivery. */
function foreign(sight: ThreadSight): readonly Notice[] {
  const wanted = new Set(sight.messages.map(({ delivery }) => delivery));
  return sight.standing.flatMap((each): readonly Notice[] => {
    const isRuns = each.delivery?.startsWith(`${sight.state.run}-`) === true;
    if (!isOurs(sight.me, each) || !isRuns || wanted.has(each.delivery ?? '')) return [];
    const sentence = `A message of Keyturn stands there that this release does not make of the journal: “${firstLine(each.text)}”.`;
    return [{ seq: 0, sentence, link: linkOf(sight.me, each.channel, each.ts) }];
  });
}
