/**
 * A list of messages that stays calm: rows are kept by ts and replaced only when they changed, so that scrolling, focus and selections
 * survive. Follows the newest message only while the reader is at the end.
 */
import { el } from './dom.js';
import { messageRow } from './message.js';
import { dateOf, dayKey, dayName } from './time.js';

const NEAR_END = 80;
const SAME_BREATH_MS = 300_000;

const keyOf = (message) => message.id ?? message.ts;

function followsOn(before, message) {
  if (before === undefined || message.id !== undefined || before.id !== undefined) return false;
  // A card stands for itself; only plain lines run together.
  if (message.blocks !== undefined || before.blocks !== undefined || message.files !== undefined) return false;
  const close = dateOf(message.ts) - dateOf(before.ts) < SAME_BREATH_MS;
  return close && before.user === message.user && before.reply_count === undefined && message.subtype !== 'thread_broadcast';
}

export class Timeline {
  constructor(place, open, extra) {
    this.place = place;
    this.open = open;
    this.extra = extra;
    this.rows = new Map();
    this.node = el('div', {
      class: 'timeline',
      role: 'log',
      'aria-live': 'polite',
      'aria-label': place === 'thread' ? 'Thread messages' : 'Messages',
      tabindex: '0',
    });
    this.identity = '';
  }

  /** Shows these messages; another `identity` (channel, thread, person) starts afresh at the end. */
  show(identity, channel, messages) {
    const fresh = identity !== this.identity;
    const atEnd = fresh || this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < NEAR_END;
    if (fresh) this.rows.clear();
    this.identity = identity;
    const kept = new Map();
    const wanted = messages.flatMap((message, at) => this.entriesFor(channel, messages[at - 1], message, at, messages.length, kept));
    this.rows = kept;
    this.arrange([...(this.extra?.(messages) ?? []), ...wanted]);
    if (atEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  entriesFor(channel, before, message, at, total, kept) {
    const day = dateOf(message.ts);
    const newDay = before === undefined || dayKey(dateOf(before.ts)) !== dayKey(day);
    const follows = !newDay && followsOn(before, message) && !(this.place === 'thread' && at === 1);
    const row = this.row(channel, message, follows, kept);
    const divider = this.place === 'channel' && newDay ? [this.divider(dayName(day), dayKey(day), kept)] : [];
    const count =
      this.place === 'thread' && at === 0
        ? [this.divider(total === 1 ? 'No replies yet' : `${total - 1} ${total === 2 ? 'reply' : 'replies'}`, 'replies', kept)]
        : [];
    return [...divider, row, ...count];
  }

  row(channel, message, follows, kept) {
    const key = keyOf(message);
    const signature = JSON.stringify([message, follows]);
    const old = this.rows.get(key);
    const node =
      old?.signature === signature
        ? old.node
        : this.renew(old, messageRow(channel, message, { place: this.place, follows, open: this.open }));
    kept.set(key, { signature, node });
    return node;
  }

  /** Keeps the keyboard where it was when the row under it is replaced. */
  renew(old, node) {
    const control = old?.node.contains(document.activeElement) ? document.activeElement.getAttribute('data-control') : null;
    if (control !== null) queueMicrotask(() => node.querySelector(`[data-control="${CSS.escape(control)}"]`)?.focus());
    return node;
  }

  divider(text, key, kept) {
    const signature = `${key} ${text}`;
    const old = this.rows.get(`divider ${key}`);
    const node = old?.signature === signature ? old.node : el('div', { class: `divider divider-${this.place}` }, el('span', {}, text));
    kept.set(`divider ${key}`, { signature, node });
    return node;
  }

  /** Moves only what is out of place; an untouched row keeps its scroll position and selection. */
  arrange(wanted) {
    let cursor = this.node.firstChild;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextSibling;
      else this.node.insertBefore(node, cursor);
    }
    while (cursor !== null) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
  }
}
