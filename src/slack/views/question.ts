/** The reply that asks people: to do something by hand, to confirm something, to answer a tool. Rewritten once, when that is settled. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import { looksSecret } from '../../run/secret-prompt.ts';
import { DONE, type RunState } from '../../run/state.ts';
import { ANSWER_PREFIX, type AnswerWord, questionValue } from './actions.ts';
import { button } from './buttons.ts';
import { type Draft, type Part, say, sayLines, show } from './compose.ts';
import { escape as escapeText } from './escape.ts';
import { person } from './people.ts';
import { saidSoFar, wanted } from './second.ts';
import { answerShown } from './prompt.ts';
import { slackTime } from './times.ts';
import { about, name, stepName, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;
/** Longer instructions stand in a block of their own, which takes more than a section does. */
const LONGEST_SAID = 2_400;

type Asked = EventOf<'questionAsked'>;
/** What became of it first; nothing that comes later changes its reply. */
type Settled = { readonly event: EventOf<'questionAnswered'> | EventOf<'questionWithdrawn'>; readonly at: number };

export function questionDraft(state: RunState, asked: Asked, seq: number, recorded: readonly Recorded[]): Draft {
  const settled = settledOf(asked.question, recorded);
  const closing = closingOf(state, asked, settled);
  const first = `${stepName(state, asked.step)}${asked.host === undefined ? '' : ` on ${name(asked.host)}`}: ${standing(asked, settled, state)}`;
  const rules = closing === undefined ? [...ruleLines(state, asked), whoMay(state, asked)] : [];
  return {
    key: `question:${asked.question}`,
    place: REPLY,
    seq,
    final: closing !== undefined,
    text: [`${first}. ${closing ?? ''}`.trim(), about(state), words(asked.text, 1_500), ...rules],
    parts: [
      sayLines([`*${first}*`, ...introduction(asked, closing === undefined)]),
      asked.about === 'prompt' || asked.text.length > LONGEST_SAID ? show(asked.text) : say(escapeText(asked.text)),
      sayLines([...rules, closing]),
      ...(closing === undefined ? buttons(state, asked) : []),
    ],
  };
}

function settledOf(question: string, recorded: readonly Recorded[]): Settled | undefined {
  for (const { event, at } of recorded) {
    if ((event.kind === 'questionAnswered' || event.kind === 'questionWithdrawn') && event.question === question) return { event, at };
  }
  return undefined;
}

function standing(asked: Asked, settled: Settled | undefined, state: RunState): string {
  if (settled === undefined) return state.ended === undefined ? open(asked) : 'not answered';
  if (settled.event.kind === 'questionWithdrawn') return 'withdrawn';
  const yes = settled.event.answer === DONE;
  switch (asked.about) {
    case 'manual':
      return yes ? 'done by hand' : 'cannot be done';
    case 'confirm':
      return yes ? 'confirmed' : 'not confirmed';
    case 'prompt':
      return 'answered';
    default:
      return assertNever(asked.about);
  }
}

function open(asked: Asked): string {
  switch (asked.about) {
    case 'manual':
      return 'to be done by hand';
    case 'confirm':
      return asked.second === undefined ? 'to be confirmed' : 'to be confirmed by a second person';
    case 'prompt':
      return 'the tool asks what nobody foresaw';
    default:
      return assertNever(asked.about);
  }
}

function introduction(asked: Asked, waits: boolean): readonly string[] {
  if (asked.about !== 'prompt') return asked.second === undefined ? [] : [`*Why a second person:* ${words(asked.second)}`];
  const attempt = asked.attempt === undefined || asked.attempt === 1 ? '' : ` (attempt ${asked.attempt})`;
  return [`It printed this${waits ? ' and waits' : ''}${attempt}:`];
}

function ruleLines(state: RunState, asked: Asked): readonly string[] {
  if (asked.about !== 'prompt') return [];
  if (!looksSecret(asked.text)) {
    const unsafe = asked.second === undefined ? [] : [`*Unsafe step:* ${words(asked.second)}`];
    return [...unsafe, "The step's time limit stands still until it is answered. `Enter` sends an empty line."];
  }
  return [
    '*This looks like a question for a secret. Secrets are never typed into Slack*, so it cannot be answered here.',
    `What to do: cancel the run (on its card, or \`/ha cancel ${name(state.run)}\`), have the answer declared in the procedure (\`answers\`, with a value from \`secrets\`), and start it again.`,
    "The step's time limit stands still meanwhile.",
  ];
}

function whoMay(state: RunState, asked: Asked): string {
  if (asked.about === 'prompt' && looksSecret(asked.text)) return `Waits for: ${person(state.requester)}, or whoever may cancel runs here.`;
  if (asked.second !== undefined) {
    const said = saidSoFar(state, asked.step, asked.question, (answer) => answerWord(asked, answer));
    return [`Who may answer: ${wanted(state, [asked.step])}. Never the requester.`, ...said].join('\n');
  }
  return `Who may answer: ${person(state.requester)}, and whoever may start or approve runs here.`;
}

function answerWord(asked: Asked, answer: string): string {
  if (asked.about === 'prompt') return answerShown(answer);
  return offers(asked).find(([word]) => word === answer)?.[1] ?? answerShown(answer);
}

function buttons(state: RunState, asked: Asked): readonly Part[] {
  const offered = offers(asked);
  if (offered.length === 0) return [];
  return [
    {
      kind: 'buttons',
      id: `question-${asked.question}`,
      buttons: offered.map(([word, label, style]) =>
        button(`${ANSWER_PREFIX}${word}`, label, questionValue(state.run, asked.question, word), style),
      ),
    },
  ];
}

type Offer = readonly [word: AnswerWord, label: string, style?: 'primary'];

function offers(asked: Asked): readonly Offer[] {
  switch (asked.about) {
    case 'manual':
      return [
        ['done', 'Done', 'primary'],
        ['declined', 'Cannot Be Done'],
      ];
    case 'confirm':
      return [
        ['done', 'Yes, Confirmed', 'primary'],
        ['declined', 'No'],
      ];
    case 'prompt':
      return looksSecret(asked.text)
        ? []
        : [
            ['y', 'y'],
            ['n', 'n'],
            ['enter', 'Enter'],
            ['text', 'Answer…'],
          ];
    default:
      return assertNever(asked.about);
  }
}

/** Undefined while it is open. */
function closingOf(state: RunState, asked: Asked, settled: Settled | undefined): string | undefined {
  if (settled === undefined)
    return state.ended === undefined ? undefined : `Closed ${slackTime(state.ended.at)}: the run ${state.ended.outcome} first.`;
  const at = slackTime(settled.at);
  if (settled.event.kind === 'questionWithdrawn') return `Withdrawn ${at}: ${words(settled.event.why)}.`;
  const by = person(settled.event.by);
  if (asked.about === 'prompt') return `Answered ${answerShown(settled.event.answer)} by ${by}, ${at}.`;
  if (settled.event.answer === DONE) return asked.about === 'manual' ? `Done by ${by}, ${at}.` : `Confirmed by ${by}, ${at}.`;
  return `${asked.about === 'manual' ? 'Cannot be done, says' : 'Not confirmed by'} ${by}, ${at}; what follows from that is asked below.`;
}
