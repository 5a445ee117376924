/** A deviation as a line of the end's summary. Pure. */
import type { Deviation } from '../../run/deviations.ts';
import type { RunState } from '../../run/state.ts';
import { person } from './people.ts';
import { slackTime } from './times.ts';
import { name, stepName, words } from './words.ts';

export function deviationLine(state: RunState, deviation: Deviation): string {
  const { kind, at, said, by, why, where } = deviation;
  const what = kind === 'hold' ? `held until ${slackTime(at)}` : said;
  const whom = by === undefined ? '' : ` by ${person(by)}`;
  const reason = why === undefined ? '' : `: ${words(why, where.kind === 'wholeStep' ? 300 : 200)}`;
  return `${placeOf(state, where)}: ${what}${whom}${reason}`;
}

function placeOf(state: RunState, where: Deviation['where']): string {
  switch (where.kind) {
    case 'window':
      return `freeze window ${name(where.window)}`;
    case 'wholeStep':
      return stepName(state, where.step);
    case 'step':
      return `${name(where.step)}${where.host === undefined ? '' : ` on ${name(where.host)}`}`;
    case 'nowhere':
      return '';
  }
}
