/** What an auditor reads first: what did not go as written, what went wrong, and who was turned away. Pure. */
import { type Deviation, deviationsOf, deviationWords } from '../../run/deviations.ts';
import type { EventOf, Recorded } from '../../run/events.ts';
import { type Settled, settledIn } from '../../run/settled.ts';
import { choiceLabel, counted, troubleWord } from '../../slack/views/words.ts';
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { person, stepTitle } from '../words.ts';

export function deviationsSection(story: Story): Section {
  const { state, recorded } = story;
  const deviations = deviationsOf(state, recorded);
  const settled = settledIn(recorded);
  const troubles = recorded.flatMap(({ event, at }) =>
    event.kind === 'troubleRaised' ? [troubleRow(story, event, at, settled.get(event.trouble))] : [],
  );
  const others = recorded.flatMap((each) => otherRow(story, each));
  return {
    id: 'deviations',
    title: 'Deviations',
    blocks: [
      ...listed(
        deviations.length === 0 ? 'Deviations: none.' : `Deviations: ${deviationWords(deviations)}.`,
        ['When', 'Where', 'What', 'By whom', 'Why'],
        deviations.map((each) => deviationRow(story, each)),
      ),
      ...listed(
        troubles.length === 0 ? 'Troubles: none.' : `Troubles: ${troubles.length}.`,
        ['When', 'Where', 'What', 'Why', 'What was decided', 'By whom'],
        troubles,
      ),
      ...listed(
        others.length === 0
          ? 'Refusals, requests that were rejected, expired or voided, pauses and cancels: none.'
          : `Refusals, requests that were rejected, expired or voided, pauses and cancels: ${others.length}.`,
        ['When', 'What', 'Who', 'Why'],
        others,
      ),
    ],
  };
}

/** `2 warnings, 1 skip; 1 trouble`, or that there is nothing. */
export function deviationsInWords({ state, recorded }: Story): string {
  const troubles = recorded.filter(({ event }) => event.kind === 'troubleRaised').length;
  const words = [deviationWords(deviationsOf(state, recorded)), troubles === 0 ? '' : counted(troubles, 'trouble')].filter(Boolean);
  return words.length === 0 ? 'none' : words.join('; ');
}

function listed(sentence: string, head: readonly string[], rows: readonly (readonly Inline[])[]): readonly Block[] {
  return [{ kind: 'text', text: { strong: sentence } }, ...(rows.length === 0 ? [] : [{ kind: 'table' as const, head, rows }])];
}

function deviationRow(story: Story, { at, kind, where, said, by, why }: Deviation): readonly Inline[] {
  const what = kind === 'hold' ? 'held until then' : said;
  return [{ time: at }, whereWords(story, where), what, by === undefined ? '' : person(by), why ?? ''];
}

function whereWords({ state }: Story, where: Deviation['where']): Inline {
  switch (where.kind) {
    case 'window':
      return `freeze window ${where.window}`;
    case 'wholeStep':
      return stepTitle(state, where.step);
    case 'step':
      return [stepTitle(state, where.step), ...(where.host === undefined ? [] : [' on ', { code: where.host }])];
    case 'nowhere':
      return '';
  }
}

function troubleRow(story: Story, raised: EventOf<'troubleRaised'>, at: number, settled: Settled | undefined): readonly Inline[] {
  const where = whereWords(story, { kind: 'step', step: raised.step, host: raised.host });
  const what: readonly Inline[] = [{ time: at }, where, troubleWord(raised.what), raised.what.why];
  if (settled === undefined) return [...what, 'not settled', ''];
  const { choice, by, reason } = settled.event;
  return [...what, `${choiceLabel(choice, raised.what)}${reason.trim() === '' ? '' : `: ${reason}`}`, person(by)];
}

function otherRow({ state }: Story, { event, at }: Recorded): readonly (readonly Inline[])[] {
  const about = (request: string): string => {
    const step = state.approvals[request]?.step;
    return step === undefined ? request : stepTitle(state, step);
  };
  switch (event.kind) {
    case 'refused':
      return [[{ time: at }, `refused: ${event.action}`, person(event.person), event.why]];
    case 'approvalRejected':
      return [[{ time: at }, `request for ${about(event.request)} rejected`, person(event.by), event.reason]];
    case 'approvalExpired':
      return [[{ time: at }, `request for ${about(event.request)} expired`, '', '']];
    case 'approvalVoided':
      return [[{ time: at }, `request for ${about(event.request)} voided`, '', event.why]];
    case 'paused':
      return [[{ time: at }, 'paused', person(event.by), event.reason]];
    case 'resumed':
      return [[{ time: at }, 'resumed', person(event.by), '']];
    case 'cancelRequested':
      return [[{ time: at }, 'cancel asked for', person(event.by), event.reason]];
    default:
      return [];
  }
}
