/** Values at the border of CEL: whole numbers are BigInt inside and plain numbers outside. */

/** Deeper values are refused by the readers and cut off here. */
const maxDepth = 64;

/** A plain value as CEL wants it. Members named `__proto__` stay ordinary members. */
export function toCel(value: unknown, depth = 0): unknown {
  if (depth > maxDepth) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map((each) => toCel(each, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, toCel(member, depth + 1)]])),
  );
}

export type Plain = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'failed'; readonly why: string };

/** What an expression gave, as a plain value; times, durations, bytes and types have no plain form. */
export function fromCel(value: unknown): Plain {
  if (typeof value === 'bigint') return { kind: 'value', value: wholeNumber(value) };
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'value', value };
  if (Array.isArray(value)) return all(value.map(fromCel));
  if (!isPlainRecord(value)) return { kind: 'failed', why: 'it gives a value of a kind that has no use here (a time, bytes or a type)' };
  const entries = Object.entries(value);
  const members = all(entries.map(([, member]) => fromCel(member)));
  if (members.kind === 'failed') return members;
  return { kind: 'value', value: Object.fromEntries(entries.map(([key], index) => [key, members.value[index]])) };
}

/** A plain value as people read it; lists are joined with commas. */
export function display(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(display).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function wholeNumber(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function all(
  plains: readonly Plain[],
): { readonly kind: 'value'; readonly value: readonly unknown[] } | { readonly kind: 'failed'; readonly why: string } {
  const failed = plains.find((plain) => plain.kind === 'failed');
  if (failed?.kind === 'failed') return failed;
  return { kind: 'value', value: plains.map((plain) => (plain.kind === 'value' ? plain.value : undefined)) };
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
