/** What the end of a command means for the run. Pure: the outcome and what was printed come in, events go out. */
import { z } from 'zod';
import { read } from '../capture/read.ts';
import { findHost } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import { type Context, evaluate, evaluateText, evaluateTruth } from '../procedure/expression.ts';
import { quoted } from '../procedure/finding.ts';
import type { CaptureType, CommandStep, Expectation, Reader } from '../procedure/model.ts';
import { checkValue } from '../procedure/value-types.ts';
import { assertNever } from './assert-never.ts';
import { contextFor, fillFor, type Setting, surroundings } from './context.ts';
import type { EventOf, Outcome, Roles, RunEvent, Trouble } from './events.ts';
import { trouble } from './trouble.ts';
import { seenIn } from './seen.ts';
import type { Start } from './start.ts';
import type { RunState } from './state.ts';

/** What a command printed, whole (both streams in the order of the host). */
export type Printed = { readonly stdout: string; readonly stderr: string; readonly status: number };

export type Reading =
  | { readonly kind: 'read'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Values by name, as JSON has them. */
export type Captured = EventOf<'valuesCaptured'>['values'];

export type Found =
  | {
      readonly kind: 'holds';
      readonly seen: string;
      readonly roles: Roles;
      readonly captured: Captured;
      /** What should hold and does not. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'fails'; readonly why: string };

/** The events that follow `attemptEnded`, in the same append. */
export function judge(state: RunState, step: CommandStep, start: Start, outcome: Outcome, printed: string): readonly RunEvent[] {
  const place = { step: step.id, ...start };
  const bad = badEnding(step, outcome);
  if (bad !== undefined)
    return [isPassedOver(state, step, start) ? { kind: 'hostPassedOver', ...place, why: bad.why } : trouble(state, step, start, bad)];
  const found = examine(state, step, start.host, { stdout: printed, stderr: '', status: statusOf(outcome) });
  if (found.kind === 'fails') return [trouble(state, step, start, { kind: 'failed', why: found.why })];
  const bound: readonly RunEvent[] =
    Object.keys(found.roles).length === 0 ? [] : [{ kind: 'rolesBound', step: step.id, host: start.host, roles: found.roles }];
  const captured: readonly RunEvent[] =
    Object.keys(found.captured).length === 0 ? [] : [{ kind: 'valuesCaptured', step: step.id, host: start.host, values: found.captured }];
  if (step.until !== undefined) return [...bound, ...captured, { kind: 'watchBegan', ...place }];
  const warnings = found.warnings.length === 0 ? {} : { warnings: [...found.warnings] };
  return [...bound, ...captured, { kind: 'hostPassed', ...place, seen: found.seen, ...warnings }];
}

function statusOf(outcome: Outcome): number {
  return outcome.kind === 'finished' ? outcome.status : -1;
}

/** With `on: any` another host may still answer; the last one's failure is told together with the others'. */
function isPassedOver(state: RunState, step: CommandStep, start: Start): boolean {
  const current = state.steps[step.id];
  return step.on.kind === 'any' && step.safety.kind === 'safe' && current?.kind === 'open' && current.hosts[start.host] !== undefined;
}

function badEnding(step: CommandStep, outcome: Outcome): Trouble | undefined {
  switch (outcome.kind) {
    case 'finished':
      if (step.statuses.includes(outcome.status)) return undefined;
      if (outcome.signal !== undefined) return { kind: 'failed', why: `the command was ended by signal ${outcome.signal}` };
      return { kind: 'failed', why: `the command ended with exit status ${outcome.status}` };
    case 'refused':
      return { kind: 'failed', why: `the command never began: ${outcome.message} Check: ${outcome.check}` };
    case 'timedOut':
      return { kind: 'failed', why: `the command took longer than its limit and was ended on the host; ${remains(outcome.remaining)}` };
    case 'cancelled':
      return { kind: 'failed', why: `the command was ended by a cancel; ${remains(outcome.remaining)}` };
    case 'lost':
      return { kind: 'unknown', why: `the command began, and its end cannot be seen: ${outcome.why}` };
    default:
      return assertNever(outcome);
  }
}

function remains(remaining: readonly string[]): string {
  return remaining.length === 0 ? 'nothing of it is left running' : `still running: ${remaining.join(', ')}`;
}

/** Reads what a command printed, holds it against what is expected, and finds the hosts of the roles that it binds. */
export function examine(setting: Setting, step: CommandStep, hostName: string, printed: Printed): Found {
  const reading = read(step, printed);
  if (reading.kind === 'unreadable') return { kind: 'fails', why: `what it printed cannot be read: ${reading.why}` };
  const host = findHost(setting.cluster, hostName);
  const context = contextFor(setting, host, reading.values);
  const broken = firstBroken(setting, step, host, reading.values);
  if (broken !== undefined) return { kind: 'fails', why: broken };
  const roles = bindRoles(setting, step.bind, hostName, reading.values);
  if (roles.kind === 'fails') return roles;
  const captured = capture(setting, step, context);
  if (captured.kind === 'fails') return captured;
  const seen =
    step.says === undefined || step.until !== undefined ? seenIn(reading.values) : fillFor(setting, step.says, host, reading.values);
  return { kind: 'holds', seen, roles: roles.roles, captured: captured.values, warnings: warningsOf(setting, step, host, reading.values) };
}

type Values = Readonly<Record<string, unknown>>;

/** The sentence of the first expectation that does not hold. */
function firstBroken(setting: Setting, step: CommandStep, host: Host | undefined, values: Values): string | undefined {
  for (const expectation of step.expect) {
    const broken = whyBroken(setting, expectation, host, values);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function warningsOf(setting: Setting, step: CommandStep, host: Host | undefined, values: Values): readonly string[] {
  return step.warn.flatMap((expectation) => whyBroken(setting, expectation, host, values) ?? []);
}

function whyBroken(setting: Setting, expectation: Expectation, host: Host | undefined, values: Values): string | undefined {
  const truth = evaluateTruth(expectation.that, contextFor(setting, host, values), surroundings(setting));
  if (truth.kind === 'value' && truth.value) return undefined;
  const sentence = fillFor(setting, expectation.otherwise, host, values);
  return truth.kind === 'failed' ? `${sentence} (${truth.why})` : sentence;
}

/** What is to be kept for later steps; a value that is not of its type never gets further. */
function capture(
  setting: Setting,
  step: CommandStep,
  context: Context,
): { readonly kind: 'captured'; readonly values: Captured } | { readonly kind: 'fails'; readonly why: string } {
  const values: Captured = {};
  for (const [name, { value: expression, type }] of Object.entries(step.capture)) {
    const found = evaluate(expression, context, surroundings(setting));
    if (found.kind === 'failed') return { kind: 'fails', why: `${name} cannot be read: ${found.why}` };
    const plain = jsonSchema.safeParse(found.value);
    if (!plain.success) return { kind: 'fails', why: `${name} is of a kind that cannot be kept` };
    const must = type === undefined ? undefined : whyNot(type, plain.data, setting);
    if (must !== undefined) return { kind: 'fails', why: `${name} ${must}; it is ${quoted(plain.data)}` };
    values[name] = plain.data;
  }
  return { kind: 'captured', values };
}

const jsonSchema = z.json();
const LONGEST_CAPTURED = 4_096;

function whyNot(type: CaptureType, value: unknown, setting: Setting): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return 'must be text or a number';
  const kind = type === 'text' ? ({ type, maxLength: LONGEST_CAPTURED } as const) : ({ type } as const);
  const checked = checkValue(kind, String(value), setting.cluster.hosts);
  return checked.kind === 'ok' ? undefined : checked.must;
}

/** The inventory host of each role, from what was read. */
export function bindRoles(
  setting: Setting,
  bind: Readonly<Record<string, string>>,
  hostName: string,
  values: Readonly<Record<string, unknown>>,
): { readonly kind: 'bound'; readonly roles: Roles } | { readonly kind: 'fails'; readonly why: string } {
  const context = contextFor(setting, findHost(setting.cluster, hostName), values);
  const roles: Record<string, string> = {};
  for (const [role, expression] of Object.entries(bind)) {
    const named = evaluateText(expression, context, surroundings(setting));
    if (named.kind === 'failed') return { kind: 'fails', why: `the ${role} cannot be found: ${named.why}` };
    const host = findHost(setting.cluster, named.value);
    if (host === undefined)
      return { kind: 'fails', why: `the ${role} is ${named.value}, which the cluster file does not know by any name or alias` };
    roles[role] = host.name;
  }
  return { kind: 'bound', roles };
}

/** One reading of `until`: does it hold, and what was seen. */
export function examineUntil(
  setting: Setting,
  until: { readonly read: Reader; readonly pattern?: string | undefined; readonly expect: string },
  hostName: string,
  printed: Printed,
): { readonly holds: boolean; readonly seen: string; readonly values?: Values } {
  const reading = read(until, printed);
  if (reading.kind === 'unreadable') return { holds: false, seen: `${failure(printed)}not readable yet: ${reading.why}` };
  const truth = evaluateTruth(
    until.expect,
    contextFor(setting, findHost(setting.cluster, hostName), reading.values),
    surroundings(setting),
  );
  if (truth.kind === 'failed') return { holds: false, seen: `${seenIn(reading.values)} (${truth.why})` };
  return { holds: truth.value, seen: seenIn(reading.values), values: reading.values };
}

/** Why there was nothing to read: the program's own last words. */
function failure({ status, stderr }: Printed): string {
  if (status === 0) return '';
  const words = stderr.trim().split('\n').at(-1) ?? '';
  return `exit status ${status}${words === '' ? '' : ` (${words})`}, `;
}
