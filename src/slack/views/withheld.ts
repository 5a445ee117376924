/** The reply that says that an answer did not reach its tool. The message of the question, which says who answered, is final by then. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, sayLines, show } from './compose.ts';
import { person } from './people.ts';
import { answerShown } from './prompt.ts';
import { slackTime } from './times.ts';
import { about, name, stepName, words } from './words.ts';

type Withheld = EventOf<'answerWithheld'>;

export function withheldDraft(state: RunState, withheld: Withheld, { seq, at }: Recorded, recorded: readonly Recorded[]): Draft {
  const { step, host, attempt, number } = withheld;
  const events = recorded.map(({ event }) => event);
  const seen = events.find((event) => event.kind === 'promptSeen' && isOf(event, withheld));
  const answered = events.find((event) => event.kind === 'promptAnswered' && isOf(event, withheld));
  const first = `${stepName(state, step)} on ${name(host)}: the answer was NOT sent`;
  const told = answered?.kind === 'promptAnswered' ? [`It was answered ${answerShown(answered.answer)} ${byWhom(answered)}.`] : [];
  const when = `${slackTime(at)}${attempt === 1 ? '' : `, attempt ${attempt}`}.`;
  const lines = [...told, ...why(withheld), when];
  const prompt = seen?.kind === 'promptSeen' ? seen.prompt : undefined;
  return {
    key: `withheld:${step}:${host}:${attempt}:${number}`,
    place: { kind: 'reply' },
    seq,
    final: true,
    text: [`${first}. ${about(state)}`, ...(prompt === undefined ? [] : [`Asked: ${words(prompt, 1_500)}`]), ...lines],
    parts: [sayLines([`*${first}*`]), ...(prompt === undefined ? [] : [show(prompt)]), sayLines(lines)],
  };
}

function byWhom({ by }: EventOf<'promptAnswered'>): string {
  return by === undefined ? 'as the procedure has it' : `by ${person(by)}`;
}

function why({ why: reason }: Withheld): readonly string[] {
  switch (reason) {
    case 'wentOn':
      return [
        'The tool went on by itself before the answer reached its host: it has printed more since it was asked. So that nothing else is answered with it, nothing was sent.',
        'What to do: see what it prints now. If it asks again, that is a new question in this thread.',
      ];
    case 'over':
      return ['The tool had ended, or was being ended, before the answer reached its host; nothing was sent.'];
    default:
      return assertNever(reason);
  }
}

type Place = Pick<Withheld, 'step' | 'host' | 'attempt' | 'number'>;

function isOf(event: Place, { step, host, attempt, number }: Withheld): boolean {
  return event.step === step && event.host === host && event.attempt === attempt && event.number === number;
}
