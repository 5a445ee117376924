/** What the history keeps of one run, so that it is found: from the state and the events of the run. Pure. */
import type { AfterEvent } from '../record/afterwards.ts';
import type { Person, Recorded, RunEvent } from '../run/events.ts';
import { type RunOutcome, type RunState, stepsOf } from '../run/state.ts';

/** How a run stands: `open` while it goes on. */
export const OUTCOMES = ['open', 'succeeded', 'failed', 'aborted', 'cancelled'] as const;
export type SummaryOutcome = RunOutcome | 'open';

export type RunSummary = {
  readonly run: string;
  /** Events of the journal that this was made from. */
  readonly seq: number;
  readonly procedure: string;
  readonly product: string;
  readonly cluster: string;
  /** Hosts that steps of the run were opened for. */
  readonly hosts: readonly string[];
  readonly roles: readonly string[];
  readonly requester: Person;
  /** Second persons; each once, in their order. */
  readonly approvers: readonly Person[];
  /** Whoever broke the glass, which is no approval; absent where nobody did. */
  readonly glass?: readonly Person[];
  readonly outcome: SummaryOutcome;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended: number | undefined;
  readonly channel: string;
  /** Commands, notes, reasons and output, for the search; masked already in what is kept. */
  readonly words: string;
};

/** Of one output, in bytes; of what is longer the beginning is found, and the end as far as the journal holds it. */
export const OUTPUT_BYTES = 64 * 1024;
/** Of all words of one run, in UTF-16 units; later output gives way first. */
export const WORDS_LENGTH = 512 * 1024;

/** Whole outputs, up to `OUTPUT_BYTES`, by their path; one that cannot be read is found by the head and tail that the journal holds. */
export type Outputs = ReadonlyMap<string, string>;

/** `after`: what came after the end, in its order. */
export function summarise(
  state: RunState,
  recorded: readonly Recorded[],
  outputs: Outputs = new Map(),
  after: readonly AfterEvent[] = [],
): RunSummary {
  return {
    run: state.run,
    seq: state.seq,
    procedure: state.procedure.name,
    product: state.procedure.product,
    cluster: state.cluster.name,
    hosts: hostsOf(recorded),
    roles: [...new Set(Object.keys(state.roles).concat(Object.values(state.roles)))],
    requester: state.requester,
    approvers: approversIn(recorded),
    ...glassOf(recorded),
    outcome: state.ended?.outcome ?? 'open',
    started: state.startedAt,
    ended: state.ended?.at,
    channel: state.channel.id,
    words: wordsOf({ ...state, notes: notesNow(state, after) }, recorded, outputs, after),
  };
}

function hostsOf(recorded: readonly Recorded[]): readonly string[] {
  return [...new Set(recorded.flatMap(({ event }) => (event.kind === 'stepOpened' ? event.hosts : [])))];
}

export function approversIn(recorded: readonly Recorded[]): readonly Person[] {
  return once(wordsGiven(recorded).filter(({ what }) => what !== 'break-glass'));
}

export function glassBreakersIn(recorded: readonly Recorded[]): readonly Person[] {
  return once(wordsGiven(recorded).filter(({ what }) => what === 'break-glass'));
}

function glassOf(recorded: readonly Recorded[]): { readonly glass?: readonly Person[] } {
  const glass = glassBreakersIn(recorded);
  return glass.length === 0 ? {} : { glass };
}

function once(given: readonly WordGiven[]): readonly Person[] {
  const found = new Map<string, Person>();
  for (const { by } of given) if (!found.has(by.user)) found.set(by.user, by);
  return [...found.values()];
}

/** One word of a second person, or of whoever broke the glass, and the steps that it was for. */
export type WordGiven = { readonly by: Person; readonly at: number; readonly steps: readonly string[]; readonly what: WhatGiven };
export type WhatGiven = 'approval' | 'answer' | 'choice' | 'break-glass';

/** In their order. A gate that the requester presses is no approval. */
export function wordsGiven(recorded: readonly Recorded[]): readonly WordGiven[] {
  const asked = new Map<string, Asked>();
  return recorded.flatMap(({ event, at }): readonly WordGiven[] => {
    const posed = posedBy(event);
    if (posed !== undefined) asked.set(posed.id, posed);
    const word = wordIn(event);
    if (word === undefined) return [];
    const { steps, what } = asked.get(word.about) ?? { steps: [], what: 'approval' };
    return what === 'gate' ? [] : [{ by: word.by, at, steps, what: event.kind === 'glassBroken' ? 'break-glass' : what }];
  });
}

type Asked = { readonly id: string; readonly steps: readonly string[]; readonly what: WhatGiven | 'gate' };

function posedBy(event: RunEvent): Asked | undefined {
  switch (event.kind) {
    case 'approvalRequested':
      return { id: event.request, steps: stepsOf(event), what: event.needs === 'gate' ? 'gate' : 'approval' };
    case 'questionAsked':
      return { id: event.question, steps: [event.step], what: 'answer' };
    case 'troubleRaised':
      return { id: event.trouble, steps: [event.step], what: 'choice' };
    default:
      return undefined;
  }
}

function wordIn(event: RunEvent): { readonly about: string; readonly by: Person } | undefined {
  switch (event.kind) {
    case 'approvalBacked':
    case 'approvalGiven':
    case 'glassBroken':
      return { about: event.request, by: event.by };
    case 'choiceBacked':
      return { about: event.about, by: event.by };
    // What somebody stood for as a second person carries how they stood.
    case 'troubleSettled':
      return event.stands === undefined ? undefined : { about: event.trouble, by: event.by };
    case 'questionAnswered':
      return event.stands === undefined ? undefined : { about: event.question, by: event.by };
    default:
      return undefined;
  }
}

type Said = Pick<RunState, 'procedure' | 'params'> & { readonly notes: ReadonlyMap<string, string> };

/** As they read now, by the id of their message. */
function notesNow({ notes }: RunState, after: readonly AfterEvent[]): ReadonlyMap<string, string> {
  const now = new Map(Object.entries(notes).flatMap(([ts, { text }]) => (text === undefined ? [] : [[ts, text] as const])));
  for (const event of after) {
    if (event.kind !== 'lateNote') continue;
    if (event.text === undefined) now.delete(event.ts);
    else now.set(event.ts, event.text);
  }
  return now;
}

/** In this order, so that what is said is kept where output is too long. A note that its writer deleted is not found by its words any more. */
function wordsOf(state: Said, recorded: readonly Recorded[], outputs: Outputs, after: readonly AfterEvent[]): string {
  const { procedure, params, notes } = state;
  const texts = [
    procedure.title,
    ...Object.values(params),
    ...notes.values(),
    ...after.flatMap((event) => (event.kind === 'reviewed' ? [event.note] : [])),
    ...recorded.flatMap(({ event }) => said(event)),
    ...procedure.steps.flatMap(strings),
    ...recorded.flatMap(({ event }) => printed(event, outputs)),
  ];
  const kept: string[] = [];
  let room = WORDS_LENGTH;
  for (const text of new Set(texts)) {
    if (room <= 0) break;
    kept.push(text.slice(0, room));
    room -= text.length + 1;
  }
  return kept.join('\n');
}

/** Members of events in which people and Keyturn speak. */
const SPOKEN = ['reason', 'why', 'text', 'seen', 'prompt', 'answer'] as const;

function said(event: RunEvent): readonly string[] {
  if (event.kind === 'noted' || event.kind === 'noteEdited') return [];
  const spoken = SPOKEN.map((key): unknown => Reflect.get(event, key)).filter((value) => typeof value === 'string');
  if (event.kind === 'troubleRaised') return [...spoken, event.what.why];
  if (event.kind === 'approvalRequested')
    return [...spoken, ...event.subject.items.flatMap(({ script, env, diff = '' }) => [script, ...Object.values(env), diff])];
  return spoken;
}

function printed(event: RunEvent, outputs: Outputs): readonly string[] {
  if (event.kind !== 'attemptEnded' || event.output === undefined) return [];
  const { path, head, tail } = event.output;
  const whole = path === undefined ? undefined : outputs.get(path);
  return whole === undefined ? [head, tail] : [whole, tail];
}

/** Members that hold words of our own model, which no runbook says. */
const MODEL: readonly string[] = ['kind', 'read', 'about'];

/** Every text in a value, however deep. */
function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([member, each]) => (MODEL.includes(member) ? [] : strings(each)));
}
