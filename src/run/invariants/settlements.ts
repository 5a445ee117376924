/** What people decide beside approvals, of what is open: troubles and questions. Each once, and by a second person where one is needed. */
import type { Choice } from '../events.ts';
import { type Entry, type History, repeated, stepOf, type Violation } from './history.ts';
import { different, isKnown, quorumFaults, type Stand, standFaults } from './second.ts';

export function settlementFaults(history: History): readonly Violation[] {
  return [...troubleFaults(history), ...questionFaults(history), ...backingFaults(history)];
}

function troubleFaults(history: History): readonly Violation[] {
  const raised = history.of('troubleRaised');
  const settled = history.of('troubleSettled');
  return [
    ...repeated(raised, ({ event }) => event.trouble).map(({ seq, event }): Violation => {
      return { seq, kind: 'troubleTwice', sentence: `Trouble ${event.trouble} was raised before.` };
    }),
    ...repeated(settled, ({ event }) => event.trouble).map(({ seq, event }): Violation => {
      return { seq, kind: 'troubleTwice', sentence: `Trouble ${event.trouble} was settled before.` };
    }),
    ...settled.flatMap((entry) => settledFaults(history, entry)),
  ];
}

function settledFaults(history: History, entry: Entry<'troubleSettled'>): readonly Violation[] {
  const { seq, event } = entry;
  const trouble = history.of('troubleRaised').find((each) => each.seq < seq && each.event.trouble === event.trouble);
  if (trouble === undefined) return [{ seq, kind: 'noTrouble', sentence: `Trouble ${event.trouble} was settled and was never raised.` }];
  const about = `${event.choice} at ${trouble.event.step}`;
  const offered = trouble.event.choices.includes(event.choice);
  return [
    ...(offered
      ? []
      : [{ seq, kind: 'notOffered' as const, sentence: `At ${trouble.event.step} ${event.choice} was chosen, which was not offered.` }]),
    ...(choiceNeedsSecond(history, trouble.event.step, event.choice)
      ? secondFaults(history, entry, event.trouble, event.choice, trouble.event.step, about)
      : knownFaults(history, entry, about)),
  ];
}

/** Whatever takes a run past something unsafe without its being done. */
function choiceNeedsSecond(history: History, step: string, choice: Choice): boolean {
  return choice === 'settleDone' || choice === 'settleFailed' || (choice === 'skip' && stepNeedsSecond(history, step));
}

function stepNeedsSecond(history: History, id: string): boolean {
  const step = stepOf(history, id);
  return step?.kind === 'command' ? step.safety.kind === 'unsafe' : step?.kind === 'person' && step.second !== undefined;
}

function questionFaults(history: History): readonly Violation[] {
  const asked = history.of('questionAsked');
  const closed = history.of('questionAnswered', 'questionWithdrawn');
  return [
    ...repeated(asked, ({ event }) => event.question).map(({ seq, event }): Violation => {
      return { seq, kind: 'questionTwice', sentence: `Question ${event.question} was asked before.` };
    }),
    ...repeated(closed, ({ event }) => event.question).map(({ seq, event }): Violation => {
      return { seq, kind: 'questionTwice', sentence: `Question ${event.question} was answered or withdrawn before.` };
    }),
    ...closed.flatMap(({ seq, event }): readonly Violation[] => {
      if (asked.some((each) => each.seq < seq && each.event.question === event.question)) return [];
      return [{ seq, kind: 'noQuestion', sentence: `Question ${event.question} was answered or withdrawn and was never asked.` }];
    }),
    ...history.of('questionAnswered').flatMap((entry) => answeredFaults(history, entry)),
  ];
}

function answeredFaults(history: History, entry: Entry<'questionAnswered'>): readonly Violation[] {
  const { seq, event } = entry;
  const question = history.of('questionAsked').find((each) => each.seq < seq && each.event.question === event.question)?.event;
  if (question === undefined) return [];
  const about = `the question at ${question.step}`;
  const needsSecond = question.second !== undefined || stepNeedsSecond(history, question.step);
  return needsSecond
    ? secondFaults(history, entry, event.question, event.answer, question.step, about)
    : knownFaults(history, entry, about);
}

type Decision = Entry<'troubleSettled'> | Entry<'questionAnswered'>;

function secondFaults(
  history: History,
  { seq, event }: Decision,
  id: string,
  choice: string,
  step: string,
  about: string,
): readonly Violation[] {
  const before = history
    .of('choiceBacked')
    .filter((each) => each.seq < seq && each.event.about === id && each.event.choice === choice)
    .map((each): Stand => ({ seq: each.seq, by: each.event.by, stands: each.event.stands }));
  const all: readonly Stand[] = [...before, { seq, by: event.by, stands: event.stands }];
  return [...standFaults(history, all, [step], about), ...quorumFaults(history, different(all), [step], about, seq)];
}

function knownFaults(history: History, { seq, event }: Decision, about: string): readonly Violation[] {
  if (isKnown(history, event)) return [];
  return [{ seq, kind: 'notNamed', sentence: `${event.by.name} (${event.by.user}) has no rights here and decided ${about}.` }];
}

/** Whoever stands for a choice does so while it is open. */
function backingFaults(history: History): readonly Violation[] {
  const opened = history.of('troubleRaised', 'questionAsked');
  const closed = history.of('troubleSettled', 'questionAnswered', 'questionWithdrawn');
  return history.of('choiceBacked').flatMap(({ seq, event }): readonly Violation[] => {
    const isOpen =
      opened.some((each) => each.seq < seq && nameOf(each) === event.about) &&
      !closed.some((each) => each.seq < seq && nameOf(each) === event.about);
    if (isOpen) return [];
    return [{ seq, kind: 'noTrouble', sentence: `${event.by.name} stood for a choice about ${event.about}, which was not open.` }];
  });
}

type Named = Entry<'troubleRaised' | 'questionAsked' | 'troubleSettled' | 'questionAnswered' | 'questionWithdrawn'>;

function nameOf({ event }: Named): string {
  return 'trouble' in event ? event.trouble : event.question;
}
