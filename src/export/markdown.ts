/** A document as Markdown for a ticket (CommonMark with GitHub's tables). Everything is escaped here, and nothing in it is a link or a mention. Pure. */
import { exact, oneLine, visible } from '../slack/views/visible.ts';
import { barWords } from './html-timeline.ts';
import type { Block, Inline, Page, Section } from './model.ts';
import { iso, plainMentions } from './words.ts';

/** Of an output; the rest is in the other forms. Characters at each end. */
const EDGE = 4_000;

export function markdownOf(page: Page): string {
  return `${markdownArticle(page)}${markdownTail()}`;
}

export function markdownArticle({ title, lead, sections }: Page): string {
  return `# ${text(title)}\n\n${inline(lead)}\n\n${sections.map(sectionText).join('\n')}`;
}

export function markdownTail(): string {
  return '\n---\n\nTimes are UTC (ISO 8601). Made by Keyturn from the journal; secrets are masked, and never stood in it.\n';
}

function sectionText({ title, blocks }: Section): string {
  return `## ${text(title)}\n\n${blocks.map((block) => blockText(block, 3)).join('\n')}`;
}

function blockText(block: Block, level: number): string {
  switch (block.kind) {
    case 'text':
      return `${inline(block.text)}\n`;
    case 'alarm':
      return `> **⚠ ${inline(block.text)}**\n`;
    case 'facts':
      return `${block.facts.map(([label, value]) => `- **${text(label)}:** ${inline(value)}`).join('\n')}\n`;
    case 'table':
      return table(
        block.head.map(text),
        block.rows.map((row) => row.map(inline)),
      );
    case 'script':
      return `${inline(block.title)}:\n\n${fenced(exact(block.text))}`;
    case 'output':
      return block.text.trim() === ''
        ? `${inline(block.title)}: nothing was printed.\n`
        : `${inline(block.title)}:\n\n${fenced(ends(block.text))}`;
    case 'timeline':
      return table(
        ['Step', 'Host', 'From', 'To', 'What took the time'],
        block.rows.map(({ step, host, bars }) => [
          text(step),
          host === undefined ? '' : code(host),
          iso(Math.min(...bars.map(({ from }) => from))),
          iso(Math.max(...bars.map(({ to }) => to))),
          barWords(bars),
        ]),
      );
    case 'part':
      return `${'#'.repeat(level)} ${inline(block.title)}\n\n${block.blocks.map((each) => blockText(each, level + 1)).join('\n')}`;
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}

export function inline(part: Inline): string {
  if (typeof part === 'string') return text(plainMentions(part));
  if ('code' in part) return code(part.code);
  if ('time' in part) return iso(part.time);
  if ('strong' in part) return `**${text(plainMentions(part.strong))}**`;
  return part.map(inline).join('');
}

/**
 * Foreign text in one line. Whatever marks something up is escaped; HTML becomes entities; an @ is parted from the word behind it and an address
 * from its scheme, since services that show tickets make mentions and links of both.
 */
export function text(raw: string): string {
  return spaced(raw)
    .replace(/[\\`*_[\]{}#|~!$^]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`)
    .replace(/@(?=\w)/g, '@\u2060');
}

/** In one line, but with the space at either end that parts it from its neighbours. */
function spaced(raw: string): string {
  return visible(raw).replace(/\s+/g, ' ');
}

/** Inline code: backticks in it become look-alikes, and a bar would end the cell of a table. */
function code(raw: string): string {
  const inner = oneLine(raw).replaceAll('`', 'ˋ').replaceAll('|', '¦');
  return inner === '' ? '(empty)' : `\`${inner}\``;
}

/** A fence is longer than any that stands in the text, so nothing in it ends the block. */
function fenced(content: string): string {
  let longest = 2;
  for (const [run] of content.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${content.replace(/\n$/, '')}\n${fence}\n`;
}

function ends(output: string): string {
  const clean = visible(output);
  const rest = clean.length - 2 * EDGE;
  if (rest <= 0) return clean;
  return `${clean.slice(0, EDGE)}\n[… ${rest} characters are left out here; the HTML and JSON exports have more …]\n${clean.slice(-EDGE)}`;
}
