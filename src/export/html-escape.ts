/** The one place where what a run or a host says becomes HTML. Pure. */
import { exact, visible } from '../slack/views/visible.ts';
import type { Inline } from './model.ts';
import { iso, isoMs, plainMentions } from './words.ts';

/** Characters with a meaning in HTML, quotes among them: the same text may stand in an attribute. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** Foreign text: terminal codes go, what cannot be seen is written out. */
export function shown(text: string): string {
  return escaped(visible(text));
}

/** The same with nothing left out. */
export function shownExactly(text: string): string {
  return escaped(exact(text));
}

/** Words are not broken in a table, but for one that is longer than any word: it would push the table out of the page. */
function words(text: string): string {
  return visible(text)
    .split(/(\S{25,})/)
    .map((piece, at) => (at % 2 === 0 ? escaped(piece) : `<span class="long">${escaped(piece)}</span>`))
    .join('');
}

export function inline(part: Inline): string {
  if (typeof part === 'string') return words(plainMentions(part));
  if ('code' in part) return `<code>${shown(part.code)}</code>`;
  if ('time' in part) return `<time datetime="${isoMs(part.time)}">${iso(part.time)}</time>`;
  if ('strong' in part) return `<strong>${words(plainMentions(part.strong))}</strong>`;
  return part.map(inline).join('');
}
