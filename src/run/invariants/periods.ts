/** What a run stands in: paused, cancelled, held by a freeze window, in trouble. Nothing is started then. */
import { type Entry, type History, placeText, type Violation } from './history.ts';

export function periodFaults(history: History, { seq, event }: Entry<'attemptIntended'>): readonly Violation[] {
  const wrong = (kind: Violation['kind'], what: string): Violation => ({ seq, kind, sentence: `${placeText(event)} was started ${what}.` });
  const paused = history.of('paused', 'resumed').findLast((each) => each.seq < seq);
  const cancelled = history.of('cancelRequested').find((each) => each.seq < seq);
  const held = history
    .of('runHeld')
    .find(
      (each) =>
        each.seq < seq && !history.of('holdOverridden', 'holdEnded').some((end) => end.seq < seq && end.event.hold === each.event.hold),
    );
  const trouble = openTroublesAt(history, seq)[0];
  return [
    ...(paused?.event.kind === 'paused' ? [wrong('whilePaused', `while the run was paused (event ${paused.seq})`)] : []),
    ...(cancelled === undefined ? [] : [wrong('whileCancelled', `after the run was cancelled (event ${cancelled.seq})`)]),
    ...(held === undefined ? [] : [wrong('whileHeld', `while a freeze window held the run (event ${held.seq})`)]),
    ...(trouble === undefined ? [] : [wrong('whileInTrouble', `while ${trouble.event.step} waited for people (event ${trouble.seq})`)]),
  ];
}

/** Raised before, and not settled before. */
export function openTroublesAt({ of, settledAt }: History, seq: number): readonly Entry<'troubleRaised'>[] {
  return of('troubleRaised').filter(
    (each) => each.seq < seq && settledAt.get(each.event.trouble)?.some((end) => end > each.seq && end < seq) !== true,
  );
}
