/** What stands for every value beyond the bound. */
export const OTHER = 'other';

/** Keeps the number of label values finite: a value that comes when there are `most` already is told as OTHER. */
export function createBound(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return OTHER;
    known.add(value);
    return value;
  };
}
