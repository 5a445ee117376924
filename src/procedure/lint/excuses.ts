/** What authors answer: an alarm that is answered is not told, and an answer to no alarm is. */
import { pathText } from '../finding.ts';
import type { Spot } from '../mistake.ts';
import { below, type Placed } from '../place.ts';
import { type Alarm, alarm } from './alarm.ts';
import type { LintRule } from './rules.ts';

type Excuse = { readonly rule: LintRule; readonly key: string; readonly spot: Spot };

function excusesOf(step: Placed): readonly Excuse[] {
  if (step.kind !== 'command') return [];
  const { safe, unverified, accept = {} } = step.source;
  const rules = ['endless', 'unreachable', 'unknown-value', 'secret-shown', 'unknown-role'] as const;
  return [
    ...(safe === undefined ? [] : [{ rule: 'unsafe-verb' as const, key: 'safe', spot: step.placeOf('safe') }]),
    ...(unverified === undefined ? [] : [{ rule: 'unverified' as const, key: 'unverified', spot: step.placeOf('unverified') }]),
    ...rules
      .filter((rule) => accept[rule] !== undefined)
      .map((rule) => ({ rule, key: rule, spot: { ...below(step.placeOf('accept'), rule), isKey: true } })),
  ];
}

/** `raised`: what the rules said of each step. */
export function unexcused(raised: readonly { readonly step: Placed; readonly alarms: readonly Alarm[] }[]): readonly Alarm[] {
  const told = raised.flatMap(({ step, alarms }) => {
    const excused = excusesOf(step).map(({ rule }) => rule);
    return alarms.filter(({ rule }) => !excused.includes(rule));
  });
  return [...told, ...needless(raised)];
}

/** `safe` is for readers too, and for a role one has to know the clusters. */
const always: readonly LintRule[] = ['unsafe-verb', 'unknown-role'];

/** A shared entry's answer is needed if one of the steps that use the entry needs it; a library's may be needed by another procedure. */
function needless(raised: Parameters<typeof unexcused>[0]): readonly Alarm[] {
  const excuses = raised.flatMap(({ step, alarms }) =>
    excusesOf(step).map((excuse) => ({ ...excuse, isNeeded: alarms.some(({ rule }) => rule === excuse.rule) })),
  );
  const needed = new Set(excuses.filter(({ isNeeded }) => isNeeded).map(({ spot }) => placeText(spot)));
  return excuses
    .filter(({ rule, spot }) => spot.library === undefined && !always.includes(rule) && !needed.has(placeText(spot)))
    .map(({ key, spot }) => alarm('needless', spot, `\`${key}\` answers nothing: without it, lint has no objection here`, 'leave it out'));
}

function placeText({ library = '', path }: Spot): string {
  return `${library} ${pathText(path)}`;
}
