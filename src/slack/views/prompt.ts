/** The reply of a prompt that the procedure answered. What people answered stands in the reply of their question. Pure. */

import { shownValue } from '../../procedure/secret-mark.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, sayLines, show } from './compose.ts';
import { cutText } from './cut.ts';
import { code } from './escape.ts';
import { person } from './people.ts';
import { slackTime } from './times.ts';
import { about, name, stepName, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** A line that a tool was told, with ‹secret x› where one stood. */
export function answerShown(answer: string): string {
  return answer === '' ? 'with an empty line' : code(cutText(shownValue(answer), 300));
}

/** Nothing where a question of people's tells it. */
export function promptDraft(
  state: RunState,
  answered: EventOf<'promptAnswered'>,
  each: Recorded,
  recorded: readonly Recorded[],
): readonly Draft[] {
  if (recorded.some(({ event }) => event.kind === 'questionAsked' && isOf(event, answered))) return [];
  const seen = recorded.flatMap(({ event }) => (event.kind === 'promptSeen' && isOf(event, answered) ? [event] : [])).at(-1);
  const { step, host, attempt, number } = answered;
  const who = answered.by === undefined ? 'as the procedure has it' : `by ${person(answered.by)}`;
  const first = `${stepName(state, step)} on ${name(host)}: asked, and answered ${answerShown(answered.answer)} ${who}`;
  const when = `${slackTime(each.at)}${attempt === 1 ? '' : `, attempt ${attempt}`}.`;
  const said = Object.entries(seen?.said ?? {}).map(([key, value]) => `${name(key)} = ${words(value, 200)}`);
  const lines = [...(said.length === 0 ? [] : [`It said: ${said.slice(0, 10).join('; ')}`]), when];
  return [
    {
      key: `prompt:${step}:${host}:${attempt}:${number}`,
      place: REPLY,
      seq: each.seq,
      final: true,
      text: [`${first}. ${about(state)}`, ...(seen === undefined ? [] : [`Asked: ${words(seen.prompt, 1_500)}`]), ...lines],
      parts: [sayLines([`*${first}*`]), ...(seen === undefined ? [] : [show(seen.prompt)]), sayLines(lines)],
    },
  ];
}

type Numbered = {
  readonly step: string;
  readonly host?: string | undefined;
  readonly attempt?: number | undefined;
  readonly number?: number | undefined;
};

function isOf(event: Numbered, { step, host, attempt, number }: EventOf<'promptAnswered'>): boolean {
  return event.step === step && event.host === host && event.attempt === attempt && event.number === number;
}
