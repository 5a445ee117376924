/**
 * Brings the file of a message to Slack. Slack tells of a finished upload nothing by which it could be named: the message appears by and by, and is
 * found by its delivery id, which stands in its text.
 *
 * A1 Its entry says `posting` before the upload is finished, and the thread is read before it is tried again: nothing stands there twice.
 * A2 It holds nothing else back: the text of the attempt says all that matters, and where the file lies.
 * A3 What cannot be attached (no scope, uploads forbidden, no such file here) is said once in the log and left.
 */
import { type Courier, contentDigest, DELIVERED, type Delivery, NOT_OURS, type Order, wait, warnOnce } from './courier.ts';
import { LANDING_MS } from './look-for.ts';
import type { Entry, Ledger } from './ledger.ts';

const METHOD = 'files.completeUploadExternal';
/** Tier 2 is the least that the three methods have: 20 a minute. */
const RATE = { burst: 5, perSecond: 0.3 } as const;
const LOOK_MS = 2_000;
/** Slack looks through a file before it shows it; this long after an upload nothing is concluded from its absence. */
const APPEARS_MS = 120_000;

export async function attach(courier: Courier, ledger: Ledger, entry: Entry | undefined, order: Order): Promise<Delivery> {
  if (entry?.state === 'posting') {
    const found = await look(courier, ledger, entry, order);
    if (found !== undefined) return found;
  }
  const { file, key, delivery } = order.message;
  if (file === undefined || order.thread === undefined) return DELIVERED;
  const ms = courier.budget.take({ method: METHOD, rate: RATE, now: courier.now() });
  if (ms > 0) return wait(ms);
  const content = await courier.fileContent(file);
  if (typeof content === 'string') return leave(courier, ledger, order, content);
  if (!courier.mayAct()) return NOT_OURS;
  await ledger.write(key, { state: 'posting', channel: order.channel, since: courier.now() });
  const { channel, thread } = order;
  const answer = await courier.web.attach({ channel, thread, name: file.name, content, text: order.message.text });
  switch (answer.kind) {
    case 'done':
      return wait(LOOK_MS);
    case 'unknown':
      courier.log.warn(
        { run: order.run, key, delivery, why: answer.why },
        'an upload has an unknown outcome; the thread is read before it is tried again',
      );
      return wait(LANDING_MS);
    case 'later':
      courier.budget.block(METHOD, courier.now() + answer.ms);
      await ledger.forget(key);
      return wait(answer.ms);
    case 'refused':
      return leave(courier, ledger, order, `Slack answered ${answer.code}`);
  }
}

/** Undefined: it is not there, and long enough nothing has come. */
async function look(
  courier: Courier,
  ledger: Ledger,
  entry: Extract<Entry, { state: 'posting' }>,
  { channel, thread, message }: Order,
): Promise<Delivery | undefined> {
  const oldest = Math.floor(entry.since / 1_000) - 120;
  const answer = await courier.web.look({ channel, thread, delivery: message.delivery, oldest });
  if (answer.kind === 'later') return wait(answer.ms);
  if (answer.kind === 'done' && answer.value.ts !== undefined) {
    await ledger.write(message.key, { state: 'posted', channel, ts: answer.value.ts, digest: contentDigest(message) });
    return DELIVERED;
  }
  return answer.kind === 'done' && courier.now() - entry.since > APPEARS_MS ? undefined : wait(LOOK_MS);
}

async function leave(courier: Courier, ledger: Ledger, order: Order, why: string): Promise<Delivery> {
  const { key } = order.message;
  warnOnce(courier, `file ${why}`, { run: order.run, key, why }, 'an output is not put into its thread as a file; the record keeps it');
  await ledger.write(key, { state: 'left', channel: order.channel, why });
  return DELIVERED;
}
