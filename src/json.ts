/** What a JSON text says; undefined for what is none, for whoever judges what others wrote. Pure. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
