/** rich_text blocks. Their text is literal: no markup is read in it. */
import { el } from './dom.js';
import { drawn, emoji } from './emoji.js';
import { channelLink, link, mention } from './mrkdwn.js';
import { formatDate } from './time.js';

function styled(node, style = {}) {
  let result = node;
  if (style.code) result = el('code', {}, result);
  if (style.strike) result = el('s', {}, result);
  if (style.italic) result = el('em', {}, result);
  if (style.bold) result = el('strong', {}, result);
  return result;
}

function inline(element) {
  switch (element.type) {
    case 'text':
      return styled(drawn(element.text ?? ''), element.style);
    case 'link':
      return styled(link(element.url ?? '', element.text), element.style);
    case 'user':
      return mention(element.user_id);
    case 'usergroup':
      return el('span', { class: 'mention' }, '@group');
    case 'channel':
      return channelLink(element.channel_id);
    case 'broadcast':
      return el('span', { class: 'mention mention-all' }, `@${element.range}`);
    case 'emoji':
      return emoji(element.name) ?? `:${element.name}:`;
    case 'date':
      return el('time', { title: element.fallback }, formatDate(element.timestamp, element.format ?? '{date_short} {time}'));
    default:
      return element.text ?? '';
  }
}

const inlines = (element) => (element.elements ?? []).map(inline);

function part(element) {
  switch (element.type) {
    case 'rich_text_preformatted':
      return el('pre', {}, inlines(element));
    case 'rich_text_quote':
      return el('blockquote', {}, inlines(element));
    case 'rich_text_list': {
      const items = (element.elements ?? []).map((each) => el('li', {}, inlines(each)));
      return el(element.style === 'ordered' ? 'ol' : 'ul', { class: `rich-list indent-${Math.min(element.indent ?? 0, 4)}` }, items);
    }
    default:
      return el('div', { class: 'rich-section' }, inlines(element));
  }
}

export function richText(block) {
  return el('div', { class: 'block rich' }, (block.elements ?? []).map(part));
}
