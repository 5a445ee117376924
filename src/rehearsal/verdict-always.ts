/** What every case must hold, whatever its test says: nothing secret is shown, no text is broken, nothing was foreseen in vain. Pure. */
import { differs, type Failure } from './failure.ts';
import { placeText } from './happened.ts';
import type { Case } from './model.ts';
import { violationsIn } from '../run/invariants.ts';
import type { Played } from './rehearse.ts';
import { RUN } from './stage.ts';
import { unfilled } from './texts.ts';

/** Shorter ones stand in ordinary words. */
const SHORTEST = 4;

export function shownSecrets({ secrets }: Case, { recorded }: Played): readonly Failure[] {
  const journal = JSON.stringify(recorded.map(({ event }) => event));
  const isShown = (value: string): boolean => value.length >= SHORTEST && journal.includes(JSON.stringify(value).slice(1, -1));
  const check = 'how the procedure passes it; what a program prints in another form cannot be masked';
  return Object.entries(secrets)
    .filter(([, value]) => isShown(value))
    .map(([name]) => differs(`the secret ${name} is nowhere in the thread`, 'it is shown', check));
}

export function unfilledTexts(texts: readonly string[]): readonly Failure[] {
  const text = unfilled(texts);
  return text === undefined ? [] : [differs('every {{ }} can be filled in', text, 'the expression in this text')];
}

/** What the engine must never do, whatever the procedure: judged from the journal alone. */
export function broken({ recorded }: Played): readonly Failure[] {
  // Nothing is written of a run that was refused.
  if (recorded.length === 0) return [];
  return violationsIn(RUN, recorded, { stands: true }).map(({ seq, sentence }) =>
    differs('nothing happens that is not allowed', `event ${seq}: ${sentence}`, 'that this is told to whoever maintains Keyturn'),
  );
}

/** What a real worker would write into its log. */
export function warned({ warnings }: Played): readonly Failure[] {
  return warnings.map((warning) => differs('the worker has nothing to warn of', warning, 'the step at which it waited'));
}

export function unneeded({ answers, people }: Played): readonly Failure[] {
  const idle = answers.unneeded().map(({ answer, turns }) => {
    const happened = turns === 0 ? 'nobody asked for it' : `only ${turns} of its ${answer.turns.length} turns were`;
    const check = 'the part of the script that it names, and answers before it that fit too';
    return differs(`every answer of the case is needed (line ${answer.line})`, happened, check);
  });
  const unasked = people.unneeded().map(({ part, deeds }) => {
    const happened =
      deeds === 0 ? 'the run did not wait for them there' : `the run waited for them ${deeds} times there, of ${part.deeds.length}`;
    return differs(`what people do at ${placeText(part)} is needed`, happened, '`people` of the case');
  });
  return [...idle, ...unasked];
}
