/** What a run did, left out and asked, against what the test expects. Pure. */
import { canonical } from '../canonical.ts';
import type { Recorded } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import { differs, type Failure, listed } from './failure.ts';
import { asksIn, didIn, placeText, skippedIn } from './happened.ts';
import type { Expected } from './model.ts';

export function doesFailures({ does }: Expected, state: RunState, recorded: readonly Recorded[]): readonly Failure[] {
  if (does === undefined) return [];
  const did = didIn(state, recorded).map(placeText);
  const wanted = does.places.map(placeText);
  const holds = does.kind === 'all' ? canonical(did) === canonical(wanted) : isAmong(wanted, did);
  return holds
    ? []
    : [
        differs(
          `commands ${does.kind === 'all' ? '' : 'that include '}${listed(wanted)}`,
          listed(did),
          '`does`, and the order, `when` and `unless` of the steps',
        ),
      ];
}

function isAmong(wanted: readonly string[], did: readonly string[]): boolean {
  let from = 0;
  return wanted.every((each) => {
    const at = did.indexOf(each, from);
    from = at + 1;
    return at >= 0;
  });
}

export function skippedFailures({ skipped }: Expected, recorded: readonly Recorded[]): readonly Failure[] {
  if (skipped === undefined) return [];
  const left = skippedIn(recorded);
  const places = (some: readonly Parameters<typeof placeText>[0][]): string => listed(some.map(placeText).sort());
  if (places(left) !== places(skipped))
    return [differs(`left out: ${places(skipped)}`, places(left), '`skipped`, and `when`, `unless` and `unreachable` of the steps')];
  return skipped.flatMap((place) => {
    const found = left.find((each) => placeText(each) === placeText(place));
    if (place.why === undefined || found?.why.includes(place.why)) return [];
    return [differs(`${placeText(place)} is left out because “${place.why}”`, found?.why ?? '', '`skipped`, and the words of the step')];
  });
}

export function asksFailures({ asks }: Expected, recorded: readonly Recorded[]): readonly Failure[] {
  if (asks === undefined) return [];
  const asked = asksIn(recorded);
  const isSame =
    asked.length === asks.length &&
    asks.every(({ step, whom }, index) => asked[index]?.step === step && (whom === undefined || asked[index]?.whom === whom));
  if (isSame) return [];
  const words = (some: readonly { readonly step: string; readonly whom: string | undefined }[]): string =>
    listed(some.map(({ step, whom }) => (whom === undefined ? step : `${step} ${whom}`)));
  return [differs(`people are asked: ${words(asks)}`, words(asked), '`asks`, and `unsafe`, `gate`, `manual` and `confirm` of the steps')];
}
