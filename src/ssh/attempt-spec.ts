/** What an attempt is asked to be, how a call follows it, and what comes of that. */
import type { AttemptId, OutputDigest } from '../record/output.ts';
import type { HostProblem, Outcome } from './outcome.ts';

export type AttemptSpec = {
  readonly id: AttemptId;
  /** Sequence of the journal's intent; kept on the host, so that a rewound journal can be noticed. */
  readonly sequence: number;
  /** Constant text; values come in `env` only. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Kept by the host itself, whatever becomes of us. */
  readonly timeoutSeconds: number;
  /** From TERM to KILL; 10 if absent. */
  readonly graceSeconds?: number;
  /** Masked in the output. A call that names one more reads the output again from its start, so that all of it is masked. */
  readonly secrets: readonly string[];
  /** True: the command's standard input stays open and is fed by `give`. Otherwise it is empty. */
  readonly interactive?: boolean;
  /** The id of the host's store as the journal knows it: what `onAnchor` told. Absent only while the journal holds none for this host. */
  readonly anchor?: string;
  /** True whenever an earlier call for this attempt may have reached the host. */
  readonly mayHaveBegun: boolean;
  /** True: if it has not begun by now it is forbidden to, and the call follows what has. */
  readonly onlyFollow?: boolean;
};

export type Watch = {
  /** Told the id of the host's store when `spec.anchor` is absent; awaited before anything starts there. */
  onAnchor?(anchor: string): Promise<void>;
  /**
   * Masked output as it comes, with the place of its first byte; 0 again when it is read anew. `bytes`: how much of the command's own output has
   * come with it, before masking; a chunk may be empty, when what came is held back as what may be the beginning of a secret.
   */
  onOutput?(chunk: Buffer, position: number, bytes: number): void;
  /** How long to stay with it, in milliseconds. */
  readonly budgetMs: number;
  /** Stop acting: nothing more is sent for this attempt until the next call. */
  readonly signal?: AbortSignal;
};

export type Ended = {
  readonly kind: 'ended';
  readonly outcome: Outcome;
  /** Null when it never began. */
  readonly output: OutputDigest | null;
  readonly anchor?: string;
  /** Milliseconds since 1970. */
  readonly startedAt?: number;
  readonly endedAt?: number;
};

export type StillRunning = {
  readonly kind: 'running';
  /** Why this call came back: its budget is used up, the connection went, it was told to stop, or no connection could be had. */
  readonly why: 'budget' | 'cut' | 'aborted' | 'unreachable';
  readonly problem?: HostProblem;
  readonly anchor?: string;
  readonly pid?: number;
  /** Bytes of output taken so far. */
  readonly bytes: number;
  readonly startedAt?: number;
};
