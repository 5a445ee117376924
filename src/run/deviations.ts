/** What did not go as the procedure has it, though the run went on. Troubles have a list of their own. Pure; nothing here is escaped. */
import type { EventOf, Person, Recorded } from './events.ts';
import { windowOf } from './hold.ts';
import { DECLINED, type RunState } from './state.ts';

export type DeviationKind = 'glass' | 'override' | 'hold' | 'warning' | 'skip' | 'declined' | 'withdrawn' | 'answered' | 'withheld';

export type Deviation = {
  readonly kind: DeviationKind;
  /** The event that it is read from; of a hold, `at` is when it ended. */
  readonly seq: number;
  readonly at: number;
  readonly where: Where;
  /** In fixed words. */
  readonly said: string;
  readonly by?: Person;
  /** In words of a person, a host or the procedure. */
  readonly why?: string;
};

export type Where =
  | { readonly kind: 'window'; readonly window: string }
  | { readonly kind: 'step'; readonly step: string; readonly host: string | undefined }
  /** Not on one host, but altogether. */
  | { readonly kind: 'wholeStep'; readonly step: string }
  | { readonly kind: 'nowhere' };

type Found = Omit<Deviation, 'seq' | 'at'>;

/** In the order of the journal. */
export function deviationsOf(state: RunState, recorded: readonly Recorded[]): readonly Deviation[] {
  return recorded.flatMap(({ event, at, seq }) => foundIn(state, recorded, event).map((found) => ({ ...found, seq, at })));
}

function foundIn(state: RunState, recorded: readonly Recorded[], event: Recorded['event']): readonly Found[] {
  switch (event.kind) {
    case 'glassBroken':
      return [{ kind: 'glass', where: glassAt(state, event), said: 'break-glass', by: event.by, why: event.reason }];
    case 'holdOverridden':
      return [{ kind: 'override', where: windowAt(event, recorded), said: 'overridden', by: event.by, why: event.reason }];
    case 'holdEnded':
      return [{ kind: 'hold', where: windowAt(event, recorded), said: 'held', why: event.why }];
    case 'hostPassed':
      return (event.warnings ?? []).map((why) => ({ kind: 'warning', where: stepAt(event), said: 'warning', why }));
    case 'stepSkipped':
      return [{ kind: 'skip', where: { kind: 'wholeStep', step: event.step }, said: 'skipped', why: event.why }];
    case 'hostSkipped':
      return [{ kind: 'skip', where: stepAt(event), said: 'not needed', why: event.why }];
    case 'troubleSettled':
      return event.choice === 'skip' ? [skippedByHand(event, recorded)] : [];
    case 'questionAnswered':
      return answered(state, event);
    case 'questionWithdrawn':
      return [{ kind: 'withdrawn', where: askedAt(state, event.question), said: 'question withdrawn', why: event.why }];
    case 'answerWithheld':
      return [{ kind: 'withheld', where: stepAt(event), said: 'an answer was not sent', why: WITHHELD[event.why] }];
    default:
      return [];
  }
}

const WITHHELD: Readonly<Record<EventOf<'answerWithheld'>['why'], string>> = {
  wentOn: 'the tool had gone on by itself',
  over: 'the tool had ended',
};

function stepAt({ step, host }: { readonly step: string; readonly host?: string | undefined }): Where {
  return { kind: 'step', step, host };
}

function windowAt({ hold }: { readonly hold: string }, recorded: readonly Recorded[]): Where {
  return { kind: 'window', window: windowOf(hold, recorded) };
}

function glassAt(state: RunState, { request }: EventOf<'glassBroken'>): Where {
  return stepAt({ step: state.approvals[request]?.step ?? request });
}

function skippedByHand(event: EventOf<'troubleSettled'>, recorded: readonly Recorded[]): Found {
  const raised = recorded.find((each) => each.event.kind === 'troubleRaised' && each.event.trouble === event.trouble)?.event;
  const where: Where = raised?.kind === 'troubleRaised' ? stepAt(raised) : { kind: 'nowhere' };
  return { kind: 'skip', where, said: 'skipped', by: event.by, why: event.reason };
}

/** Questions that the procedure itself asks, and that were answered with yes, are no deviation. */
function answered(state: RunState, event: EventOf<'questionAnswered'>): readonly Found[] {
  const where = askedAt(state, event.question);
  if (state.questions[event.question]?.about === 'prompt')
    return [{ kind: 'answered', where, said: 'the tool was answered', by: event.by }];
  return event.answer === DECLINED ? [{ kind: 'declined', where, said: 'declined', by: event.by }] : [];
}

function askedAt(state: RunState, id: string): Where {
  return stepAt(state.questions[id] ?? { step: id });
}

const WORDS: Readonly<Record<DeviationKind, readonly [one: string, many: string]>> = {
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

const KINDS: readonly DeviationKind[] = ['glass', 'override', 'hold', 'warning', 'skip', 'declined', 'withdrawn', 'withheld', 'answered'];

/** `2 warnings, 1 skip`. */
export function deviationWords(all: readonly Pick<Deviation, 'kind'>[]): string {
  const counts = KINDS.map((kind) => ({ kind, count: all.filter((each) => each.kind === kind).length })).filter(({ count }) => count > 0);
  return counts.map(({ kind, count }) => `${count} ${WORDS[kind][count === 1 ? 0 : 1]}`).join(', ');
}
