/** What a run would do, shown before it starts: made from the procedure, the cluster and what the read-only discovery saw. Pure. */
import type { Roles } from './events.ts';

export type Plan = {
  readonly procedure: string;
  readonly title: string;
  readonly cluster: string;
  readonly procedureHash: string;
  readonly clusterHash: string;
  /** What the discovery found; empty where nothing had to be asked. */
  readonly roles: Roles;
  readonly steps: readonly PlannedStep[];
  /** Who may approve, as ids. */
  readonly approvers: { readonly users: readonly string[]; readonly groups: readonly string[] };
  /** Why the plan cannot be carried out as it stands; empty when it can. */
  readonly problems: readonly string[];
};

export type PlannedStep = {
  readonly id: string;
  readonly title: string;
  readonly phase: string | undefined;
  readonly kind: 'command' | 'announce';
  readonly safety: 'safe' | 'gated' | 'unsafe';
  /** The reason, the question or the text to be announced. */
  readonly why: string | undefined;
  /** Hosts in order; empty with `skipped` set where there are none. */
  readonly hosts: readonly string[];
  readonly skipped: string | undefined;
  /** The constant script, and the values that it is given (host by host where they differ). */
  readonly script: string | undefined;
  readonly values: readonly { readonly host: string; readonly env: Readonly<Record<string, string>> }[];
  /** The read-only script that is polled afterwards. */
  readonly check: string | undefined;
  /** The check afterwards, in words. */
  readonly until: string | undefined;
  readonly undo: string | undefined;
  readonly seconds: number | undefined;
};
