/** What a run would do, shown before it starts: made from the procedure, the cluster and what the read-only discovery saw. Pure. */
import type { Roles } from './events.ts';
import type { Missing } from './policy.ts';

export type Plan = {
  readonly procedure: string;
  readonly title: string;
  readonly cluster: string;
  readonly procedureHash: string;
  readonly clusterHash: string;
  /** Digest of everything that the run would do; the run notes the same where nothing has changed in between. */
  readonly digest: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the discovery found; empty where nothing had to be asked. */
  readonly roles: Roles;
  readonly steps: readonly PlannedStep[];
  /** How many of whom must approve what is unsafe, as ids; a step may want more. */
  readonly approvers: readonly Missing[];
  /** Why the plan cannot be carried out as it stands; empty when it can. */
  readonly problems: readonly string[];
  /** How long the last run of this procedure on this cluster took that succeeded, in milliseconds: in all, and by step. */
  readonly last: LastTime | undefined;
};

export type LastTime = {
  readonly run: string;
  readonly endedAt: number;
  readonly ms: number;
  readonly steps: Readonly<Record<string, number>>;
};

export type PlannedStep = {
  readonly id: string;
  readonly title: string;
  readonly phase: string | undefined;
  readonly kind: 'command' | 'announce' | 'person';
  readonly safety: 'safe' | 'gated' | 'unsafe';
  /** Whom the run waits for here: a second person, somebody who presses, or nobody. */
  readonly asks: 'nobody' | 'press' | 'second';
  /** Whom the step itself wants besides those who approve every unsafe step of the run. */
  readonly besides: readonly Missing[] | undefined;
  /** The phase whose unsafe steps are asked for as one, this one among them. */
  readonly together: string | undefined;
  /** The reason, the question or the text to be announced. */
  readonly why: string | undefined;
  /** Hosts in order; empty with `skipped` set where there are none. */
  readonly hosts: readonly string[];
  readonly atOnce: boolean;
  readonly skipped: string | undefined;
  /** The constant script, and the values that it is given (host by host where they differ). */
  readonly script: string | undefined;
  /** The shell or the user that it runs in or as, in words. */
  readonly within: string | undefined;
  readonly values: readonly { readonly host: string; readonly env: Readonly<Record<string, string>> }[];
  /** What is copied or edited, in words. */
  readonly files: string | undefined;
  /** How its tool's questions are answered. */
  readonly answers: readonly { readonly prompt: string; readonly answer: string }[];
  /** The look beforehand, and what is said where the step is not needed. */
  readonly unless: string | undefined;
  /** What is looked at just before somebody is asked, and again just before the start: in words. */
  readonly requires: readonly string[] | undefined;
  /** The read-only script that is polled afterwards. */
  readonly check: string | undefined;
  /** The check afterwards, in words. */
  readonly until: string | undefined;
  readonly undo: string | undefined;
  readonly seconds: number | undefined;
};
