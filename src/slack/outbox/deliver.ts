/**
 * Brings one message to Slack.
 *
 * Invariants
 * M1 Before a post its entry says `posting`; after it, `posted`. A `posting` entry is never posted again before Slack was asked whether it is there.
 * M2 A message is changed only when its content differs from what was sent last.
 */
import type { Logger } from 'pino';
import { digestOf } from '../../canonical.ts';
import { assertNever } from '../../run/assert-never.ts';
import type { Message } from '../views/index.ts';
import type { Budget, Limits } from './budget.ts';
import type { Entry, Ledger } from './ledger.ts';
import type { Answer, SlackWeb } from './ports.ts';

export type Delivery =
  | { readonly kind: 'delivered' }
  /** Not now; try again after this many milliseconds. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Slack does not take it: a reason that an administrator can put right. */
  | { readonly kind: 'parked'; readonly why: string };

export type Post = { readonly run: string; readonly channel: string; readonly thread: string | undefined; readonly message: Message };

export type Courier = {
  readonly web: SlackWeb;
  readonly budget: Budget;
  readonly limits: Limits;
  readonly log: Logger;
  readonly now: () => number;
  /** False once the lease is lost: nothing more is sent. */
  readonly mayAct: () => boolean;
};

const DELIVERED: Delivery = { kind: 'delivered' };
const NOT_OURS: Delivery = { kind: 'wait', ms: 1_000 };
/** After an unknown outcome the message may still land; give it this long before looking. */
const LANDING_MS = 500;
/** Clocks differ: look this many seconds further back. */
const SLACK_SECONDS = 120;
const LAYOUT_ERRORS: ReadonlySet<string> = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'msg_too_long']);
const READ_REFUSED: ReadonlySet<string> = new Set(['missing_scope', 'unknown_method', 'not_allowed_token_type']);

/** What content was sent: equal digests need no call. */
export function contentDigest(message: Message): string {
  return digestOf({ text: message.text, blocks: message.blocks });
}

/** Posts a message that Slack has not been given yet, or may have been given. */
export async function post(courier: Courier, ledger: Ledger, entry: Entry | undefined, order: Post): Promise<Delivery> {
  if (entry?.state === 'posting') {
    const found = await lookFor(courier, ledger, entry, order);
    if (found !== undefined) return found;
  }
  if (!courier.mayAct()) return NOT_OURS;
  const wait = courier.budget.take(`post ${order.channel}`, courier.limits.post, courier.now());
  if (wait > 0) return { kind: 'wait', ms: wait };
  await ledger.write(order.message.key, { state: 'posting', channel: order.channel, since: courier.now() });
  return sent(courier, ledger, order, await courier.web.post(orderFor(order, order.message.blocks)));
}

function orderFor(order: Post, blocks: Message['blocks']): Parameters<SlackWeb['post']>[0] {
  const { text, delivery, seq } = order.message;
  return { channel: order.channel, thread: order.thread, text, blocks, delivery, run: order.run, seq };
}

async function sent(courier: Courier, ledger: Ledger, order: Post, answer: Answer<{ readonly ts: string }>): Promise<Delivery> {
  switch (answer.kind) {
    case 'done':
      return posted(ledger, order, answer.value.ts);
    case 'later':
      courier.budget.block(`post ${order.channel}`, courier.now() + answer.ms);
      return { kind: 'wait', ms: answer.ms };
    case 'unknown':
      courier.log.warn(
        { run: order.run, key: order.message.key, why: answer.why },
        'a post has an unknown outcome; the thread is read before it is tried again',
      );
      return { kind: 'wait', ms: LANDING_MS };
    case 'refused':
      if (!LAYOUT_ERRORS.has(answer.code) || order.message.blocks.length === 0) return { kind: 'parked', why: answer.code };
      courier.log.error(
        { run: order.run, key: order.message.key, code: answer.code },
        'Slack refused the layout of a message; its text is posted instead',
      );
      return sent(courier, ledger, { ...order, message: { ...order.message, blocks: [] } }, await courier.web.post(orderFor(order, [])));
    default:
      return assertNever(answer);
  }
}

async function posted(ledger: Ledger, order: Post, ts: string): Promise<Delivery> {
  await ledger.write(order.message.key, { state: 'posted', channel: order.channel, ts, digest: contentDigest(order.message) });
  return DELIVERED;
}

/** M1: the message's fate is read from Slack. Undefined: it is not there, so it may be posted. */
async function lookFor(
  courier: Courier,
  ledger: Ledger,
  entry: Extract<Entry, { state: 'posting' }>,
  order: Post,
): Promise<Delivery | undefined> {
  const oldest = Math.floor(entry.since / 1000) - SLACK_SECONDS;
  const answer = await courier.web.look({ channel: order.channel, thread: order.thread, delivery: order.message.delivery, oldest });
  switch (answer.kind) {
    case 'done':
      // What stands there may be an older state of the message: an empty digest makes the next look compare and update.
      if (answer.value.ts === undefined) return undefined;
      await ledger.write(order.message.key, { state: 'posted', channel: order.channel, ts: answer.value.ts, digest: '' });
      return { kind: 'wait', ms: 0 };
    case 'later':
      return { kind: 'wait', ms: answer.ms };
    case 'unknown':
      return { kind: 'wait', ms: LANDING_MS * 4 };
    case 'refused':
      if (!READ_REFUSED.has(answer.code)) return { kind: 'parked', why: answer.code };
      courier.log.warn(
        { run: order.run, key: order.message.key, code: answer.code },
        'the thread cannot be read back: a message may appear twice. Check the history scopes',
      );
      return undefined;
    default:
      return assertNever(answer);
  }
}

/** Changes a posted message to its present content. */
export async function update(
  courier: Courier,
  ledger: Ledger,
  entry: Extract<Entry, { state: 'posted' }>,
  message: Message,
): Promise<Delivery> {
  if (!courier.mayAct()) return NOT_OURS;
  const wait = courier.budget.take('update', courier.limits.update, courier.now());
  if (wait > 0) return { kind: 'wait', ms: wait };
  const { channel, ts } = entry;
  const answer = await courier.web.update({ channel, ts, text: message.text, blocks: message.blocks });
  switch (answer.kind) {
    case 'done':
      await ledger.write(message.key, { ...entry, digest: contentDigest(message) });
      return DELIVERED;
    case 'later':
      courier.budget.block('update', courier.now() + answer.ms);
      return { kind: 'wait', ms: answer.ms };
    case 'unknown':
      // An update done twice is the same update.
      return { kind: 'wait', ms: LANDING_MS * 2 };
    case 'refused':
      courier.log.warn({ key: message.key, code: answer.code }, 'Slack does not let a message be changed any more');
      await ledger.write(message.key, { state: 'frozen', channel, ts, why: answer.code });
      return DELIVERED;
    default:
      return assertNever(answer);
  }
}
