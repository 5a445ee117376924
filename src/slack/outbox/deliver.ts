/**
 * Brings one message to Slack.
 *
 * Invariants
 * M1 Before a post its entry says `posting`; after it, `posted`. A `posting` entry is never posted again before Slack was asked whether it is there.
 * M2 A message is changed only when its content differs from what was sent last.
 * M3 The lease is asked for after the last wait and before the call.
 */
import { assertNever } from '../../run/assert-never.ts';
import type { Message } from '../views/index.ts';
import { CLOSED, LAYOUT, THREAD_GONE } from './codes.ts';
import { type Courier, contentDigest, DELIVERED, type Delivery, NOT_OURS, type Order, wait } from './courier.ts';
import type { Entry, Ledger } from './ledger.ts';
import { LANDING_MS, lookFor } from './look-for.ts';
import type { Answer, PostOrder } from './ports.ts';

const POST = 'chat.postMessage';
const UPDATE = 'chat.update';
const AGAIN_MS = 1_000;

type Posted = Extract<Entry, { state: 'posted' }>;

/** Posts a message that Slack has not been given yet, or may have been given. */
export async function post(courier: Courier, ledger: Ledger, entry: Entry | undefined, order: Order): Promise<Delivery> {
  if (entry?.state === 'posting') {
    const found = await lookFor(courier, ledger, entry, order);
    if (found !== undefined) return found;
  }
  const ms = courier.budget.take({ method: POST, share: order.channel, rate: courier.limits.post, now: courier.now() });
  if (ms > 0) return wait(ms);
  if (!courier.mayAct()) return NOT_OURS;
  await ledger.write(order.message.key, { state: 'posting', channel: order.channel, since: courier.now() });
  if (!courier.mayAct()) return NOT_OURS;
  return sent(courier, ledger, order, await courier.web.post(postOrder(order, order.message.blocks)));
}

function postOrder(order: Order, blocks: Message['blocks']): PostOrder {
  const { text, delivery, seq } = order.message;
  return { channel: order.channel, thread: order.thread, text, blocks, delivery, run: order.run, seq };
}

async function sent(courier: Courier, ledger: Ledger, order: Order, answer: Answer<{ readonly ts: string }>): Promise<Delivery> {
  const fields = { run: order.run, key: order.message.key };
  switch (answer.kind) {
    case 'done':
      await ledger.write(order.message.key, postedAs(order, answer.value.ts));
      return DELIVERED;
    case 'later':
      courier.budget.block(POST, courier.now() + answer.ms);
      // Slack says that it did nothing: no trace of an attempt is left.
      await ledger.forget(order.message.key);
      return wait(answer.ms);
    case 'unknown':
      courier.log.warn({ ...fields, why: answer.why }, 'a post has an unknown outcome; the thread is read before it is tried again');
      return wait(LANDING_MS);
    case 'refused':
      return refused(courier, ledger, order, answer.code);
    default:
      return assertNever(answer);
  }
}

/** The digest is the whole message's, also where only its text was taken: another try with the same content would end alike. */
function postedAs(order: Order, ts: string): Posted {
  return { state: 'posted', channel: order.channel, ts, digest: contentDigest(order.message) };
}

async function refused(courier: Courier, ledger: Ledger, order: Order, code: string): Promise<Delivery> {
  if (LAYOUT.has(code)) return postText(courier, ledger, order, code);
  await ledger.forget(order.message.key);
  return THREAD_GONE.has(code) && order.thread !== undefined ? { kind: 'threadGone', why: code } : { kind: 'parked', why: code };
}

async function postText(courier: Courier, ledger: Ledger, order: Order, code: string): Promise<Delivery> {
  courier.log.error({ run: order.run, key: order.message.key, code }, 'Slack refused the layout of a message; its text is posted instead');
  const answer = await courier.web.post(postOrder(order, []));
  if (answer.kind !== 'refused') return sent(courier, ledger, order, answer);
  await ledger.forget(order.message.key);
  return { kind: 'parked', why: answer.code };
}

/** Changes a posted message to its present content. Progress leaves a reserve to what is final. */
export async function update(courier: Courier, ledger: Ledger, entry: Posted, message: Message): Promise<Delivery> {
  const reserve = message.final ? 0 : courier.limits.updateReserve;
  const ms = courier.budget.take({ method: UPDATE, rate: courier.limits.update, now: courier.now(), reserve });
  if (ms > 0) return wait(ms);
  if (!courier.mayAct()) return NOT_OURS;
  const { channel, ts } = entry;
  const { text, blocks } = message;
  const answer = await courier.web.update({ channel, ts, text, blocks });
  const layout = answer.kind === 'refused' && LAYOUT.has(answer.code);
  return updated(courier, ledger, entry, message, layout ? await courier.web.update({ channel, ts, text, blocks: [] }) : answer);
}

async function updated(courier: Courier, ledger: Ledger, entry: Posted, message: Message, answer: Answer<void>): Promise<Delivery> {
  switch (answer.kind) {
    case 'done':
      await ledger.write(message.key, { ...entry, digest: contentDigest(message) });
      return DELIVERED;
    case 'later':
      courier.budget.block(UPDATE, courier.now() + answer.ms);
      return wait(answer.ms);
    case 'unknown':
      // An update done twice is the same update.
      return wait(AGAIN_MS);
    case 'refused':
      return CLOSED.has(answer.code) || LAYOUT.has(answer.code)
        ? freeze(courier, ledger, entry, message, answer.code)
        : { kind: 'parked', why: answer.code };
    default:
      return assertNever(answer);
  }
}

/** It stays as it stands; its final content becomes a message of its own (see reissue.ts). */
async function freeze(courier: Courier, ledger: Ledger, entry: Posted, message: Message, code: string): Promise<Delivery> {
  courier.log.warn({ key: message.key, code }, 'Slack does not let a message be changed any more');
  await ledger.write(message.key, { state: 'frozen', channel: entry.channel, ts: entry.ts, why: code });
  return message.final ? wait(0) : DELIVERED;
}
