/** Files on hosts: describing, reading, carrying from one host to another. (The interface; the conversation follows.) */
import type { HostProblem } from './outcome.ts';
import type { Target } from './target.ts';

export type Place = { readonly target: Target; readonly path: string } | { readonly file: string };

export type Description = {
  readonly bytes: number;
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly sha256: string;
};

export type Described =
  | ({ readonly kind: 'file' } & Description)
  | { readonly kind: 'missing' }
  | { readonly kind: 'notAFile' }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: HostProblem }
  | { readonly kind: 'lost'; readonly why: string };

export type CopyOrder = {
  readonly from: Place;
  readonly to: { readonly target: Target; readonly path: string };
  onProgress?(bytes: number, total: number): void;
  readonly signal?: AbortSignal;
};

export type Copied =
  | { readonly kind: 'copied'; readonly bytes: number; readonly sha256: string }
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: HostProblem };

export type ReadAnswer =
  | { readonly kind: 'read'; readonly content: Buffer; readonly description: Description }
  | { readonly kind: 'tooLarge'; readonly bytes: number }
  | Exclude<Described, { kind: 'file' }>;

export interface Files {
  describe(place: Place): Promise<Described>;
  read(target: Target, path: string, maxBytes: number): Promise<ReadAnswer>;
  copy(order: CopyOrder): Promise<Copied>;
}

/** Replaced by the conversation itself, which another branch brings. */
export function createFiles(_: unknown): Files {
  const notYet = async (): Promise<never> => {
    throw new Error('files cannot be carried yet');
  };
  return { describe: notYet, read: notYet, copy: notYet };
}
