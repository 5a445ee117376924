/** Slack's mrkdwn as DOM nodes. Anything that is not known markup stays text. */
import { el } from './dom.js';
import { character, drawn, emoji } from './emoji.js';
import { nameOf, store } from './store.js';
import { formatDate } from './time.js';

/** The three escapes that Slack knows, undone. */
export function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Only web and mail addresses become links; anything else (such as javascript:) is shown as text. */
export function link(url, label) {
  const clean = decode(url);
  if (!/^(https?:|mailto:)/i.test(clean)) return document.createTextNode(label ?? clean);
  return el('a', { href: clean, target: '_blank', rel: 'noopener noreferrer' }, label ?? clean);
}

export function mention(id, label) {
  const me = id === store.me;
  return el('span', { class: me ? 'mention mention-me' : 'mention' }, `@${label ?? nameOf(id)}`);
}

export function channelLink(id, label) {
  return el('span', { class: 'mention' }, `#${store.channels.get(id)?.name ?? label ?? 'private-channel'}`);
}

function groupMention(id, label) {
  return el('span', { class: 'mention' }, label ?? `@${(store.usergroups ?? []).find((each) => each.id === id)?.handle ?? 'group'}`);
}

/** What stands between < and >. */
function special(inner) {
  const [target, label] = split(inner, '|');
  const text = label === undefined ? undefined : decode(label);
  if (target.startsWith('@')) return mention(target.slice(1), text);
  if (target.startsWith('#')) return channelLink(target.slice(1), text);
  if (target.startsWith('!date^')) return dateNode(target, text);
  if (target.startsWith('!subteam^')) return groupMention(target.slice(9), text);
  if (/^!(here|channel|everyone)$/.test(target)) return el('span', { class: 'mention mention-all' }, `@${target.slice(1)}`);
  if (/^(https?:|mailto:)/i.test(target)) return link(target, text);
  return document.createTextNode(`<${decode(inner)}>`);
}

function split(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function dateNode(target, fallback) {
  const [, unix, pattern, url] = target.split('^');
  const text = /^\d+$/.test(unix ?? '') ? formatDate(unix, pattern ?? '') : (fallback ?? '');
  const node = el('time', { title: fallback, datetime: new Date(Number(unix) * 1000).toISOString?.() }, text);
  return url === undefined ? node : link(url, text);
}

const BEFORE = String.raw`(?<![\p{L}\p{N}])`;
const AFTER = String.raw`(?![\p{L}\p{N}])`;
const span = (mark) => `${BEFORE}${mark}(?=\\S)([^\\n]+?)(?<=\\S)${mark}${AFTER}`;
/** Code first, so that nothing inside it is read as markup. */
const INLINE = new RegExp(['`([^`\\n]+)`', '<([^<>\\n]+)>', span('\\*'), span('_'), span('~'), ':([a-z0-9_+-]+):'].join('|'), 'gu');

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, angle, bold, italic, strike, short] = match;
    const node = nodeFor({ code, angle, bold, italic, strike, short });
    if (node === undefined) continue;
    nodes.push(drawn(decode(text.slice(from, match.index))), node);
    from = match.index + whole.length;
  }
  return [...nodes, drawn(decode(text.slice(from)))];
}

function nodeFor({ code, angle, bold, italic, strike, short }) {
  if (code !== undefined) return el('code', {}, decode(code));
  if (angle !== undefined) return special(angle);
  if (bold !== undefined) return el('strong', {}, inline(bold));
  if (italic !== undefined) return el('em', {}, inline(italic));
  if (strike !== undefined) return el('s', {}, inline(strike));
  return emoji(short);
}

/** Lines with quotes (> …) gathered into one block each. */
function lines(text) {
  const nodes = [];
  let quote;
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted === null) {
      if (nodes.length > 0 && quote === undefined) nodes.push('\n');
      quote = undefined;
      nodes.push(inline(line));
      continue;
    }
    if (quote === undefined) {
      quote = el('blockquote');
      nodes.push(quote);
    } else quote.append('\n');
    quote.append(...inline(quoted[1]).flat(Infinity));
  }
  return nodes;
}

/** A whole mrkdwn text. */
export function mrkdwn(text) {
  return text.split(/```\n?([\s\S]*?)\n?```/).map((part, at) => {
    if (at % 2 === 1) return el('pre', {}, decode(part));
    const trimmed = part.replace(/^\n|\n$/g, '');
    return trimmed === '' ? [] : lines(trimmed);
  });
}

/** plain_text as a string: no markup, only emoji shortcodes. */
export function plain(text) {
  return decode(text).replaceAll(/:([a-z0-9_+-]+):/g, (whole, name) => character(name) ?? whole);
}

/** A text object of either type. */
export function textObject(object) {
  if (typeof object?.text !== 'string') return '';
  if (object.type === 'mrkdwn') return mrkdwn(object.text);
  return drawn(object.emoji === false ? decode(object.text) : plain(object.text));
}

/** A text object where only text can stand, such as an option of a select. */
export function textString(object) {
  return typeof object?.text === 'string' ? plain(object.text) : '';
}
