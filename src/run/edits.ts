/** Changes of a text file, as a procedure words them. Pure: the text comes in, the new text goes out. */
import { createTwoFilesPatch } from 'diff';
import { withoutLogin, withoutSecret } from './hidden.ts';

export type Change = {
  /** Setting to value, for lines `name = value` and `name: value`. */
  readonly set: Readonly<Record<string, string>>;
  readonly replace: readonly { readonly text: string; readonly with: string }[];
};

export type Edited = { readonly kind: 'edited'; readonly text: string } | { readonly kind: 'failed'; readonly why: string };

/** All of the changes or none: what cannot be found, stands twice or changes nothing is said. */
export function edited(text: string, { set, replace }: Change): Edited {
  let now = text;
  for (const each of replace) {
    const next = replaced(now, each.text, each.with);
    if (next === undefined) return failed(`"${each.text}" stands nowhere in it`);
    now = next;
  }
  for (const [name, value] of Object.entries(set)) {
    const next = withSetting(now, name, value);
    if (next === undefined) return failed(`${name} is set twice in it`);
    now = next;
  }
  return now === text ? failed('it is so already: nothing would be changed') : { kind: 'edited', text: now };
}

function failed(why: string): Edited {
  return { kind: 'failed', why };
}

/** Only where it stands by itself: `node-1` is not part of `node-10` or `old-node-1`. A colon, a slash, a quotation mark may follow. */
function replaced(text: string, from: string, to: string): string | undefined {
  const escaped = from.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const alone = new RegExp(`(?<![A-Za-z0-9_.-])${escaped}(?![A-Za-z0-9_-]|\\.[A-Za-z0-9])`, 'g');
  return alone.test(text) ? text.replace(alone, () => to) : undefined;
}

/** Undefined where it stands twice: which of them counts is not ours to guess. */
function withSetting(text: string, name: string, value: string): string | undefined {
  const line = new RegExp(`^([ \\t]*${name.replace(/[.-]/g, '\\$&')}[ \\t]*[=:][ \\t]*)(.*)$`, 'gm');
  const found = [...text.matchAll(line)];
  if (found.length > 1) return undefined;
  if (found.length === 1) return text.replace(line, (_whole, before: string) => `${before}${value}`);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${name} = ${value}\n`;
}

/**
 * Changed lines with three lines around them, as `diff -u` prints them. Everybody in the channel reads it, and configuration files hold
 * passwords: what stands there already and looks like one is not shown. What is put in is, for that is what an approver decides about.
 */
export function difference(path: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(path, path, before, after, 'as it is', 'as it will be', { context: 3 });
  // What stands before the names of the files is a ruler for several files in one patch.
  return patch
    .slice(patch.indexOf('--- '))
    .split('\n')
    .map((line) => (line.startsWith('+') ? withoutLogin(line) : withoutSecret(withoutLogin(line))))
    .join('\n');
}
