/** Lists of lines under a title, and how they are shortened: whole lines go, and how many is said. Pure. */

export type List = {
  readonly title: string;
  readonly lines: readonly string[];
  /** Instead of it, where there are no lines. */
  readonly none: string;
  /** Lines that give way before the others do, the first of them first, and what can be said of them all. */
  readonly minor?: { readonly places: readonly number[]; readonly word: string };
};

/** The first `most`, and the count of the rest. */
export function counting({ title, lines, none }: List, most: number): string {
  if (lines.length === 0) return none;
  const rest = lines.length - most;
  return textOf(title, lines.slice(0, most), rest > 0 ? `• and ${rest} more` : undefined);
}

/** Each within its share of `room` characters and none longer than `longest`; the short ones whole, so that the long ones get what they leave. */
export function sharing(lists: readonly List[], room: number, longest: number, whereAll: string): readonly string[] {
  const whole = lists.map((list, index) => ({ index, list, size: fitted(list, Number.POSITIVE_INFINITY, whereAll).length }));
  const texts = new Map<number, string>();
  let left = room;
  for (const [place, { index, list }] of whole.toSorted((a, b) => a.size - b.size).entries()) {
    const text = fitted(list, Math.min(longest, Math.floor(left / (lists.length - place))), whereAll);
    texts.set(index, text);
    left -= text.length;
  }
  return lists.map((_, index) => texts.get(index) ?? '');
}

const NO_MINOR = { places: [], word: '' };
/** `• ` and the end of a line. */
const AROUND = 3;

/** As many lines as go into `room` characters. `whereAll`: where whoever reads this finds the others. */
export function fitted({ title, lines, none, minor = NO_MINOR }: List, room: number, whereAll: string): string {
  if (lines.length === 0) return none;
  const rest = (gone: number): string => `• and ${gone} more${gone <= minor.places.length ? minor.word : ''}${whereAll}`;
  const size = lines.reduce((sum, line) => sum + line.length + AROUND, title.length);
  if (size <= room) return textOf(title, lines, undefined);
  const others = [...lines.keys()].filter((place) => !minor.places.includes(place));
  const gone = new Set<number>();
  let left = size + rest(lines.length).length + minor.word.length + 1;
  for (const place of [...minor.places, ...others.toReversed()]) {
    if (left <= room) break;
    gone.add(place);
    left -= (lines[place]?.length ?? 0) + AROUND;
  }
  return textOf(
    title,
    lines.filter((_, place) => !gone.has(place)),
    rest(gone.size),
  );
}

function textOf(title: string, lines: readonly string[], rest: string | undefined): string {
  return [title, ...lines.map((line) => `• ${line}`), ...(rest === undefined ? [] : [rest])].join('\n');
}

/** How many of these, from the first on, take no more than `room` characters together. */
export function howMany(lines: readonly string[], room: number): number {
  let left = room;
  const stop = lines.findIndex((line) => {
    left -= line.length;
    return left < 0;
  });
  return stop === -1 ? lines.length : stop;
}
