/** Far above any table or status that a person would look at. */
export const maxLines = 10_000;

export type Line = { readonly number: number; readonly text: string };
export type Lines = { readonly kind: 'lines'; readonly lines: readonly Line[] } | { readonly kind: 'unreadable'; readonly why: string };

/** The lines with their numbers from 1, without trailing blanks. */
export function linesOf(text: string): Lines {
  const parts = text.split(/\r?\n/, maxLines + 1);
  if (parts.length > maxLines) return { kind: 'unreadable', why: `it has more than ${maxLines} lines` };
  return { kind: 'lines', lines: parts.map((part, index) => ({ number: index + 1, text: part.trimEnd() })) };
}

/** The beginning of a line, for a message. */
export function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
