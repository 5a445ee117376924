/** What SQLite gives for a row, looked into. Pure. */

export function numberIn(row: unknown, column: string): number | undefined {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

export function textIn(row: unknown, column: string): string | undefined {
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, column) : undefined;
  return typeof value === 'string' ? value : undefined;
}
