/** A message of unknown fate is looked for in Slack before anything else is done with it. */
import { assertNever } from '../../run/assert-never.ts';
import { THREAD_GONE, UNREADABLE } from './codes.ts';
import { type Courier, type Delivery, type Order, wait, warnOnce } from './courier.ts';
import type { Entry, Ledger } from './ledger.ts';

/** A request whose answer never came, or whose sender died, may still land: this long after it was begun nothing is concluded. */
export const LANDING_MS = 1_000;
const UNREACHABLE_MS = 2_000;
/** Clocks differ: look this many seconds further back. */
const MARGIN_SECONDS = 120;

type Posting = Extract<Entry, { state: 'posting' }>;

/** Undefined: it is not there, so it may be posted. */
export async function lookFor(courier: Courier, ledger: Ledger, entry: Posting, order: Order): Promise<Delivery | undefined> {
  const landing = entry.since + LANDING_MS - courier.now();
  if (landing > 0) return wait(landing);
  const { channel, thread, message } = order;
  const oldest = Math.floor(entry.since / 1000) - MARGIN_SECONDS;
  const answer = await courier.web.look({ channel, thread, delivery: message.delivery, oldest });
  switch (answer.kind) {
    case 'done':
      return answer.value.ts === undefined ? undefined : adopt(ledger, order, answer.value.ts);
    case 'later':
      return wait(answer.ms);
    case 'unknown':
      return wait(UNREACHABLE_MS);
    case 'refused':
      return unread(courier, order, answer.code);
    default:
      return assertNever(answer);
  }
}

/** What stands there may be an older state of the message: with an empty digest the next pass compares and updates. */
async function adopt(ledger: Ledger, order: Order, ts: string): Promise<Delivery> {
  await ledger.write(order.message.key, { state: 'posted', channel: order.channel, ts, digest: '' });
  return wait(0);
}

/** Without the right to read back, twice is better than never: this is a record. */
function unread(courier: Courier, order: Order, code: string): Delivery | undefined {
  if (THREAD_GONE.has(code)) return { kind: 'threadGone', why: code };
  if (!UNREADABLE.has(code)) return { kind: 'parked', why: code };
  const fields = { channel: order.channel, code };
  warnOnce(
    courier,
    `unreadable ${order.channel}`,
    fields,
    'Slack does not let the thread be read back, so a message may stand in it twice. Check the history scopes',
  );
  return undefined;
}
