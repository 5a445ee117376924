/** A private answer in plain sentences. Pure. The answers with a layout of their own are under `views/`. */
import { type Content, visible } from './views/index.ts';

/** Longer answers are cut: a section takes 3,000 characters after escaping (block kit reference). */
const LONGEST = 2_900;

/** Sentences as mrkdwn: everything is escaped but mentions by id, which notify nobody in a private answer. `link` leads to a thread. */
export function note(sentences: string | readonly string[], link?: string): Content {
  const plain = typeof sentences === 'string' ? sentences : sentences.join('\n');
  const text = cut(escapeAll(visible(plain))) + (link === undefined ? '' : ` <${escapeAll(link)}|Open the thread>`);
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] };
}

function escapeAll(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/&lt;(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|!subteam\^S[A-Z0-9]+)&gt;/g, '<$1>');
}

function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${text.slice(0, LONGEST).replace(/&[a-z]*$/, '')} … (cut)`;
}
