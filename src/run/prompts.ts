/** Prompts of tools: which answer the procedure foresaw, what another host has said, what becomes a question for people. Pure. */
import { findHost } from '../inventory/hosts.ts';
import { evaluateText } from '../procedure/expression.ts';
import type { CommandStep } from '../procedure/model.ts';
import { type FirstMatch, firstIn, groupsOf } from '../procedure/pattern.ts';
import { contextFor, fillFor, surroundings } from './context.ts';
import type { RunEvent } from './events.ts';
import type { Start } from './start.ts';
import { type Prompt, type RunState, talkKey } from './state.ts';

/** Text that was printed, the place of its first byte in the output, and the bytes that the tool itself had printed up to its end, before masking. */
export type Printed = { readonly text: string; readonly from: number; readonly bytes?: number };

export type AnswerFound = { readonly kind: 'answer'; readonly text: string } | { readonly kind: 'notYet'; readonly why: string };

/** What is kept of a prompt, in characters. */
const LONGEST_SHOWN = 1_500;

export function promptsOf(state: RunState, step: CommandStep, due: Start): readonly Prompt[] {
  return state.talks[talkKey({ step: step.id, ...due })] ?? [];
}

/** The events for a prompt that the procedure foresaw: seen, and answered where the answer is known already. */
export function promptIn(state: RunState, step: CommandStep, due: Start, printed: Printed): readonly RunEvent[] | undefined {
  const found = firstMatch(step, printed.text);
  if (found === undefined) return undefined;
  const { index, match } = found;
  const matched = match.index + match.text.length;
  const end = printed.from + Buffer.byteLength(printed.text.slice(0, matched + restOfQuestion(step, printed.text.slice(matched))));
  const named = groupsOf(step.answers?.[index]?.prompt ?? '');
  const said = Object.fromEntries(named.map((name) => [name, heardValue(match.groups[name] ?? '')]));
  const number = promptsOf(state, step, due).length + 1;
  const place = { step: step.id, ...due, number, ...bytesOf(printed) };
  return [{ kind: 'promptSeen', ...place, end, prompt: match.text.slice(-LONGEST_SHOWN), said, answer: index }];
}

function bytesOf({ bytes }: Printed): { readonly bytes?: number } {
  return bytes === undefined ? {} : { bytes };
}

/** Whether the tool has asked something newer that the procedure knows: what stood before it is not answered any more. */
export function isPassed(step: CommandStep, behind: Printed): boolean {
  return firstMatch(step, behind.text) !== undefined;
}

/** What a host printed may become another host's answer: without control characters it is one line, and holds no mark of a secret. */
function heardValue(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '').slice(0, LONGEST_SHOWN);
}

/**
 * How much behind a match still belongs to the question: the rest of the half line at which the tool waits, such as ` [y/n] `. Answering does not
 * end that line, so it would look like another question.
 */
function restOfQuestion(step: CommandStep, rest: string): number {
  return rest.includes('\n') || firstMatch(step, rest) !== undefined ? 0 : rest.length;
}

/** The prompt that stands first; of two at one place the one that the procedure names first. */
function firstMatch(step: CommandStep, text: string): { readonly index: number; readonly match: FirstMatch } | undefined {
  const found = (step.answers ?? []).flatMap(({ prompt }, index) => {
    const match = firstIn(prompt, text);
    return match === undefined ? [] : [{ index, match }];
  });
  return found.reduce<(typeof found)[number] | undefined>(
    (first, each) => (first === undefined || each.match.index < first.match.index ? each : first),
    undefined,
  );
}

/** The answer that the procedure gives to a prompt; not yet, as long as the other host has not said what it needs. */
export function answerFor(state: RunState, step: CommandStep, due: Start, prompt: Prompt): AnswerFound {
  const declared = prompt.declared === undefined ? undefined : step.answers?.[prompt.declared];
  if (declared === undefined) return { kind: 'notYet', why: 'nobody foresaw this question' };
  const host = findHost(state.cluster, due.host);
  const context = { ...contextFor(state, host), said: saidOn(state, step, due.host), peer: saidOn(state, step, peerOf(state, step, due)) };
  const value = evaluateText(declared.answer, context, surroundings(state));
  return value.kind === 'value' ? { kind: 'answer', text: value.value } : { kind: 'notYet', why: value.why };
}

/** Everything worth a name that the tool said on this host so far, in its latest attempt. */
function saidOn(state: RunState, step: CommandStep, host: string | undefined): Readonly<Record<string, string>> {
  const at = state.steps[step.id];
  const attempt = at?.kind === 'open' && host !== undefined ? at.hosts[host]?.attempt : undefined;
  if (host === undefined || attempt === undefined) return {};
  return Object.assign({}, ...promptsOf(state, step, { host, attempt }).map(({ said }) => said));
}

/** The other host of a step on two; of more there is no telling which one is meant. */
function peerOf(state: RunState, step: CommandStep, due: Start): string | undefined {
  const at = state.steps[step.id];
  const others = at?.kind === 'open' ? at.order.filter((host) => host !== due.host) : [];
  return others.length === 1 ? others[0] : undefined;
}

/** The how-manieth answer the host gets: prompts that were left without one do not count; one that is withheld there keeps its number. */
export function numberToGive(state: RunState, step: CommandStep, due: Start, prompt: Prompt): number {
  return promptsOf(state, step, due).filter((each) => each.number <= prompt.number && each.answer !== undefined).length;
}

/** The open question about a prompt of this attempt. */
export function openQuestion(state: RunState, step: CommandStep, due: Start): string | undefined {
  return Object.values(state.questions).find(
    (each) =>
      each.about === 'prompt' &&
      each.status.kind === 'open' &&
      each.step === step.id &&
      each.host === due.host &&
      each.attempt === due.attempt,
  )?.question;
}

/** Half a line and then silence, and nothing in the procedure that knows it: a person is asked. Nobody knows it either where it is known but cannot be answered yet. */
export function unforeseen(state: RunState, step: CommandStep, due: Start, printed: Printed): readonly RunEvent[] | undefined {
  const asking = /[^\n]*\S[^\n]*$/.exec(printed.text)?.[0];
  if (asking === undefined) return undefined;
  return asked(state, step, due, printed, { prompt: asking, text: printed.text });
}

/**
 * A tool that printed something blank since a person was asked waits at the same prompt, and their answer was withheld: it is asked once more. With
 * anything else behind the prompt the tool may be at work, or asks by itself.
 */
export function promptAgain(state: RunState, step: CommandStep, due: Start, printed: Printed): readonly RunEvent[] {
  const last = promptsOf(state, step, due).at(-1);
  if (last?.withheld !== 'wentOn' || last.declared !== undefined) return [];
  // As long as nothing more was heard than stood there when it was asked, what made the host withhold the answer is still to come.
  if (printed.bytes === last.bytes || printed.text.trim() !== '') return [];
  return asked(state, step, due, printed, { prompt: last.prompt, text: last.prompt });
}

function asked(
  state: RunState,
  step: CommandStep,
  due: Start,
  printed: Printed,
  { prompt, text }: { readonly prompt: string; readonly text: string },
): readonly RunEvent[] {
  const place = { step: step.id, ...due, number: promptsOf(state, step, due).length + 1 };
  const end = printed.from + Buffer.byteLength(printed.text);
  const second = step.safety.kind === 'unsafe' ? { second: fillFor(state, step.safety.why) } : {};
  const question = `q${state.seq + 1}-${due.host}`;
  return [
    { kind: 'promptSeen', ...place, end, ...bytesOf(printed), prompt: prompt.slice(-LONGEST_SHOWN), said: {} },
    { kind: 'questionAsked', question, about: 'prompt', ...place, text: text.slice(-LONGEST_SHOWN), ...second },
  ];
}
