/** When a run is over, nobody is asked for anything any more, and nothing of it runs. */
import { type History, isOver, placeText, type Violation } from './history.ts';
import { openTroublesAt } from './periods.ts';

export function endFaults(history: History): readonly Violation[] {
  const end = history.of('runEnded')[0];
  if (end === undefined) return [];
  const { seq } = end;
  const { of } = history;
  const left = (kind: Violation['kind'], what: string): Violation => ({ seq, kind, sentence: `The run ended and ${what}.` });
  const decided = of('approvalGiven', 'glassBroken', 'approvalRejected', 'approvalExpired', 'approvalVoided');
  const requests = of('approvalRequested').filter(({ event }) => !decided.some((each) => each.event.request === event.request));
  const closed = of('questionAnswered', 'questionWithdrawn');
  const questions = of('questionAsked').filter(({ event }) => !closed.some((each) => each.event.question === event.question));
  const over = of('holdOverridden', 'holdEnded');
  const holds = of('runHeld').filter(({ event }) => !over.some((each) => each.event.hold === event.hold));
  // Whoever cancels or aborts a run says by that what becomes of its troubles.
  const isCalledOff = end.event.outcome === 'cancelled' || end.event.outcome === 'aborted';
  const troubles = isCalledOff ? [] : openTroublesAt(history, seq);
  const running = of('attemptIntended').filter(({ event }) => !isOver(history, event));
  return [
    ...requests.map(({ event }) => left('leftOpen', `request ${event.request} is still open`)),
    ...questions.map(({ event }) => left('leftOpen', `question ${event.question} at ${event.step} is still open`)),
    ...holds.map(({ event }) => left('leftOpen', `the freeze window ${event.hold} still holds it`)),
    ...troubles.map(({ event }) => left('leftOpen', `trouble ${event.trouble} at ${event.step} is still open`)),
    ...running.map(({ event }) => left('leftRunning', `${placeText(event)} may still be running`)),
  ];
}
