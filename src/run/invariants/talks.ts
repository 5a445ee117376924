/** What tools asked and were told: prompts in their order, while their attempt runs, each answered once and by whoever was asked. */
import { type Entry, type History, isSamePlace, placeText, repeated, type Violation } from './history.ts';

export function talkFaults(history: History): readonly Violation[] {
  const seen = history.of('promptSeen');
  const answered = history.of('promptAnswered');
  const withheld = history.of('answerWithheld');
  return [
    ...seen.flatMap((entry) => seenFaults(history, entry)),
    ...answered.flatMap((entry) => answeredFaults(history, entry)),
    ...repeated(answered, ({ event }) => `${placeText(event)} ${event.number}`).map(({ seq, event }): Violation => {
      return { seq, kind: 'promptOutOfTurn', sentence: `Prompt ${event.number} of ${placeText(event)} was answered before.` };
    }),
    ...withheld.flatMap((entry) => withheldFaults(history, entry)),
    ...repeated(withheld, ({ event }) => `${placeText(event)} ${event.number}`).map(({ seq, event }): Violation => {
      return { seq, kind: 'promptOutOfTurn', sentence: `The answer to prompt ${event.number} of ${placeText(event)} was withheld before.` };
    }),
  ];
}

function seenFaults(history: History, { seq, event }: Entry<'promptSeen'>): readonly Violation[] {
  const before = history.of('promptSeen').filter((each) => each.seq < seq && isSamePlace(each.event, event)).length;
  const wrong = (sentence: string): Violation => ({ seq, kind: 'promptOutOfTurn', sentence });
  return [
    ...(event.number === before + 1 ? [] : [wrong(`Prompt ${event.number} of ${placeText(event)} came after ${before} others.`)]),
    ...(isUnderWay(history, seq, event) ? [] : [wrong(`${placeText(event)} asked something and was not running.`)]),
  ];
}

function answeredFaults(history: History, { seq, event }: Entry<'promptAnswered'>): readonly Violation[] {
  const prompt = history
    .of('promptSeen')
    .find((each) => each.seq < seq && isSamePlace(each.event, event) && each.event.number === event.number);
  const place = `Prompt ${event.number} of ${placeText(event)}`;
  if (prompt === undefined) return [{ seq, kind: 'answerBeforePrompt', sentence: `${place} was answered before it was seen.` }];
  const wrong = (sentence: string): Violation => ({ seq, kind: 'promptOutOfTurn', sentence });
  const isForeseen = prompt.event.answer !== undefined;
  const question = history
    .of('questionAsked')
    .find((each) => each.seq < seq && each.event.number === event.number && isAbout(each.event, event));
  const person = history.of('questionAnswered').find((each) => each.seq < seq && each.event.question === question?.event.question);
  const isByThem = event.by !== undefined && person?.event.by.user === event.by.user && person.event.answer === event.answer;
  return [
    ...(isUnderWay(history, seq, event) ? [] : [wrong(`${place} was answered when nothing ran.`)]),
    ...(isForeseen === (event.by === undefined) ? [] : [wrong(`${place} was not answered by whom it is for.`)]),
    ...(event.by === undefined || isByThem ? [] : [wrong(`${place} was told something else than a person had answered.`)]),
  ];
}

/** Only what was answered can be withheld, while the tool could still have been told. */
function withheldFaults(history: History, { seq, event }: Entry<'answerWithheld'>): readonly Violation[] {
  const wrong = (sentence: string): Violation => ({ seq, kind: 'promptOutOfTurn', sentence });
  const place = `The answer to prompt ${event.number} of ${placeText(event)}`;
  const isAnswered = history
    .of('promptAnswered')
    .some((each) => each.seq < seq && isSamePlace(each.event, event) && each.event.number === event.number);
  return [
    ...(isAnswered ? [] : [wrong(`${place} was withheld before there was one.`)]),
    ...(isUnderWay(history, seq, event) ? [] : [wrong(`${place} was withheld when nothing ran.`)]),
  ];
}

function isAbout(
  question: Entry<'questionAsked'>['event'],
  { step, host, attempt }: { readonly step: string; readonly host: string; readonly attempt: number },
): boolean {
  return question.about === 'prompt' && question.step === step && question.host === host && question.attempt === attempt;
}

/** Intended, and not ended since. */
function isUnderWay({ of }: History, seq: number, place: Entry<'promptSeen' | 'promptAnswered' | 'answerWithheld'>['event']): boolean {
  const began = of('attemptIntended').find((each) => each.seq < seq && isSamePlace(each.event, place));
  const last = of('attemptEnded').findLast((each) => each.seq < seq && isSamePlace(each.event, place));
  // An end that nobody saw may be looked for again.
  return began !== undefined && (last === undefined || last.event.outcome.kind === 'lost');
}
