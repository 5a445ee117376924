/** The people of a rehearsal: one who started the run, and those who may be its second person. What they do is the test's; whether they may is the engine's. */
import type { Person } from '../run/events.ts';
import type { Procedure } from '../procedure/model.ts';
import { MOST_WANTED } from '../procedure/policy-model.ts';
import type { Standing } from '../run/authorise.ts';
import { whyNotApprovable } from '../run/checks.ts';
import type { Intent } from '../run/intents.ts';
import { type Approval, DECLINED, DONE, type OpenTrouble, openTroubles, type Question, type RunState } from '../run/state.ts';
import { Broken } from './failure.ts';
import type { Deed, Part } from './model.ts';

export const requester = standing('U0REQUESTER', 'the requester');
const second = standing('U0SECOND', 'the second person');

/** The second person, and as many more as any rule can want of those whom a cluster names. */
export const seconds: readonly Standing[] = [
  second,
  ...Array.from({ length: MOST_WANTED - 1 }, (_, index) => standing(`U0SECOND${index + 2}`, `second person ${index + 2}`)),
];

function standing(user: string, name: string): Standing {
  const person: Person = { team: 'T0REHEARSAL', user, name };
  return { person, kind: { kind: 'member' }, memberOf: [] };
}

/** Whoever can stand for a procedure: those of the cluster, in every group that it names, and those whom it names itself. */
export function secondsFor(procedure: Procedure): readonly Standing[] {
  const named = [
    ...(procedure.may?.approve ?? []),
    ...procedure.steps.flatMap((step) => (step.kind === 'announce' ? [] : (step.approve ?? []))),
  ]
    .flat()
    .flatMap(({ people }) => (people === undefined ? [] : [people]));
  const memberOf = [...new Set(named.flatMap(({ groups }) => groups))];
  const own = [...new Set(named.flatMap(({ users }) => users))].map((user) => standing(user, user));
  return [...seconds, ...own].map((each) => ({ ...each, memberOf }));
}

/** Something for which the run waits. */
export type Asked =
  | {
      readonly kind: 'approval';
      readonly step: string;
      readonly host: string | undefined;
      readonly id: string;
      readonly approval: Approval;
    }
  | {
      readonly kind: 'question';
      readonly step: string;
      readonly host: string | undefined;
      readonly id: string;
      readonly question: Question;
    }
  | {
      readonly kind: 'trouble';
      readonly step: string;
      readonly host: string | undefined;
      readonly id: string;
      readonly trouble: OpenTrouble;
    };

/** In the order in which people would meet them. */
export function askedIn(state: RunState): readonly Asked[] {
  const approvals = Object.values(state.approvals).filter(({ status }) => status.kind === 'open');
  const questions = Object.values(state.questions).filter(({ status }) => status.kind === 'open');
  return [
    ...approvals.map((approval): Asked => {
      const { step, request, subject } = approval;
      const hosts = new Set(subject.items.map((item) => item.host));
      return { kind: 'approval', step, host: hosts.size === 1 ? subject.items[0]?.host : undefined, id: request, approval };
    }),
    ...questions.map(
      (question): Asked => ({ kind: 'question', step: question.step, host: question.host, id: question.question, question }),
    ),
    ...openTroubles(state).map(
      (trouble): Asked => ({ kind: 'trouble', step: trouble.step, host: trouble.host, id: trouble.trouble, trouble }),
    ),
  ];
}

/** One after the other they say the same, until no more are wanted. */
export type Act = { readonly intent: Intent; readonly by: readonly Standing[] };

export interface People {
  /** What they do about the first thing that somebody does something about; undefined where all of it is left alone. */
  next(asked: readonly Asked[]): Act | undefined;
  /** What the test had them do and nobody needed. */
  unneeded(): readonly { readonly part: Part; readonly deeds: number }[];
}

export function createPeople(parts: readonly Part[], procedure: Procedure): People {
  const others = secondsFor(procedure);
  const done = new Map<Part, number>();
  const ignored = new Set<string>();

  function deedFor(asked: Asked): Deed | undefined {
    for (const part of [...parts].sort((a, b) => (a.host === undefined ? 1 : 0) - (b.host === undefined ? 1 : 0))) {
      if (part.step !== asked.step || (part.host !== undefined && part.host !== asked.host)) continue;
      const count = done.get(part) ?? 0;
      const deed = part.deeds[count];
      if (deed === undefined) continue;
      done.set(part, count + 1);
      return deed;
    }
    return usual(asked);
  }

  return {
    next(all) {
      for (const asked of all) {
        if (ignored.has(asked.id)) continue;
        const deed = deedFor(asked);
        if (deed?.kind !== 'ignore' && deed !== undefined) return actOf(asked, deed, others);
        if (deed !== undefined) ignored.add(asked.id);
      }
      return undefined;
    },
    unneeded: () =>
      parts.flatMap((part) => {
        const deeds = done.get(part) ?? 0;
        return part.own && deeds < part.deeds.length ? [{ part, deeds }] : [];
      }),
  };
}

/** Whatever the test does not name is approved, where it can be, and confirmed; a trouble and a tool's question are left alone. */
function usual(asked: Asked): Deed | undefined {
  if (asked.kind === 'approval') return whyNotApprovable(asked.approval) === undefined ? { kind: 'approve' } : { kind: 'ignore' };
  return asked.kind === 'question' && asked.question.about !== 'prompt' ? { kind: 'done', reason: '' } : undefined;
}

function actOf(asked: Asked, deed: Deed, others: readonly Standing[]): Act {
  if (deed.kind === 'cancel') return { intent: { kind: 'cancel', reason: deed.reason }, by: [requester] };
  const intent = intentOf(asked, deed);
  if (intent === undefined) throw new Broken(misfit(asked, deed));
  return { intent, by: needsSecond(asked, deed) ? others : [requester] };
}

function intentOf(asked: Asked, deed: Deed): Intent | undefined {
  switch (asked.kind) {
    case 'approval':
      if (deed.kind === 'approve') return { kind: 'approve', request: asked.id, digest: asked.approval.digest };
      if (deed.kind === 'checkAgain') return { kind: 'checkAgain', request: asked.id };
      return deed.kind === 'reject' ? { kind: 'reject', request: asked.id, reason: deed.reason } : undefined;
    case 'question': {
      const toTool = asked.question.about === 'prompt';
      if (deed.kind === 'answer' && toTool) return { kind: 'answer', question: asked.id, answer: deed.text, note: '' };
      if ((deed.kind !== 'done' && deed.kind !== 'no') || toTool) return undefined;
      return { kind: 'answer', question: asked.id, answer: deed.kind === 'done' ? DONE : DECLINED, note: deed.reason };
    }
    case 'trouble':
      if (deed.kind !== 'settle') return undefined;
      return { kind: 'settle', trouble: asked.id, choice: deed.choice, reason: deed.reason };
  }
}

/** The requester wherever it may be the requester, so that a rehearsal shows where it may not. */
function needsSecond(asked: Asked, deed: Deed): boolean {
  switch (asked.kind) {
    case 'approval':
      return asked.approval.needs === 'second' && deed.kind !== 'checkAgain';
    case 'question':
      return asked.question.second !== undefined;
    case 'trouble':
      return deed.kind === 'settle' && ['skip', 'settleDone', 'settleFailed'].includes(deed.choice);
  }
}

const offered: Readonly<Record<Asked['kind'], string>> = {
  approval: 'an approval is asked for: approve, reject, check-again or ignore',
  question: 'a question is asked: yes or done, no, or (of a tool) { answer: … }',
  trouble: 'it stopped: retry, skip, abort, ask-again, look-again, settle-done or settle-failed',
};

function misfit(asked: Asked, deed: Deed): Broken['failure'] {
  const where = `${asked.step}${asked.host === undefined ? '' : ` on ${asked.host}`}`;
  const why =
    asked.kind === 'trouble' ? ` (${asked.trouble.what.why})` : asked.kind === 'question' ? ` (${asked.question.text.trim()})` : '';
  return {
    expected: `at ${where} people ${deed.kind === 'settle' ? `choose ${deed.choice}` : deed.kind}`,
    happened: `there ${offered[asked.kind]}${why}`,
    check: '`people` of the test; what is named for a step is done one after the other, each time that the run waits there',
  };
}
