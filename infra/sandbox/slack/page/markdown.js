/** The markdown block: headings, lists, quotes, fences, and the inline marks. Nothing else, and never HTML. */
import { el } from './dom.js';
import { link } from './mrkdwn.js';

const INLINE = /`([^`\n]+)`|\*\*([^\n]+?)\*\*|__([^\n]+?)__|\*([^*\n]+)\*|~~([^\n]+?)~~|\[([^\]\n]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, bold2, italic, strike, label, url] = match;
    nodes.push(text.slice(from, match.index), nodeFor({ code, bold: bold ?? bold2, italic, strike, label, url }));
    from = match.index + whole.length;
  }
  return [...nodes, text.slice(from)];
}

function nodeFor({ code, bold, italic, strike, label, url }) {
  if (code !== undefined) return el('code', {}, code);
  if (bold !== undefined) return el('strong', {}, inline(bold));
  if (italic !== undefined) return el('em', {}, inline(italic));
  if (strike !== undefined) return el('s', {}, inline(strike));
  return link(url, label);
}

function blockFor(line) {
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading !== null) return el('p', { class: 'md-heading' }, inline(heading[2]));
  const item = /^\s*(?:[-*]|(\d+)\.) +(.*)$/.exec(line);
  if (item !== null) return el('p', { class: 'md-item' }, item[1] === undefined ? '• ' : `${item[1]}. `, inline(item[2]));
  const quote = /^> ?(.*)$/.exec(line);
  if (quote !== null) return el('blockquote', {}, inline(quote[1]));
  return /^-{3,}$/.test(line) ? el('hr') : el('p', {}, inline(line));
}

export function markdown(text) {
  return text.split(/^```[^\n]*\n([\s\S]*?)^```$/m).flatMap((part, at) => {
    if (at % 2 === 1) return [el('pre', {}, part.replace(/\n$/, ''))];
    return part
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(blockFor);
  });
}
