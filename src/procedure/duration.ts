/** `200ms`, `90s`, `10m`, `2h`, `3d`: a whole number above nought and its unit. */
export const durationPattern = /^[1-9][0-9]{0,5}(ms|s|m|h|d)$/;

const seconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a text that matches `durationPattern`. */
export function secondsOf(text: string): number {
  const [, amount, unit] = /^([0-9]+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const each = seconds[unit ?? ''];
  if (amount === undefined || each === undefined) throw new Error(`not a duration: ${text}`);
  return Number(amount) * each;
}
