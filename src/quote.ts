/** Exact in every POSIX shell, for any value without NUL, as long as it stands by itself (not inside other quotes). */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
