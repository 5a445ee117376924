/**
 * Regular expressions that procedures bring along, held against text that people type and hosts print. A pattern may be written so that it takes
 * hours on the wrong text (`(a+)+b`), and JavaScript gives no way to stop one; `node:vm` does. It is used for that limit only.
 */
import { createContext, Script } from 'node:vm';
import { z } from 'zod';

export type Matched =
  /** The named groups of each place that fits, in order; a group that took no part is empty text. */
  { readonly kind: 'matches'; readonly matches: readonly Readonly<Record<string, string>>[] } | { readonly kind: 'tooSlow' };

export type FirstMatch = {
  readonly index: number;
  readonly text: string;
  /** The named groups that took part. */
  readonly groups: Readonly<Record<string, string>>;
};

/** Milliseconds: far more than a sensible pattern takes on a megabyte. */
const PATIENCE = 1_000;
/** A page of them is more than anybody reads. */
const MOST = 1_000;

const search = new Script(`(() => {
  const found = [];
  for (const match of text.matchAll(new RegExp(pattern, 'gmu'))) {
    if (found.push(Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? ''])) === most) break;
  }
  return JSON.stringify(found);
})()`);
const first = new Script(`{
  const match = new RegExp(pattern, 'mu').exec(text);
  match === null || match[0] === '' ? null : JSON.stringify({ index: match.index, text: match[0], groups: match.groups ?? {} });
}`);
const firstSchema = z.object({ index: z.number(), text: z.string(), groups: z.record(z.string(), z.string()) });
const foundSchema = z.array(z.array(z.tuple([z.string(), z.string()])));
const whole = new Script(`new RegExp('^(?:' + pattern + ')$', 'u').test(text)`);
/** One for all: to make one takes a thousand times as long as a sensible pattern does, and variables are checked for every expression. */
const room: Record<string, unknown> = createContext({ pattern: '', text: '', most: 0 });

/** Whether it is a regular expression at all. */
export function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'mu');
    return true;
  } catch {
    return false;
  }
}

/** The names of its groups; none where it is no regular expression. */
export function groupsOf(pattern: string): readonly string[] {
  if (!compiles(pattern)) return [];
  // With an empty alternative it fits everywhere, and names all its groups.
  return Object.keys(new RegExp(`${pattern}|`, 'mu').exec('')?.groups ?? {});
}

/** Every place of the text that it fits, with ^ and $ at line ends. The pattern must compile. */
export function matchesIn(pattern: string, text: string): Matched {
  const found = limited(search, { pattern, text, most: MOST });
  if (typeof found !== 'string') return { kind: 'tooSlow' };
  return { kind: 'matches', matches: foundSchema.parse(JSON.parse(found)).map((groups) => Object.fromEntries(groups)) };
}

/** The first place of the text that it fits, with ^ and $ at line ends; a pattern that takes too long fits nowhere. The pattern must compile. */
export function firstIn(pattern: string, text: string): FirstMatch | undefined {
  const found = limited(first, { pattern, text });
  return typeof found === 'string' ? firstSchema.parse(JSON.parse(found)) : undefined;
}

/** Whether it fits the whole text; a pattern that takes too long fits nothing. The pattern must compile. */
export function fits(pattern: string, text: string): boolean {
  return limited(whole, { pattern, text }) === true;
}

/** What the script gives, or undefined when its time is up. */
function limited(script: Script, values: Readonly<Record<string, unknown>>): unknown {
  try {
    Object.assign(room, values);
    return script.runInContext(room, { timeout: PATIENCE });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    // Texts may be large, and the room stays.
    Object.assign(room, { pattern: '', text: '' });
  }
}
