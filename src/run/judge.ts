/** What the end of a command means for the run. Pure: the outcome and what was printed come in, events go out. */
import { read } from '../capture/read.ts';
import { findHost } from '../inventory/hosts.ts';
import { evaluateText, evaluateTruth } from '../procedure/expression.ts';
import type { CommandStep, Reader } from '../procedure/model.ts';
import { assertNever } from './assert-never.ts';
import { contextFor, fillFor, type Setting, surroundings } from './context.ts';
import type { Outcome, Roles, RunEvent, Trouble } from './events.ts';
import { type Start, trouble } from './next.ts';
import { seenIn } from './seen.ts';
import type { RunState } from './state.ts';

/** What a command printed, whole (both streams in the order of the host). */
export type Printed = { readonly stdout: string; readonly stderr: string; readonly status: number };

export type Reading =
  | { readonly kind: 'read'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly why: string };

export type Found =
  | { readonly kind: 'holds'; readonly seen: string; readonly roles: Roles }
  | { readonly kind: 'fails'; readonly why: string };

/** The events that follow `attemptEnded`, in the same append. */
export function judge(state: RunState, step: CommandStep, start: Start, outcome: Outcome, printed: string): readonly RunEvent[] {
  const place = { step: step.id, ...start };
  const bad = badEnding(outcome);
  if (bad !== undefined)
    return [isPassedOver(state, step, start) ? { kind: 'hostPassedOver', ...place, why: bad.why } : trouble(state, step, start, bad)];
  const found = examine(state, step, start.host, { stdout: printed, stderr: '', status: 0 });
  if (found.kind === 'fails') return [trouble(state, step, start, { kind: 'failed', why: found.why })];
  const bound: readonly RunEvent[] =
    Object.keys(found.roles).length === 0 ? [] : [{ kind: 'rolesBound', step: step.id, host: start.host, roles: found.roles }];
  return [...bound, step.until === undefined ? { kind: 'hostPassed', ...place, seen: found.seen } : { kind: 'watchBegan', ...place }];
}

/** With `on: any` another host may still answer; the last one's failure is told together with the others'. */
function isPassedOver(state: RunState, step: CommandStep, start: Start): boolean {
  const current = state.steps[step.id];
  return step.on.kind === 'any' && step.safety.kind === 'safe' && current?.kind === 'open' && current.hosts[start.host] !== undefined;
}

function badEnding(outcome: Outcome): Trouble | undefined {
  switch (outcome.kind) {
    case 'finished':
      if (outcome.signal !== undefined) return { kind: 'failed', why: `the command was ended by signal ${outcome.signal}` };
      return outcome.status === 0 ? undefined : { kind: 'failed', why: `the command ended with exit status ${outcome.status}` };
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
  const reading = read(step.read, printed);
  if (reading.kind === 'unreadable') return { kind: 'fails', why: `what it printed cannot be read: ${reading.why}` };
  const host = findHost(setting.cluster, hostName);
  const context = contextFor(setting, host, reading.values);
  for (const expectation of step.expect) {
    const truth = evaluateTruth(expectation.that, context, surroundings(setting));
    const sentence = fillFor(setting, expectation.otherwise, host, reading.values);
    if (truth.kind === 'failed') return { kind: 'fails', why: `${sentence} (${truth.why})` };
    if (!truth.value) return { kind: 'fails', why: sentence };
  }
  const roles = bindRoles(setting, step.bind, hostName, reading.values);
  return roles.kind === 'fails' ? roles : { kind: 'holds', seen: seenIn(reading.values), roles: roles.roles };
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
  until: { readonly read: Reader; readonly expect: string },
  hostName: string,
  printed: Printed,
): { readonly holds: boolean; readonly seen: string } {
  const reading = read(until.read, printed);
  if (reading.kind === 'unreadable') return { holds: false, seen: `not readable yet: ${reading.why}` };
  const truth = evaluateTruth(
    until.expect,
    contextFor(setting, findHost(setting.cluster, hostName), reading.values),
    surroundings(setting),
  );
  if (truth.kind === 'failed') return { holds: false, seen: `${seenIn(reading.values)} (${truth.why})` };
  return { holds: truth.value, seen: seenIn(reading.values) };
}
