/** Whatever is said in a run, an export stays a page and a ticket: nothing becomes markup, and nothing unseen stays unseen. */
import { htmlOf } from '../../src/export/html.ts';
import { markdownOf } from '../../src/export/markdown.ts';
import { pageOf } from '../../src/export/page.ts';
import { ALL, HOSTILE, LONG_LINE } from './hostile.ts';
import { everything } from './records.ts';

const html = (text: string): string => htmlOf(pageOf(everything(text)));
const markdown = (text: string): string => markdownOf(pageOf(everything(text)));

/** Names of all tags, counted, without what stands in them. */
function tags(page: string): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  // Around words that are longer than any word.
  const plain = page.replaceAll(/<span class="long">([^<]*)<\/span>/g, '$1');
  for (const [, name = ''] of plain.matchAll(/<(\/?[a-z!][a-z0-9-]*)/gi)) found[name] = (found[name] ?? 0) + 1;
  return found;
}

test.each([...HOSTILE, ALL].map((text) => [text.slice(0, 40), text] as const))('%j adds no tag to the page', (_title, text) => {
  expect(tags(html(text))).toEqual(tags(html('words')));
});

test.each(HOSTILE.map((text) => [text.slice(0, 40), text] as const))('%j leaves no unseen character', (_title, text) => {
  for (const form of [html(text), markdown(text)]) {
    // What parts an @ from its word in Markdown is Keyturn's own.
    const unseen = form.replaceAll('@\u2060', '@').match(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu) ?? [];
    expect(unseen.filter((each) => each !== '\n' && each !== '\t')).toEqual([]);
  }
});

/** Lines outside of fenced blocks, as CommonMark sees the fences. */
function outside(text: string): readonly string[] {
  const lines: string[] = [];
  let fence = '';
  for (const line of text.split('\n')) {
    const [, ticks = '', info = ''] = /^(`{3,})(.*)$/.exec(line) ?? [];
    if (fence !== '') fence = ticks.length >= fence.length && info.trim() === '' ? '' : fence;
    else if (ticks !== '') fence = ticks;
    else lines.push(line);
  }
  expect(fence).toBe('');
  return lines;
}

const shapeOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => /^(#+ |\| ---|\||> |- |\d+\. |---$|)/.exec(line)?.[0] ?? '');

test.each([...HOSTILE, ALL].map((text) => [text.slice(0, 40), text] as const))('%j changes no line of the Markdown', (_title, text) => {
  const lines = outside(markdown(text));
  expect(shapeOf(lines)).toEqual(shapeOf(outside(markdown('words'))));
  for (const line of lines) {
    const plain = line.replace(/\\.|`[^`]*`/g, '');
    expect(plain).not.toMatch(/[<[\]]|https?:\/\/|www\.|@\w|`/);
    // Every row of a table has the cells of its head.
    if (line.startsWith('|')) expect(plain.replace(/\*\*/g, '')).not.toMatch(/[*_~$]/);
  }
});

test('a row of a table has as many cells as its head', () => {
  const lines = outside(markdown(ALL));
  let wanted = 0;
  for (const line of lines) {
    if (!line.startsWith('|')) wanted = 0;
    else {
      const cells = line.replace(/\\./g, '').split('|').length;
      wanted = wanted === 0 ? cells : wanted;
      expect(cells).toBe(wanted);
    }
  }
});

test('lines of a megabyte are made into a page in seconds', () => {
  const began = performance.now();
  expect(tags(html(LONG_LINE))).toEqual(tags(html('words')));
  outside(markdown(LONG_LINE));
  expect(performance.now() - began).toBeLessThan(20_000);
}, 30_000);

test('a secret is named and never shown as its mark', () => {
  expect(html(HOSTILE.at(-1) ?? '')).toContain('VALUE=‹secret password›');
});
