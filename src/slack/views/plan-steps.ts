/** The reply that lists every step before the first one begins. Pure. */
import type { Step } from '../../procedure/model.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, type Part, say, show } from './compose.ts';
import { about, filled, heading, name, safety, selector } from './words.ts';

const REPLY = { kind: 'reply' } as const;
/** Two parts for a step, and 50 blocks for a message. */
const WITH_SCRIPTS = 22;
/** A step in one line, when scripts do not fit. */
const LINES = 40;

export function planDraft(state: RunState): Draft {
  const { steps } = state.procedure;
  const first = `Plan of ${heading(state)}: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  return {
    key: 'plan',
    place: REPLY,
    seq: 1,
    final: true,
    text: [`${first}. ${about(state)}`, ...steps.map((step) => headOf(state, step))],
    parts: [say(`*${first}*`), ...(steps.length <= WITH_SCRIPTS ? steps.flatMap((step) => stepParts(state, step)) : inLines(state, steps))],
  };
}

function headOf(state: RunState, step: Step): string {
  if (step.kind === 'announce') return `*${name(step.id)}* ${name(step.title)}: announces “${filled(state, step.text, undefined, 200)}”`;
  if (step.kind === 'person') return `*${name(step.id)}* ${name(step.title)}: asks “${filled(state, step.text, undefined, 200)}”`;
  return `*${name(step.id)}* ${name(step.title)}: ${safety(step.safety)}; ${selector(step.on)}`;
}

function stepParts(state: RunState, step: Step): readonly Part[] {
  if (step.kind !== 'command') return [say(headOf(state, step))];
  const until = step.until === undefined ? '' : `\nThen waits for: ${filled(state, step.until.waiting, undefined, 200)}`;
  const script = step.run ?? step.until?.run;
  return [say(`${headOf(state, step)}${until}`), ...(script === undefined ? [] : [show(script.replace(/\n$/, ''))])];
}

function inLines(state: RunState, steps: readonly Step[]): readonly Part[] {
  const shown = steps.slice(0, LINES).map((step) => say(headOf(state, step)));
  const rest = steps.length - shown.length;
  return [...shown, say(`${rest > 0 ? `… ${rest} more steps. ` : ''}The scripts are left out here: too many steps for one message.`)];
}
