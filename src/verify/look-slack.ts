/** What is looked at of a run with `--slack`: the thread as Slack has it, held against the journal. */
import type { Inspected } from '../journal/journal.ts';
import type { Recorded } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import type { RunState } from '../run/state.ts';
import type { Signer } from '../signature.ts';
import { type Entry, keptIn, placeOf } from '../slack/outbox/ledger.ts';
import type { ThreadStore } from '../slack/outbox/ports.ts';
import { endOf } from '../slack/outbox/read-run.ts';
import { withReissues } from '../slack/outbox/reissue.ts';
import { type Message, thread } from '../slack/views/index.ts';
import { NOTHING_FOUND, wholly } from './fault.ts';
import type { Answered, SlackReader } from './slack.ts';
import type { Standing } from './standing.ts';
import type { Me } from './me.ts';
import { judgeThread, type ThreadFindings } from './thread.ts';

export type SlackMeasure = {
  readonly reader: SlackReader;
  readonly notes: ThreadStore;
  readonly me: Me;
  readonly signer: Signer;
  readonly now: () => number;
};

const NONE: ThreadFindings = { ...NOTHING_FOUND, missing: [], unkept: [] };

export async function lookAtThread(
  measure: SlackMeasure,
  run: string,
  found: Inspected,
  recorded: readonly Recorded[],
): Promise<ThreadFindings> {
  const state = foldable(run, recorded);
  if (state === undefined)
    return { ...NONE, notices: [{ seq: 0, sentence: 'Its thread was not compared: the journal cannot be followed.' }] };
  const { me, signer } = measure;
  const { entries, unreadable, projected } = keptIn(await measure.notes.thread(run).all());
  // Of a journal that was tampered with, what the closing message would say now.
  const end = endOf(state, found.raw.at(-1), signer);
  const messages = withReissues(run, thread(state, recorded, [], measure.now(), new Map(), end), entries);
  const read = await readBack(measure, state, messages, entries);
  if (read.kind === 'refused') {
    const sentence = `Its messages could not be read back: Slack answered ${read.code} for channel ${read.channel}.`;
    return { ...NONE, faults: [wholly('threadUnread', sentence)] };
  }
  const hash = found.raw.at(-1)?.hash ?? '';
  const judged = judgeThread({ state, recorded, hash, messages, entries, projected, standing: read.messages, me, key: signer.key });
  if (unreadable === 0) return judged;
  const sentence = `What Redis keeps about ${unreadable} of its messages is nothing that Keyturn writes, and was not used.`;
  return { ...judged, notices: [...judged.notices, { seq: 0, sentence }] };
}

/** What the chain says of it is told already. */
function foldable(run: string, recorded: readonly Recorded[]): RunState | undefined {
  try {
    return recorded.length === 0 ? undefined : fold(run, recorded);
  } catch {
    return undefined;
  }
}

type ReadBack =
  | { readonly kind: 'messages'; readonly messages: readonly Standing[] }
  | { readonly kind: 'refused'; readonly code: string; readonly channel: string };

/** The thread; what stands in other channels; and where the first message was deleted, what stands under it still. */
async function readBack(
  { reader }: SlackMeasure,
  { channel }: RunState,
  messages: readonly Message[],
  entries: ReadonlyMap<string, Entry>,
): Promise<ReadBack> {
  const found = new Map<string, Standing>();
  const card = tsOf(entries.get('card'));
  const take = (answer: Answered): boolean => {
    if (answer.kind === 'messages') for (const each of answer.messages) found.set(`${each.channel} ${each.ts}`, each);
    return answer.kind !== 'refused';
  };
  if (card !== undefined) {
    const answer = await reader.thread(channel.id, card);
    if (answer.kind === 'refused') return { ...answer, channel: channel.id };
    take(answer);
  }
  for (const { key, place } of messages) {
    const ts = tsOf(entries.get(key));
    const where = place.kind === 'channel' ? place.channel : channel.id;
    if (ts === undefined || found.has(`${where} ${ts}`)) continue;
    const answer = place.kind === 'channel' ? await reader.message(where, ts) : await whereItStands(reader, where, ts);
    if (answer.kind === 'refused') return { ...answer, channel: where };
    take(answer);
  }
  return { kind: 'messages', messages: [...found.values()] };
}

/** Given a reply, Slack may answer with that reply alone: the rest stands under what it names as its thread. */
async function whereItStands(reader: SlackReader, channel: string, ts: string): Promise<Answered> {
  const answer = await reader.thread(channel, ts);
  const thread = answer.kind === 'messages' ? answer.messages.find((each) => each.ts === ts)?.thread : undefined;
  if (answer.kind !== 'messages' || thread === undefined || thread === ts) return answer;
  const whole = await reader.thread(channel, thread);
  return whole.kind === 'messages' ? { kind: 'messages', messages: [...answer.messages, ...whole.messages] } : answer;
}

function tsOf(entry: Entry | undefined): string | undefined {
  return placeOf(entry)?.ts;
}
