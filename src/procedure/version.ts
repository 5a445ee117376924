/** Versions of the vendors, compared by their numbers: 2021.4.1 is at least 2020.4; VR7, an older name, counts as 7 and so is below every year. */

/** Undefined where one of them holds no number. */
export function isAtLeast(version: string, least: string): boolean | undefined {
  const [a, b] = [numbersOf(version), numbersOf(least)];
  if (a.length === 0 || b.length === 0) return undefined;
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbersOf(version: string): readonly number[] {
  return (version.slice(0, 100).match(/[0-9]{1,15}/g) ?? []).map(Number);
}
