/** What is wrong in a rehearsal, for the person who wrote procedure and test. */
export type Failure = {
  /** What the test said, or what any rehearsal must hold. */
  readonly expected: string;
  readonly happened: string;
  readonly check: string;
};

/** The rehearsal cannot go on. */
export class Broken extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.happened);
    this.failure = failure;
  }
}

export function differs(expected: string, happened: string, check: string): Failure {
  return { expected, happened, check };
}

export function listed(texts: readonly string[]): string {
  return texts.length === 0 ? 'nothing' : texts.join(', ');
}
