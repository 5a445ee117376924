/** What a run is at one moment. Only `evolve.ts` makes it, from events; nothing here is stored. */
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Check, Choice, EventOf, Outcome, Output, Person, QuestionAbout, Roles, Stands, Subject, Trouble } from './events.ts';

export type RunState = {
  readonly run: string;
  readonly requester: Person;
  readonly procedure: Procedure;
  readonly cluster: Cluster;
  readonly params: Readonly<Record<string, string>>;
  readonly channel: { readonly team: string; readonly id: string };
  readonly startedAt: number;
  /** Sequence number of the last event folded in. */
  readonly seq: number;
  readonly roles: Roles;
  /** When the roles were last seen to be so, and by which host. */
  readonly rolesSeen: { readonly at: number; readonly by: string } | undefined;
  /** Ids of the hosts' stores, by `storeKey`: each user has a store of its own. */
  readonly anchors: Readonly<Record<string, string>>;
  /** Hosts whose machine is another one by now. */
  readonly exchanged: readonly string[];
  /** What steps captured, by name; of a step on several hosts by host below that. */
  readonly captured: Readonly<Record<string, unknown>>;
  /** Digest of what the run would do, once everything that a plan can know is known. */
  readonly plan: string | undefined;
  /** By `talkKey`: what tools asked and were told. */
  readonly talks: Readonly<Record<string, readonly Prompt[]>>;
  readonly questions: Readonly<Record<string, Question>>;
  /** Highest attempt ever intended, by step and host: a number is never used twice, whatever is opened again. */
  readonly intended: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Digest of what was intended, by `talkKey`. */
  readonly digests: Readonly<Record<string, string>>;
  readonly steps: Readonly<Record<string, StepState>>;
  readonly approvals: Readonly<Record<string, Approval>>;
  /** The oldest trouble that is open; it is open until it is settled. */
  readonly trouble: OpenTrouble | undefined;
  /** Troubles of other hosts of the same step, which came while that one was open. */
  readonly further: readonly OpenTrouble[];
  /** Deliveries that paused or resumed the run: each acts once. */
  readonly asked: readonly string[];
  /** What people wrote in the thread, by Slack's id of the message; undefined text: deleted since. */
  readonly notes: Readonly<Record<string, { readonly text: string | undefined; readonly edits: number }>>;
  /** Recorded refusals, by user id. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Who stands for a choice or an answer that needs several, by `backingKey`. */
  readonly backings: Readonly<Record<string, Backing>>;
  /** The freeze window that holds the run, or held it. */
  readonly hold: Hold | undefined;
  readonly paused: { readonly by: Person; readonly at: number; readonly reason: string } | undefined;
  readonly cancel: { readonly by: Person; readonly at: number; readonly reason: string } | undefined;
  readonly ended: { readonly outcome: RunOutcome; readonly why: string; readonly at: number } | undefined;
};

export type RunOutcome = 'succeeded' | 'failed' | 'aborted' | 'cancelled';

export type StepState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'announced'; readonly at: number }
  /** Waits for a person's answer. */
  | { readonly kind: 'asked'; readonly question: string }
  /** A person has done or confirmed it. */
  | { readonly kind: 'answered'; readonly by: Person; readonly at: number }
  | {
      readonly kind: 'open';
      readonly order: readonly string[];
      readonly hosts: Readonly<Record<string, HostState>>;
      readonly openedAt: number;
    };

/** One step on one host. `attempt` counts from 1; in `waiting` it is the number that the next start will carry. */
export type HostState =
  | { readonly kind: 'waiting'; readonly attempt: number; readonly lookedAt: boolean }
  /** Intended, therefore perhaps running; only the host knows. */
  | { readonly kind: 'began'; readonly attempt: number; readonly at: number; readonly approval: string | undefined }
  /** The command is over; what follows it in the same append says what that means. */
  | {
      readonly kind: 'ended';
      readonly attempt: number;
      readonly outcome: Outcome;
      readonly output: Output | undefined;
      readonly at: number;
    }
  | { readonly kind: 'watching'; readonly attempt: number; readonly since: number }
  | {
      readonly kind: 'passed';
      readonly attempt: number;
      readonly seen: string;
      readonly at: number;
      /** Whoever settled it as done; absent where it passed by itself. */
      readonly settledBy?: Person;
    }
  | { readonly kind: 'passedOver'; readonly attempt: number; readonly why: string }
  | { readonly kind: 'troubled'; readonly attempt: number; readonly trouble: string }
  /** A person has settled an unknown ending as failed. */
  | { readonly kind: 'settledFailed'; readonly attempt: number }
  | { readonly kind: 'skipped'; readonly attempt: number; readonly by: Person; readonly reason: string }
  /** Nothing was to be done there. */
  | { readonly kind: 'notNeeded'; readonly attempt: number; readonly why: string };

/** One prompt of a tool. Numbers count from 1; answers are given in their order. */
export type Prompt = {
  readonly number: number;
  readonly end: number;
  /** Bytes that the tool itself had printed when it was seen, before masking. */
  readonly bytes: number | undefined;
  readonly prompt: string;
  readonly said: Readonly<Record<string, string>>;
  /** Place in the step's `answers`. */
  readonly declared: number | undefined;
  /** With marks in place of secrets. */
  readonly answer: string | undefined;
  /** Why the tool was not told it. */
  readonly withheld: EventOf<'answerWithheld'>['why'] | undefined;
};

export type Question = {
  readonly question: string;
  readonly step: string;
  readonly about: QuestionAbout;
  readonly host: string | undefined;
  readonly attempt: number | undefined;
  readonly number: number | undefined;
  readonly text: string;
  readonly second: string | undefined;
  readonly askedAt: number;
  readonly status:
    | { readonly kind: 'open' }
    | { readonly kind: 'answered'; readonly by: Person; readonly at: number; readonly answer: string }
    | { readonly kind: 'withdrawn'; readonly at: number; readonly why: string };
};

/** Answers to what people are asked to do or confirm. */
export const DONE = 'done';
export const DECLINED = 'declined';

/** A host's store belongs to one user of it. */
export function storeKey(host: string, as: string | undefined): string {
  return as === undefined ? host : `${as}@${host}`;
}

export function talkKey(place: { readonly step: string; readonly host: string; readonly attempt: number }): string {
  return `${place.step}/${place.host}/${place.attempt}`;
}

export type Approval = {
  readonly request: string;
  readonly step: string;
  readonly needs: 'second' | 'gate';
  readonly why: string;
  readonly subject: Subject;
  readonly digest: string;
  readonly evidence: readonly string[];
  readonly askedAt: number;
  readonly expiresAt: number;
  readonly checks: readonly Check[];
  readonly changed: readonly string[];
  /** Everybody who has approved it so far, in their order; with `given`, the last one too. */
  readonly backers: readonly Backer[];
  readonly reminded: boolean;
  readonly status: ApprovalStatus;
};

/** By an id that comes from outside: `constructor` is nobody's request, and nobody's question. */
export function approvalIn({ approvals }: Pick<RunState, 'approvals'>, id: string): Approval | undefined {
  return Object.hasOwn(approvals, id) ? approvals[id] : undefined;
}

export function questionIn({ questions }: Pick<RunState, 'questions'>, id: string): Question | undefined {
  return Object.hasOwn(questions, id) ? questions[id] : undefined;
}

/** The steps of which starts are asked for, in their order. */
export function stepsOf({ subject }: Pick<Approval, 'subject'>): readonly string[] {
  return [...new Set(subject.items.map(({ step }) => step))];
}

/** Somebody who stands for a decision; `stands` is absent in journals of earlier releases. */
export type Backer = { readonly by: Person; readonly at: number; readonly stands: Stands | undefined };

export type Hold = {
  readonly hold: string;
  readonly window: string;
  readonly since: number;
  readonly expiresAt: number;
  readonly status:
    | { readonly kind: 'open' }
    | { readonly kind: 'overridden'; readonly by: Person; readonly at: number; readonly reason: string }
    | { readonly kind: 'ended'; readonly at: number; readonly why: string };
};

/** `about`: a trouble or a question. */
export type Backing = { readonly about: string; readonly choice: string; readonly backers: readonly Backer[] };

/** Those who stand for the same choice of the same trouble, or for the same answer to the same question. */
export function backingKey(about: string, choice: string): string {
  return `${about}/${choice}`;
}

export type ApprovalStatus =
  | { readonly kind: 'open' }
  /** `glass`: the reason of whoever broke it; then there was no second person. */
  | { readonly kind: 'given'; readonly by: Person; readonly at: number; readonly glass?: string }
  | { readonly kind: 'rejected'; readonly by: Person; readonly at: number; readonly reason: string }
  | { readonly kind: 'expired'; readonly at: number }
  | { readonly kind: 'voided'; readonly at: number; readonly why: string };

export type OpenTrouble = {
  readonly trouble: string;
  readonly step: string;
  readonly host: string | undefined;
  readonly attempt: number | undefined;
  readonly what: Trouble;
  readonly choices: readonly Choice[];
  readonly at: number;
};

/** In the order in which they came. */
export function openTroubles({ trouble, further }: Pick<RunState, 'trouble' | 'further'>): readonly OpenTrouble[] {
  return trouble === undefined ? [] : [trouble, ...further];
}
