import { closest, distance } from 'fastest-levenshtein';

/** The name that was probably meant, if one is near enough to be no insult: a third of its letters, or two that changed places. */
export function nearest(name: string, allowed: readonly string[]): string | undefined {
  if (allowed.length === 0 || name.length > 100) return undefined;
  const typed = name.toLowerCase();
  const best = closest(
    typed,
    allowed.map((each) => each.toLowerCase()),
  );
  const wrong = distance(typed, best);
  const isNear = (wrong < best.length && wrong <= Math.max(1, Math.floor(best.length / 3))) || letters(typed) === letters(best);
  return isNear ? allowed.find((each) => each.toLowerCase() === best) : undefined;
}

function letters(name: string): string {
  return [...name].sort().join('');
}

/** `; did you mean "x"?` or nothing. */
export function didYouMean(name: string, allowed: readonly string[]): string {
  const meant = nearest(name, allowed);
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** `a, b, c`, or the word for an empty list. */
export function listed(names: readonly string[], none = 'none'): string {
  return names.length === 0 ? none : names.join(', ');
}
