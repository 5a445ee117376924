/** What becomes of an attempt: it ends once, after it was intended, and a step has passed only where its command has ended well. */
import { commandOf, type Entry, type History, isSamePlace, type Place, placeText, repeated, type Violation } from './history.ts';

export function attemptFaults(history: History): readonly Violation[] {
  const passed = history.of('hostPassed');
  return [
    ...history.of('attemptEnded').flatMap((end) => endFaults(history, end)),
    ...passed.flatMap((pass) => passFaults(history, pass)),
    ...repeated(passed, ({ event }) => placeText(event)).map(({ seq, event }): Violation => {
      return { seq, kind: 'endedTwice', sentence: `${placeText(event)} passed a second time.` };
    }),
  ];
}

function endFaults(history: History, { seq, event }: Entry<'attemptEnded'>): readonly Violation[] {
  if (!history.of('attemptIntended').some((each) => each.seq < seq && isSamePlace(each.event, event)))
    return [{ seq, kind: 'endedUnbegun', sentence: `${placeText(event)} ended and was never started.` }];
  const before = history.of('attemptEnded').findLast((each) => each.seq < seq && isSamePlace(each.event, event));
  if (before === undefined || (before.event.outcome.kind === 'lost' && isFollowedAgain(history, event, before.seq, seq))) return [];
  return [{ seq, kind: 'endedTwice', sentence: `${placeText(event)} ended a second time; it had ended in event ${before.seq}.` }];
}

/** An end that nobody saw is looked for again: when people say so, and when the run is cancelled. */
function isFollowedAgain({ of }: History, place: Place, from: number, to: number): boolean {
  const between = ({ seq }: { readonly seq: number }): boolean => seq > from && seq < to;
  if (of('cancelRequested').some(between)) return true;
  const troubles = of('troubleRaised').filter(
    ({ event }) =>
      event.what.kind === 'unknown' && event.step === place.step && event.host === place.host && event.attempt === place.attempt,
  );
  return of('troubleSettled').some(
    (each) => between(each) && each.event.choice === 'lookAgain' && troubles.some(({ event }) => event.trouble === each.event.trouble),
  );
}

/** A step that only waits has no command to end. */
function passFaults(history: History, { seq, event }: Entry<'hostPassed'>): readonly Violation[] {
  const step = commandOf(history, event.step);
  if (step === undefined || (step.run === undefined && step.copy === undefined && step.edit === undefined)) return [];
  const end = history.of('attemptEnded').findLast((each) => each.seq < seq && isSamePlace(each.event, event));
  const outcome = end?.event.outcome;
  if (outcome?.kind === 'finished' && step.statuses.includes(outcome.status)) return [];
  return [{ seq, kind: 'passedUnended', sentence: `${placeText(event)} passed, and its command did not end well.` }];
}
