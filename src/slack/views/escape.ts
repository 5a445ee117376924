/** Foreign text inside mrkdwn: nothing in it mentions, links, formats a block or closes one. Pure. */
import { visible } from './visible.ts';

/** `& < >` as Slack asks (formatting message text), code fences broken up, everything invisible made visible. */
function escapeText(text: string): string {
  return breakFences(visible(text)).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** As `escape`, in one line. */
export function escapeLine(text: string): string {
  return escapeText(text).replace(/\s+/g, ' ').trim();
}

/** A single line as inline code; backticks in it become look-alikes, because nothing escapes them. */
export function code(text: string): string {
  const inner = escapeLine(text).replace(/`/g, 'ˋ');
  return inner === '' ? '`(empty)`' : `\`${inner}\``;
}

/** Three backticks open or close a code block wherever they stand. */
function breakFences(text: string): string {
  return text.replace(/`{3,}/g, (run) => 'ˋ'.repeat(run.length));
}

export { escapeText as escape };
