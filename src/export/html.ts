/**
 * A document as one HTML page: no script, nothing from elsewhere, and a policy that forbids both. Every text is escaped in `html-escape.ts`. Pure.
 * What is folded on the screen is a `details` with its content behind it, not inside: so it is printed whole by every browser, without a script.
 */
import { createHash } from 'node:crypto';
import { inline, shown, shownExactly } from './html-escape.ts';
import { PATTERNS, timelineHtml } from './html-timeline.ts';
import type { Block, Page, Section } from './model.ts';
import { STYLE } from './style.ts';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

export function htmlOf(page: Page): string {
  return `${htmlHead(page.title)}${htmlArticle(page)}${htmlTail()}`;
}

/** Up to the first article. */
export function htmlHead(title: string): string {
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${shown(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${PATTERNS}
`;
}

/** `prefix`: makes the places of several runs in one page different. */
export function htmlArticle({ title, lead, sections }: Page, prefix = ''): string {
  const links = sections.map((section) => `<a href="#${prefix}${section.id}">${shown(section.title)}</a>`);
  const all = sections.map((section) => sectionHtml(section, prefix));
  return `<article id="${prefix}top">
<h1>${shown(title)}</h1>
<p class="lead">${inline(lead)}</p>
<nav>${links.join('\n')}</nav>
${all.join('\n')}
</article>
`;
}

export function htmlTail(): string {
  return '<footer>Times are UTC (ISO 8601). Made by Keyturn from the journal; secrets are masked, and never stood in it.</footer>\n</body>\n</html>\n';
}

function sectionHtml({ id, title, folded = false, blocks }: Section, prefix: string): string {
  const content = blocks.map(blockHtml).join('\n');
  const whole = folded ? fold('Show', content) : content;
  return `<section id="${prefix}${id}">\n<h2>${shown(title)}</h2>\n${whole}\n</section>`;
}

function fold(summary: string, content: string): string {
  return `<details class="fold"><summary>${summary}</summary></details>\n<div class="folded">${content}</div>`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${inline(block.text)}</p>`;
    case 'alarm':
      return `<p class="alarm">⚠ ${inline(block.text)}</p>`;
    case 'facts':
      return `<dl>${block.facts.map(([label, value]) => `<div><dt>${shown(label)}</dt><dd>${inline(value)}</dd></div>`).join('\n')}</dl>`;
    case 'table':
      return tableHtml(block);
    case 'script':
      return `<p class="title">${inline(block.title)}</p>\n<pre class="script">${shownExactly(block.text)}</pre>`;
    case 'output':
      return block.text.trim() === ''
        ? `<p>${inline(block.title)}: nothing was printed.</p>`
        : fold(inline(block.title), `<pre>${shown(block.text)}</pre>`);
    case 'timeline':
      return timelineHtml(block.rows, block);
    case 'part':
      return `<h3>${inline(block.title)}</h3>\n${block.blocks.map(blockHtml).join('\n')}`;
  }
}

/** On a narrow screen a row becomes a list, so each cell carries its label. */
function tableHtml({ head, rows }: Extract<Block, { kind: 'table' }>): string {
  const labels = head.map(shown);
  const heads = labels.map((label) => `<th scope="col">${label}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, at) => `<td data-label="${labels[at] ?? ''}">${inline(cell)}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${heads}</tr></thead>\n<tbody>${body.join('\n')}</tbody></table>`;
}
