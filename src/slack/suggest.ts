/** “Did you mean”, for words that nobody knows. Pure. */
import { closest, distance } from 'fastest-levenshtein';

/** The nearest known word, if it is near enough to be meant. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word === '' || known.length === 0) return undefined;
  const lower = word.toLowerCase();
  const starts = known.filter((candidate) => lower.length >= 3 && candidate.toLowerCase().startsWith(lower));
  if (starts.length === 1) return starts[0];
  const near = closest(lower, [...known]);
  return distance(lower, near.toLowerCase()) <= Math.max(1, Math.floor(near.length / 3)) ? near : undefined;
}

/** “There is no procedure ‘x’. Did you mean ‘y’? Procedures: a, b.” */
export function noSuch(what: string, word: string, known: readonly string[], plural = `${what}s`): string {
  const near = suggest(word, known);
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
  const all =
    known.length === 0 ? `There are no ${plural} at all.` : `${plural[0]?.toUpperCase() ?? ''}${plural.slice(1)}: ${listed(known)}.`;
  return `There is no ${what} \`${shown(word)}\`.${hint} ${all}`;
}

const MOST = 20;

export function listed(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length === 0) return 'none';
  const rest = unique.length - MOST;
  return (
    unique
      .slice(0, MOST)
      .map((word) => `\`${shown(word)}\``)
      .join(', ') + (rest > 0 ? ` and ${rest} more` : '')
  );
}

/** A word of a person inside our sentence: short, and unable to close the code span. The views escape the rest. */
export function shown(word: string): string {
  const flat = word.replace(/[`\s]+/g, ' ').trim();
  return flat.length > 60 ? `${flat.slice(0, 59)}…` : flat;
}
