/** Splits what was typed after `/ha` into words. Pure. */

export type Word = {
  /** Without quotes, and with Slack's own wrapping taken off. */
  readonly text: string;
  /** Where it begins in the cleaned text. */
  readonly start: number;
};

export type Split =
  | { readonly kind: 'words'; readonly words: readonly Word[]; readonly text: string }
  | { readonly kind: 'unclosed'; readonly quote: string };

/** Keyboards turn quotes, spaces and dashes into typographic ones; people never mean those. Invisible characters go. */
export function plain(text: string): string {
  return text
    .replace(/[\u200B-\u200D\u2060\uFEFF\u202A-\u202E\u2066-\u2069]/g, '')
    .replace(/[\u00A0\u2007\u202F\s]/g, ' ')
    .replace(/[“”„‟«»]/g, '"')
    .replace(/[‘’‚‛]/g, "'")
    .trim();
}

/** A quote opens only where a value can begin: at the start of a word or after `=`. So `it's` is a word. */
export function split(typed: string): Split {
  const text = plain(typed);
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1;
      continue;
    }
    const end = endOfWord(text, at);
    if (typeof end !== 'number') return end;
    words.push({ text: unwrap(unquote(text.slice(at, end))), start: at });
    at = end;
  }
  return { kind: 'words', words, text };
}

function endOfWord(text: string, start: number): number | Extract<Split, { kind: 'unclosed' }> {
  let at = start;
  while (at < text.length && text[at] !== ' ') {
    const char = text[at];
    if ((char === '"' || char === "'") && (at === start || text[at - 1] === '=')) {
      const close = text.indexOf(char, at + 1);
      if (close === -1) return { kind: 'unclosed', quote: char };
      at = close + 1;
    } else if (char === '<') {
      // Slack's wrapping may hold spaces in its label: <http://a|b c>.
      const close = text.indexOf('>', at);
      at = close === -1 ? at + 1 : close + 1;
    } else at += 1;
  }
  return at;
}

function unquote(word: string): string {
  return word.replace(/(^|=)(["'])(.*?)\2/, '$1$3');
}

/** `<http://host|host>` → host, `<@U1|ann>` → U1, `<#C1|ops>` → C1, and the three entities that Slack escapes. */
function unwrap(word: string): string {
  return word
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (_whole, target: string, label: string | undefined) => inner(target, label))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

function inner(target: string, label: string | undefined): string {
  if (/^[@#][A-Z0-9]+$/.test(target)) return target.slice(1);
  if (target.startsWith('!subteam^')) return target.slice('!subteam^'.length);
  if (label !== undefined && label !== '') return label;
  return target.replace(/^mailto:/, '');
}
