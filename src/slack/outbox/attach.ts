/**
 * Brings the file of a message to Slack. Slack tells of a finished upload nothing by which it could be named: the message appears by and by, and is
 * found by its delivery id, which stands in its text.
 *
 * A1 What was only uploaded is seen by nobody and may be uploaded again. Before it is shown in the thread its entry says `posting`, and from then on the
 *    thread is read before it is tried again: nothing stands there twice.
 * A2 It holds nothing else back (attaching.ts): the text of the attempt says all that matters, and where the file lies.
 * A3 What cannot be attached (no scope, uploads forbidden, no such file here, Slack never shows it) is said once in the log and left.
 */
import { type Courier, contentDigest, DELIVERED, type Delivery, NOT_OURS, type Order, wait, warnOnce } from './courier.ts';
import { UNREADABLE } from './codes.ts';
import type { Entry, Ledger } from './ledger.ts';
import type { Answer } from './ports.ts';

/** One budget for the calls of one file. Tier 2 is the least that any of them has: 20 a minute. */
const FILES = 'files';
const RATE = { burst: 5, perSecond: 0.3 } as const;
const LOOK_MS = 2_000;
/** Slack looks through a file before it shows it; this long after it was taken nothing is concluded from its absence. */
const APPEARS_MS = 120_000;
/** How many times it is to be shown: what people delete, or what Slack keeps to itself, is not forced on a thread. */
const MOST_TRIES = 3;

/** What an administrator puts right for the thread as a whole; then its files follow. */
const PASSES: ReadonlySet<string> = new Set(['is_archived', 'not_in_channel', 'channel_not_found']);

type Posting = Extract<Entry, { state: 'posting' }>;

export async function attach(courier: Courier, ledger: Ledger, entry: Entry | undefined, order: Order): Promise<Delivery> {
  const before = entry?.state === 'posting' ? entry : undefined;
  if (before !== undefined) {
    const found = await look(courier, ledger, before, order);
    if (found !== undefined) return found;
    if ((before.tries ?? 1) >= MOST_TRIES) return leave(courier, ledger, order, `Slack took it ${MOST_TRIES} times and did not show it`);
  }
  const uploaded = await upload(courier, ledger, order);
  if (typeof uploaded !== 'string') return uploaded;
  return share(courier, ledger, order, { file: uploaded, tries: (before?.tries ?? 0) + 1 });
}

/** The id of what Slack has now. */
async function upload(courier: Courier, ledger: Ledger, order: Order): Promise<string | Delivery> {
  const { file } = order.message;
  if (file === undefined || order.thread === undefined) return DELIVERED;
  const ms = courier.budget.take({ method: FILES, rate: RATE, now: courier.now() });
  if (ms > 0) return wait(ms);
  const content = await courier.fileContent(file);
  if (typeof content === 'string') return leave(courier, ledger, order, content);
  if (!courier.mayAct()) return NOT_OURS;
  const answer = await courier.web.upload({ name: file.name, content, stop: courier.stop });
  if (answer.kind === 'done') return answer.value.file;
  if (answer.kind === 'unknown') return { kind: 'parked', why: answer.why };
  return notTaken(courier, ledger, order, answer);
}

async function share(courier: Courier, ledger: Ledger, order: Order, tried: Pick<Posting, 'file' | 'tries'>): Promise<Delivery> {
  const { channel, thread, run, message } = order;
  const { key, delivery, file, text } = message;
  if (thread === undefined || file === undefined || tried.file === undefined) return DELIVERED;
  if (!courier.mayAct()) return NOT_OURS;
  await ledger.write(key, { state: 'posting', channel, since: courier.now(), ...tried });
  if (!courier.mayAct()) return NOT_OURS;
  const answer = await courier.web.share({ file: tried.file, channel, thread, name: file.name, text });
  switch (answer.kind) {
    case 'done':
      return wait(LOOK_MS);
    case 'unknown':
      courier.log.warn(
        { run, key, delivery, why: answer.why },
        'whether a file is in its thread is not known; the thread is read before it is tried again',
      );
      return wait(LOOK_MS);
    case 'later':
    case 'refused':
      // Slack says that it did nothing.
      await ledger.forget(key);
      return notTaken(courier, ledger, order, answer);
  }
}

function notTaken(
  courier: Courier,
  ledger: Ledger,
  order: Order,
  answer: Extract<Answer<never>, { kind: 'later' | 'refused' }>,
): Promise<Delivery> | Delivery {
  if (answer.kind === 'later') {
    courier.budget.block(FILES, courier.now() + answer.ms);
    return wait(answer.ms);
  }
  return PASSES.has(answer.code) ? { kind: 'parked', why: answer.code } : leave(courier, ledger, order, `Slack answered ${answer.code}`);
}

/** Undefined: it is not there, and long enough nothing has come. */
async function look(courier: Courier, ledger: Ledger, entry: Posting, order: Order): Promise<Delivery | undefined> {
  const { channel, thread, message } = order;
  const oldest = Math.floor(entry.since / 1_000) - 120;
  const answer = await courier.web.look({ channel, thread, delivery: message.delivery, oldest });
  switch (answer.kind) {
    case 'later':
      return wait(answer.ms);
    case 'unknown':
      return wait(LOOK_MS);
    case 'refused':
      return UNREADABLE.has(answer.code)
        ? leave(courier, ledger, order, `it may stand there, but Slack does not let the thread be read back (${answer.code})`)
        : { kind: 'parked', why: answer.code };
    case 'done':
      if (answer.value.ts === undefined) return courier.now() - entry.since > APPEARS_MS ? undefined : wait(LOOK_MS);
      await ledger.write(message.key, { state: 'posted', channel, ts: answer.value.ts, digest: contentDigest(message) });
      return DELIVERED;
  }
}

async function leave(courier: Courier, ledger: Ledger, order: Order, why: string): Promise<Delivery> {
  const { key } = order.message;
  warnOnce(courier, `file ${why}`, { run: order.run, key, why }, 'an output is not put into its thread as a file');
  await ledger.write(key, { state: 'left', channel: order.channel, why });
  return DELIVERED;
}
