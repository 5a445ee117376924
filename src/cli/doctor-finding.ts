/** One line of `keyturn doctor`. Pure. */
import { explain, KeyturnError } from '../errors.ts';

export type Finding =
  | { readonly kind: 'ok'; readonly what: string; readonly note: string }
  /** Works, and deserves a look. */
  | { readonly kind: 'warning'; readonly what: string; readonly note: string }
  | { readonly kind: 'failed'; readonly what: string; readonly note: string; readonly check: string };

export function ok(what: string, note: string): Finding {
  return { kind: 'ok', what, note };
}

export function warning(what: string, note: string): Finding {
  return { kind: 'warning', what, note };
}

/** A failed line from whatever was thrown. */
export function failed(what: string, error: unknown, check = 'the message above'): Finding {
  if (error instanceof KeyturnError) return { kind: 'failed', what, note: error.message, check: error.check };
  return { kind: 'failed', what, note: explain(error), check };
}
