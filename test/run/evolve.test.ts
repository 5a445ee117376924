/** The fold: what it makes of a long journal, and what it leaves as it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { recordSchema } from '../../src/record/model.ts';
import { actorSchema, type Recorded, type RunEvent, runEventSchema } from '../../src/run/events.ts';
import { evolve, fold, foldOn } from '../../src/run/evolve.ts';
import type { RunState } from '../../src/run/state.ts';
import { subjectFor } from './histories.ts';
import { alex, command, dana, journal, sam } from './samples.ts';

const RUN = 'run1';
const place = { step: 'S1', host: 'main-1' };
const stands = { accounts: [], memberOf: [] };

/** One round of everything of which a run can have any number. */
function round(number: number): readonly RunEvent[] {
  const at = { ...place, attempt: number };
  const question = { question: `q${number}`, step: 'S1', host: 'main-1', attempt: number, number: 1, text: 'Sure?' };
  return [
    {
      ...{ kind: 'approvalRequested', request: `a${number}`, step: 'S1', needs: 'second', why: 'w', subject: subjectFor() },
      ...{ digest: `d${number}`, evidence: [], expiresAt: 9_000_000 },
    },
    { kind: 'approvalGiven', request: `a${number}`, by: sam, stands },
    { kind: 'attemptIntended', ...at, digest: `d${number}`, approval: `a${number}` },
    { kind: 'promptSeen', ...at, number: 1, end: 4, prompt: 'Sure?', said: {} },
    { ...question, kind: 'questionAsked', about: 'prompt' },
    { kind: 'questionAnswered', question: `q${number}`, by: dana, answer: 'y' },
    { kind: 'promptAnswered', ...at, number: 1, answer: 'y' },
    { kind: 'noted', ts: `1.${number}`, by: alex, text: 'hm' },
    { kind: 'noteEdited', ts: `1.${number}`, text: 'aha' },
    { kind: 'refused', person: { ...alex, user: `U${number}` }, action: 'approve', why: 'w' },
    { kind: 'attemptEnded', ...at, outcome: { kind: 'finished', status: 1 } },
    { kind: 'troubleRaised', trouble: `t${number}`, ...at, what: { kind: 'failed', why: 'w' }, choices: ['retry'] },
    { kind: 'choiceBacked', about: `t${number}`, choice: 'retry', by: sam, reason: '', stands },
    { kind: 'troubleSettled', trouble: `t${number}`, choice: 'retry', by: dana, reason: '' },
  ];
}

function rounds(count: number): readonly Recorded[] {
  const opened: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['main-1'] };
  return journal([command('S1')], [opened, ...Array.from({ length: count }, (_, index) => round(index + 1)).flat()]);
}

/** The state after each event, each a copy of the one before. */
function stepwise(recorded: readonly Recorded[]): RunState {
  return recorded.slice(1).reduce(evolve, fold(RUN, recorded.slice(0, 1)));
}

const GROWING = ['steps', 'approvals', 'digests', 'intended', 'talks', 'questions', 'notes', 'refusals', 'backings'] as const;

test('what grows is copied once a fold, not once an event', () => {
  const seen = new Map(GROWING.map((member) => [member, new Set<object>()] as const));
  const [first, ...rest] = rounds(50);
  if (first === undefined) throw new Error('an empty journal');
  foldOn(fold(RUN, [first]), rest, (before) => {
    for (const member of GROWING) seen.get(member)?.add(before[member]);
  });
  // As it was begun, and the fold's own.
  expect([...seen].map(([member, records]) => [member, records.size])).toEqual(GROWING.map((member) => [member, 2]));
});

test('a fold comes to what its events come to one by one', () => {
  const recorded = rounds(20);
  expect(fold(RUN, recorded)).toStrictEqual(stepwise(recorded));
});

test('journals of real runs fold alike at once and one by one', () => {
  const names = readdirSync('docs/examples').filter((name) => name.endsWith('.json'));
  for (const name of names) {
    const { entries } = recordSchema.parse(JSON.parse(readFileSync(`docs/examples/${name}`, 'utf8')));
    const recorded = entries.map(({ seq, at, actor, event }): Recorded => {
      return { seq, at: Number(at), actor: actorSchema.parse(JSON.parse(actor)), event: runEventSchema.parse(JSON.parse(event)) };
    });
    expect(fold(RUN, recorded)).toStrictEqual(stepwise(recorded));
  }
  expect(names.length).toBeGreaterThan(2);
});

test('folding on leaves the state that it goes on from', () => {
  const recorded = rounds(6);
  const half = fold(RUN, recorded.slice(0, 40));
  const before = structuredClone(half);
  const whole = foldOn(half, recorded.slice(40));
  expect(half).toStrictEqual(before);
  expect(whole).toStrictEqual(fold(RUN, recorded));
  const again = foldOn(half, recorded.slice(40));
  expect(again).toStrictEqual(whole);
  expect(again.approvals).not.toBe(whole.approvals);
});

test('one event more changes nothing of a folded state', () => {
  const recorded = rounds(3);
  for (const [count, each] of recorded.entries()) {
    if (count === 0) continue;
    const state = fold(RUN, recorded.slice(0, count));
    const before = structuredClone(state);
    evolve(state, each);
    expect(state).toStrictEqual(before);
  }
});

test('a name that means something to JavaScript is a name', () => {
  const odd: RunEvent = { kind: 'noted', ts: '__proto__', by: alex, text: 'one' };
  const recorded = journal([command('S1')], [{ kind: 'noted', ts: '1.1', by: alex, text: 'first' }, odd]);
  const { notes } = fold(RUN, recorded);
  expect(Object.keys(notes)).toEqual(['1.1', '__proto__']);
  expect(Object.getPrototypeOf(notes)).toBe(Object.prototype);
});
