/** What `keyturn approvals` says, for people and for programs. Pure. */
import { assertNever } from '../run/assert-never.ts';
import type { Awaited } from '../run/awaited.ts';
import { stepsOf } from '../run/state.ts';
import type { Damaged } from '../slack/ports.ts';
import { type Given, givenLine, redOf, type Waiting, waitingLine } from '../slack/views/index.ts';
import { rowJson } from './history-text.ts';
import { plainWords } from './plain-words.ts';
import { iso } from './show-json.ts';

export type Told = {
  readonly as: string;
  readonly page: number;
  /** Whether Slack was asked, and what was taken for granted otherwise. */
  readonly slack: boolean;
  readonly unsure: readonly string[];
  readonly waiting: readonly Waiting[];
  readonly damaged: readonly Damaged[];
  readonly now: number;
};

/** `lacking`: why some may be missing. */
export type GivenHere = { readonly runs: readonly Given[]; readonly more: boolean; readonly lacking: readonly string[] };

export function waitingLines({ as, waiting, now }: Told): readonly string[] {
  const red = waiting.filter(({ awaited }) => redOf(awaited) !== undefined);
  const open = waiting.filter((each) => !red.includes(each));
  const lines = (all: readonly Waiting[]): readonly string[] =>
    all.flatMap((each) => linked(waitingLine({ ...each, permalink: undefined }, now), each.permalink));
  return [
    open.length === 0 ? `Nothing waits for ${as}.` : `Waits for ${as}, the longest first; each is decided in Slack, in its thread:`,
    ...lines(open),
    ...(red.length === 0 ? [] : ['Would be theirs, but cannot be approved now, because a check is NOT OK:', ...lines(red)]),
  ];
}

export function givenLines({ page }: Told, { runs, more }: GivenHere): readonly string[] {
  const which = page === 1 ? '' : `, page ${page}`;
  if (runs.length === 0) return [`No run is on record in which they approved something${which}.`];
  return [
    `Runs in which they approved something, the newest first${which}:`,
    ...runs.flatMap((each) => linked(givenLine({ ...each, permalink: undefined }, 'gave'), each.permalink)),
    ...(more ? [`There are more: the same with --page ${page + 1}.`] : []),
  ];
}

/** A link does not survive as words, so it stands in a line of its own. */
function linked(line: string, permalink: string | undefined): readonly string[] {
  return [`  ${plainWords(line)}`, ...(permalink === undefined ? [] : [`    ${permalink}`])];
}

export function approvalsJson({ as, page, slack, unsure, waiting, damaged, now }: Told, given: GivenHere): object {
  const runs = given.runs.map(({ row, words, permalink }) => ({
    ...rowJson({ ...row, permalink }),
    gave: words?.map(({ steps, what, at }) => ({ what, steps, at: iso(at) })) ?? null,
  }));
  return {
    as,
    slackAsked: slack,
    unsure,
    waiting: waiting.map((each) => waitingJson(each, now)),
    given: { page, more: given.more, runs },
    damaged,
  };
}

function waitingJson({ state, awaited, permalink }: Waiting, now: number): object {
  const { run, procedure, cluster, requester } = state;
  const { since } = awaited;
  const about = { run, procedure: procedure.name, cluster: cluster.name, requester };
  return { ...about, ...whatJson(awaited), since: iso(since), waitsMs: now - since, permalink: permalink ?? null };
}

function whatJson(awaited: Awaited): object {
  switch (awaited.kind) {
    case 'approval': {
      const { approval, red } = awaited;
      const { request, digest, expiresAt, subject } = approval;
      const hosts = [...new Set(subject.items.map(({ host }) => host))];
      return { kind: 'approval', request, steps: stepsOf(approval), hosts, digest, until: iso(expiresAt), red: red ?? null };
    }
    case 'question': {
      const { question, step, host, text } = awaited.question;
      return { kind: 'question', question, steps: [step], hosts: host === undefined ? [] : [host], text };
    }
    case 'trouble': {
      const { trouble, step, host, what } = awaited.trouble;
      return { kind: 'trouble', trouble, steps: [step], hosts: host === undefined ? [] : [host], text: what.why, choices: awaited.choices };
    }
    default:
      return assertNever(awaited);
  }
}
