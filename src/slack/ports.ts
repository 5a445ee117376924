/** What the Slack edge needs of the rest of Keyturn; `main.ts` hands it in. */
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Action, Standing } from '../run/authorise.ts';
import type { Recorded } from '../run/events.ts';
import type { Decided } from '../run/decided.ts';
import type { Remark } from '../run/note.ts';
import type { Intent } from '../run/intents.ts';
import type { Plan } from '../run/plan.ts';
import type { DueReview } from '../run/reviews.ts';
import type { RunState } from '../run/state.ts';

export type StartRequest = {
  readonly procedure: string;
  readonly cluster: string;
  readonly params: Readonly<Record<string, string>>;
  readonly standing: Standing;
  readonly channel: { readonly team: string; readonly id: string };
  /** The same for a redelivery of the same command: it is answered with the run that the first one began. */
  readonly requestId: string;
};

export type Started =
  | { readonly kind: 'started' | 'repeated'; readonly run: string }
  | { readonly kind: 'locked'; readonly holder: string; readonly state: RunState | undefined }
  /** Unknown words, bad parameters, no right, a broken file: sentences for the person. */
  | { readonly kind: 'refused'; readonly why: readonly string[] };

export type Planned = { readonly kind: 'planned'; readonly plan: Plan } | { readonly kind: 'refused'; readonly why: readonly string[] };

/** `why`: what is wrong with the journal, in a sentence or two. */
export type Damaged = { readonly run: string; readonly why: string };

/** The desk at which people ask for runs, whoever they are and however they come. */
export interface Desk {
  procedures(): readonly Procedure[];
  clusters(): readonly Cluster[];
  /** Files that could not be read, each a finding with file, line and column. */
  findings(): readonly string[];
  /** Durable when it resolves; nothing has been posted yet. */
  start(request: StartRequest): Promise<Started>;
  /** Runs the read-only discovery on the hosts, nothing else. May take as long as the hosts take. */
  plan(request: Omit<StartRequest, 'channel' | 'requestId'>): Promise<Planned>;
  /** Durable when it resolves. */
  act(run: string, intent: Intent, standing: Standing): Promise<Decided>;
  /** Durable when it resolves: what somebody wrote in the run's thread, as a note; once the run is over it stands beside the journal. */
  note(run: string, remark: Remark): Promise<void>;
  /** What was done in an emergency and nobody has reviewed yet, the newest first. */
  reviews(): Promise<readonly DueReview[]>;
  /** Durable when it resolves; undefined where no run of that name is known. */
  review(run: string, note: string, standing: Standing): Promise<{ readonly told: string } | undefined>;
  /** Notes that somebody was turned away before anything in particular was asked. Never rejects. */
  refused(standing: Standing, action: Action, why: string): Promise<void>;
  /** Runs that have not ended, oldest first. Without those whose journal is damaged. */
  open(): Promise<readonly RunState[]>;
  /** Runs that ended at or after `at` (milliseconds), the latest first, at most a hundred. Without those whose journal is damaged. */
  endedSince(at: number): Promise<readonly RunState[]>;
  /** Runs whose journal the last `open` found damaged: nothing is done for them. Their clusters stay held. */
  damaged(): readonly Damaged[];
  state(run: string): Promise<RunState | undefined>;
  /** The journal of one run, in order, with the state that it folds to. */
  journal(run: string): Promise<{ readonly state: RunState; readonly recorded: readonly Recorded[] } | undefined>;
}

/** What a running attempt prints now; never stored in the journal. */
export type Live = {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  /** The last lines, masked, as printed. */
  readonly tail: string;
  readonly bytes: number;
  /** While `until` is awaited: what was seen last, in words. */
  readonly seen: string | undefined;
  readonly at: number;
};
