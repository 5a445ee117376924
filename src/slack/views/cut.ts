/** Cutting by length without cutting through anything: a character, an escape, a mention, a line. Pure. */

/** The first `longest` UTF-16 units at most, never half a character; `…` stands for the rest. */
export function cutText(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${whole(text, Math.max(longest - 1, 0))}…`;
}

/** As `cutText`, for mrkdwn: an escape, a mention or inline code at the cut goes or is closed. */
export function cutMrkdwn(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const kept = whole(text, Math.max(longest - 3, 0))
    .replace(/&[a-z]{0,3}$/, '')
    .replace(/<[^<>]*$/, '');
  const lastLine = kept.slice(kept.lastIndexOf('\n') + 1);
  const open = (lastLine.match(/`/g) ?? []).length % 2 === 1;
  return `${kept}…${open ? '`' : ''}`;
}

/** Head and tail of a text, cut at line ends, with a line that counts what is missing. `longest` in UTF-16 units. */
export function excerpt(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const lines = text.split('\n');
  const half = Math.floor((longest - 60) / 2);
  const head = front(lines, half);
  const tail = back(lines.slice(head.length), half);
  return joinEnds(head, tail, lines.length - head.length - tail.length);
}

/** As `excerpt`, where the middle was never there: `hidden` lines lie between `head` and `tail`. */
export function excerptEnds(head: string, tail: string, hidden: number, longest: number): string {
  const half = Math.floor((longest - 60) / 2);
  const first = trimmedEnd(head).split('\n');
  const last = trimmedEnd(tail).split('\n');
  const kept = front(first, half);
  const end = back(last, half);
  return joinEnds(kept, end, hidden + first.length - kept.length + last.length - end.length);
}

function trimmedEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function joinEnds(head: readonly string[], tail: readonly string[], omitted: number): string {
  const count = omitted <= 0 ? '… some characters omitted …' : `… ${omitted} ${omitted === 1 ? 'line' : 'lines'} omitted …`;
  return [...head, count, ...tail].join('\n');
}

/** Whole lines from the start; if not even one fits, its beginning. */
function front(lines: readonly string[], longest: number): readonly string[] {
  const count = fitting(lines, longest);
  if (count > 0) return lines.slice(0, count);
  const first = lines[0];
  return first === undefined ? [] : [cutText(first, longest)];
}

/** Whole lines from the end; if not even one fits, its end. */
function back(lines: readonly string[], longest: number): readonly string[] {
  const count = fitting([...lines].reverse(), longest);
  if (count > 0) return lines.slice(lines.length - count);
  const last = lines.at(-1);
  return last === undefined ? [] : [`…${last.slice(-Math.max(longest - 1, 1)).replace(/^[\uDC00-\uDFFF]/, '')}`];
}

function fitting(lines: readonly string[], longest: number): number {
  let used = 0;
  const stop = lines.findIndex((line) => {
    used += line.length + 1;
    return used > longest;
  });
  return stop === -1 ? lines.length : stop;
}

/** Never ends in half a surrogate pair. */
function whole(text: string, units: number): string {
  return text.slice(0, units).replace(/[\uD800-\uDBFF]$/, '');
}
