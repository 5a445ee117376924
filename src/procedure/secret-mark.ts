/**
 * Secrets in expressions are marks, not values: `secrets.password` gives a mark, the worker puts the value in its place as it sends the command,
 * and whatever is shown or kept holds the mark. A mark is framed by a control character, which no parameter, variable or captured value may hold:
 * so nobody can write one into a value and have a secret sent along.
 */
const FRAME = '\u0001';
const mark = new RegExp(`${FRAME}secret:([a-z][a-z0-9_]*)${FRAME}`, 'g');

export function secretMark(name: string): string {
  return `${FRAME}secret:${name}${FRAME}`;
}

/** Names of the secrets that a value holds. */
export function secretsIn(value: string): readonly string[] {
  return [...value.matchAll(mark)].map((match) => match[1] ?? '');
}

/** The value with every mark replaced. */
export function unmarked(value: string, secretOf: (name: string) => string): string {
  return value.replace(mark, (_whole, name: string) => secretOf(name));
}

/** For people: ‹secret password›. */
export function shownValue(value: string): string {
  return unmarked(value, (name) => `‹secret ${name}›`);
}
