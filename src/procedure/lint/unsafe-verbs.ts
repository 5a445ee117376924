import { methodOf } from '../http.ts';
import type { Spot } from '../mistake.ts';
import { requestsOf, scriptsOf } from '../parts.ts';
import { below, type PlacedCommand } from '../place.ts';
import { type Alarm, alarm, type StepRule } from './alarm.ts';
import { unsafeWordIn } from './verbs.ts';

/** A step that nobody is asked for, with a word that takes something down; in what only looks it is one that nothing excuses. */
export const unsafeVerbs: StepRule = (whole, step) => {
  if (step.kind !== 'command') return [];
  return found(step).flatMap(({ part, word, spot }): readonly Alarm[] => {
    if (part === 'unless') return [inLook('`unless` is run before anybody is asked', word, spot)];
    if (part === 'requires') return [inLook('`requires` is looked at before anybody is asked', word, spot)];
    if (whole.own.read_only === true) return [inLook('the procedure says that it changes nothing', word, spot)];
    if (step.source.read_only === true || step.source.bind !== undefined) return [inLook('the step is run for a plan too', word, spot)];
    // A library's script is harmless or not by the step that uses it.
    const own = spot.library === step.at.library ? spot : below(step.at, 'use');
    return isAsked(step) || whole.isOpen === true ? [] : [inSafeStep(word, own)];
  });
};

function found(step: PlacedCommand) {
  const passed = Object.keys(step.source.env ?? {});
  const ofScripts = scriptsOf(step).flatMap(({ part, script, spot }) => {
    const word = unsafeWordIn(script, passed);
    return word === undefined ? [] : [{ part, word, spot }];
  });
  const ofRequests = requestsOf(step).flatMap(({ part, http, spot }) =>
    methodOf(http) === 'DELETE' ? [{ part, word: 'DELETE', spot }] : [],
  );
  return [...ofScripts, ...ofRequests];
}

function isAsked({ source, phaseUnsafe }: PlacedCommand): boolean {
  return source.unsafe !== undefined || source.gate !== undefined || phaseUnsafe !== undefined;
}

function inLook(why: string, word: string, spot: Spot): Alarm {
  return alarm('verb-in-look', spot, `${why}, and here is \`${word}\``, 'a step of its own for what changes something');
}

function inSafeStep(word: string, spot: Spot): Alarm {
  const message = `nobody is asked before this step, and here is \`${word}\``;
  return alarm('unsafe-verb', spot, message, '`unsafe` with the reason, or a `gate`; or `safe` with why it hurts nothing');
}
