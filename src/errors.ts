/**
 * What an operator can put right. `message` says what happened, with the place and the value; `check` says what to look at.
 * Whoever shows it to a person prints both and never the stack.
 */
export class KeyturnError extends Error {
  override readonly name = 'KeyturnError';
  readonly code: string;
  readonly check: string;

  constructor(code: string, message: string, check: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.check = check;
  }
}

/** The sentence for a person: what happened and what to check; for anything unforeseen, its message alone. */
export function explain(error: unknown): string {
  if (error instanceof KeyturnError) return `${error.message}\n  Check: ${error.check}`;
  if (error instanceof Error) return error.message;
  return String(error);
}

/** The code of a system error, such as ENOENT, wherever it was made: errors of another realm are no instances of our Error. Else empty. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
