/** What did not go as the procedure has it, though the run went on: for the end's summary. Troubles have a list of their own. Pure. */
import type { EventOf, Recorded } from '../../run/events.ts';
import { windowOf } from '../../run/hold.ts';
import { DECLINED, type RunState } from '../../run/state.ts';
import { person } from './people.ts';
import { slackTime } from './times.ts';
import { name, stepName, words } from './words.ts';

type Kind = 'glass' | 'override' | 'hold' | 'warning' | 'skip' | 'declined' | 'withdrawn' | 'answered' | 'withheld';
export type Deviation = { readonly kind: Kind; readonly line: string };

/** In the order of the journal. */
export function deviationsIn(state: RunState, recorded: readonly Recorded[]): readonly Deviation[] {
  const window = ({ hold }: { readonly hold: string }): string => `freeze window ${name(windowOf(hold, recorded))}`;
  return recorded.flatMap(({ event, at }): readonly Deviation[] => {
    switch (event.kind) {
      case 'glassBroken':
        return [{ kind: 'glass', line: `${glassOf(state, event)}: break-glass by ${person(event.by)}: ${words(event.reason, 200)}` }];
      case 'holdOverridden':
        return [{ kind: 'override', line: `${window(event)}: overridden by ${person(event.by)}: ${words(event.reason, 200)}` }];
      case 'holdEnded':
        return [{ kind: 'hold', line: `${window(event)}: held until ${slackTime(at)}: ${words(event.why, 200)}` }];
      case 'hostPassed':
        return (event.warnings ?? []).map((warning) => ({
          kind: 'warning',
          line: `${name(event.step)} on ${name(event.host)}: warning: ${words(warning, 200)}`,
        }));
      case 'stepSkipped':
        return [{ kind: 'skip', line: `${stepName(state, event.step)}: skipped: ${words(event.why, 300)}` }];
      case 'hostSkipped':
        return [{ kind: 'skip', line: `${name(event.step)} on ${name(event.host)}: not needed: ${words(event.why, 200)}` }];
      case 'troubleSettled':
        return event.choice === 'skip' ? [skippedByHand(event, recorded)] : [];
      case 'questionAnswered':
        return answered(state, event);
      case 'questionWithdrawn':
        return [{ kind: 'withdrawn', line: `${asked(state, event.question)}: question withdrawn: ${words(event.why, 200)}` }];
      case 'answerWithheld':
        return [{ kind: 'withheld', line: `${name(event.step)} on ${name(event.host)}: an answer was not sent: ${WITHHELD[event.why]}` }];
      default:
        return [];
    }
  });
}

const WITHHELD: Readonly<Record<EventOf<'answerWithheld'>['why'], string>> = {
  wentOn: 'the tool had gone on by itself',
  over: 'the tool had ended',
};

function glassOf(state: RunState, { request }: EventOf<'glassBroken'>): string {
  return name(state.approvals[request]?.step ?? request);
}

function skippedByHand(event: EventOf<'troubleSettled'>, recorded: readonly Recorded[]): Deviation {
  const raised = recorded.find((each) => each.event.kind === 'troubleRaised' && each.event.trouble === event.trouble)?.event;
  const where =
    raised?.kind === 'troubleRaised' ? `${name(raised.step)}${raised.host === undefined ? '' : ` on ${name(raised.host)}`}` : '';
  return { kind: 'skip', line: `${where}: skipped by ${person(event.by)}: ${words(event.reason, 200)}` };
}

/** Questions that the procedure itself asks, and that were answered with yes, are no deviation. */
function answered(state: RunState, event: EventOf<'questionAnswered'>): readonly Deviation[] {
  const about = state.questions[event.question]?.about;
  if (about === 'prompt')
    return [{ kind: 'answered', line: `${asked(state, event.question)}: the tool was answered by ${person(event.by)}` }];
  return event.answer === DECLINED ? [{ kind: 'declined', line: `${asked(state, event.question)}: declined by ${person(event.by)}` }] : [];
}

function asked(state: RunState, id: string): string {
  const question = state.questions[id];
  if (question === undefined) return name(id);
  return `${name(question.step)}${question.host === undefined ? '' : ` on ${name(question.host)}`}`;
}

const WORDS: Readonly<Record<Kind, readonly [one: string, many: string]>> = {
  glass: ['break-glass', 'break-glasses'],
  override: ['freeze window overridden', 'freeze windows overridden'],
  hold: ['hold', 'holds'],
  warning: ['warning', 'warnings'],
  skip: ['skip', 'skips'],
  declined: ['question declined', 'questions declined'],
  withdrawn: ['question withdrawn', 'questions withdrawn'],
  withheld: ['answer not sent', 'answers not sent'],
  answered: ['prompt that nobody foresaw', 'prompts that nobody foresaw'],
};

/** `2 warnings, 1 skip`. */
export function deviationWords(all: readonly Deviation[]): string {
  const kinds: readonly Kind[] = ['glass', 'override', 'hold', 'warning', 'skip', 'declined', 'withdrawn', 'withheld', 'answered'];
  const counts = kinds.map((kind) => ({ kind, count: all.filter((each) => each.kind === kind).length })).filter(({ count }) => count > 0);
  return counts.map(({ kind, count }) => `${count} ${WORDS[kind][count === 1 ? 0 : 1]}`).join(', ');
}
