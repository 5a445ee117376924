/** A test file as it is rehearsed: parsed, checked, every name resolved. */
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Choice } from '../run/events.ts';
import type { refusals } from './answers-schema.ts';

export type TestFile = {
  readonly file: string;
  readonly procedure: Procedure;
  readonly cases: readonly Case[];
  /** Of all cases; what no case ever needed is told. */
  readonly shared: readonly Answer[];
};

export type Case = {
  readonly title: string;
  /** Where it stands in its file, from 1. */
  readonly line: number;
  readonly cluster: Cluster;
  readonly params: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly files: FileMap;
  /** Its own, then the shared ones: the first that fits is taken. */
  readonly answers: readonly Answer[];
  readonly people: readonly Part[];
  readonly expected: Expected;
};

/** Host (or `bot`) to path to what is there. */
export type FileMap = Readonly<Record<string, Readonly<Record<string, FileThere>>>>;
export type FileThere =
  | { readonly kind: 'folder' }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'file';
      readonly text: string;
      readonly bytes: number;
      readonly owner: string;
      readonly group: string;
      readonly mode: string;
      /** The path is a link to it. */
      readonly link: boolean;
    };

export type Answer = {
  readonly line: number;
  /** Belongs to the case: it must be needed there, to its last turn. */
  readonly own: boolean;
  readonly on: readonly string[] | undefined;
  readonly steps: readonly string[] | undefined;
  readonly what: What;
  readonly values: Readonly<Record<string, string>>;
  readonly after: string | undefined;
  /** At least one; the last stays. */
  readonly turns: readonly Turn[];
};

export type What =
  | { readonly kind: 'anything' }
  | { readonly kind: 'run'; readonly part: string }
  | { readonly kind: 'http'; readonly part: string; readonly method: string | undefined }
  | { readonly kind: 'copy' | 'edit'; readonly part: string };

export type Refusal = (typeof refusals)[number];

export type Turn = {
  readonly prints: string;
  readonly errors: string;
  readonly status: number;
  readonly takesMs: number;
  /** How long it is the answer, from the first time on; undefined: once. */
  readonly forMs: number | undefined;
  readonly asks: readonly { readonly prints: string; readonly told: string | undefined }[];
  readonly refuses: Refusal | undefined;
  /** Why its end cannot be known. */
  readonly lost: string | undefined;
  readonly breaks: boolean;
};

/** What people do at a step (on a host), one after the other. */
export type Part = { readonly step: string; readonly host: string | undefined; readonly deeds: readonly Deed[]; readonly own: boolean };

export type Deed =
  | { readonly kind: 'approve' }
  | { readonly kind: 'checkAgain' }
  | { readonly kind: 'reject'; readonly reason: string }
  /** Nobody decides; time goes by. */
  | { readonly kind: 'ignore' }
  | { readonly kind: 'done' | 'no'; readonly reason: string }
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'settle'; readonly choice: Choice; readonly reason: string }
  | { readonly kind: 'cancel'; readonly reason: string };

export type Place = { readonly step: string; readonly host: string | undefined };

export type ExpectedEnd =
  | { readonly kind: 'ended'; readonly outcome: 'succeeded' | 'aborted' | 'cancelled' }
  | {
      readonly kind: 'stopped';
      readonly step: string;
      readonly host: string | undefined;
      readonly because: string | undefined;
      readonly offers: readonly Choice[] | undefined;
    }
  | { readonly kind: 'waits'; readonly step: string; readonly host: string | undefined; readonly because: string | undefined }
  | { readonly kind: 'refused'; readonly because: string };

/** What is not said is not looked at. */
export type Expected = {
  readonly end: ExpectedEnd;
  readonly does: { readonly kind: 'all' | 'some'; readonly places: readonly Place[] } | undefined;
  readonly skipped: readonly (Place & { readonly why: string | undefined })[] | undefined;
  readonly asks: readonly { readonly step: string; readonly whom: 'second' | 'anyone' | undefined }[] | undefined;
  readonly says: readonly string[];
  readonly neverSays: readonly string[];
  readonly roles: Readonly<Record<string, string>>;
  readonly captured: Readonly<Record<string, unknown>>;
  /** `text`: nothing else of the file is looked at. */
  readonly leaves: Readonly<Record<string, Readonly<Record<string, FileThere | { readonly kind: 'text'; readonly text: string }>>>>;
  readonly plan: { readonly kind: 'same' } | { readonly kind: 'problems'; readonly texts: readonly string[] } | undefined;
};
