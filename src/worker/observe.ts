/** Reads the roles and the values of a cluster from its hosts, with the commands of the steps that only look. */
import { read } from '../capture/read.ts';
import { resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Setting } from '../run/context.ts';
import type { Roles } from '../run/events.ts';
import { bindRoles, type Captured, examine, type Printed } from '../run/judge.ts';
import { type Look, whyNot } from './look.ts';
import { type Need, needOn } from './need.ts';

export type Observed =
  | { readonly kind: 'seen'; readonly roles: Roles; readonly by: string; readonly captured: Captured }
  | { readonly kind: 'unseen'; readonly why: string };

/** The hosts of these roles now, as the first host that answers tells it. */
export async function observeRoles(setting: Setting, roles: readonly string[], look: Look): Promise<Observed> {
  const observed: Record<string, string> = {};
  let by = '';
  for (const step of bindersOf(setting, roles)) {
    const wanted = Object.fromEntries(Object.entries(step.bind).filter(([role]) => roles.includes(role)));
    const seen = await firstAnswer(setting, step, look, (host, printed) => rolesIn(setting, step, wanted, host, printed));
    if (seen.kind === 'unseen') return seen;
    Object.assign(observed, seen.roles);
    by = seen.by;
  }
  return { kind: 'seen', roles: observed, by, captured: {} };
}

/** A step that only looks, for a plan: with every expectation, so that the plan says what would stop the run. */
export async function discover(setting: Setting, step: CommandStep, look: Look): Promise<Observed> {
  const found = resolve(step.on, setting.cluster, setting.roles);
  if (found.kind === 'none' && step.on.kind === 'each') return { kind: 'seen', roles: {}, by: '', captured: {} };
  if (found.kind !== 'hosts') return { kind: 'unseen', why: found.why };
  const judge = (host: Host, printed: Printed): Observed => judged(setting, step, host, printed);
  if (step.on.kind === 'each' || step.on.kind === 'all') return everyAnswer(setting, found.hosts, step, look, judge);
  return firstAnswer(setting, step, look, judge);
}

function judged(setting: Setting, step: CommandStep, host: Host, printed: Printed): Observed {
  const found = examine(setting, step, host.name, printed);
  if (found.kind === 'fails') return { kind: 'unseen', why: found.why };
  return { kind: 'seen', roles: found.roles, by: host.name, captured: found.captured };
}

function bindersOf(setting: Setting, roles: readonly string[]): readonly CommandStep[] {
  return setting.procedure.steps.flatMap((step) =>
    step.kind === 'command' && Object.keys(step.bind).some((role) => roles.includes(role)) ? [step] : [],
  );
}

function rolesIn(setting: Setting, step: CommandStep, bind: Readonly<Record<string, string>>, host: Host, printed: Printed): Observed {
  const reading = read(step, printed);
  if (reading.kind === 'unreadable') return { kind: 'unseen', why: `what ${host.name} printed cannot be read: ${reading.why}` };
  const bound = bindRoles(setting, bind, host.name, reading.values);
  if (bound.kind === 'fails') return { kind: 'unseen', why: bound.why };
  return { kind: 'seen', roles: bound.roles, by: host.name, captured: {} };
}

/** Asks one host after the other; only a host that did not answer, or whose command failed, leads to the next. */
async function firstAnswer(
  setting: Setting,
  step: CommandStep,
  look: Look,
  judge: (host: Host, printed: Printed) => Observed,
): Promise<Observed> {
  const found = resolve(step.on, setting.cluster, setting.roles);
  if (found.kind !== 'hosts') return { kind: 'unseen', why: found.why };
  const silent: string[] = [];
  for (const host of found.hosts) {
    const answer = await look(host, step, step.run ?? '', step.timeoutSeconds);
    if (answer.kind === 'blocked') return { kind: 'unseen', why: answer.why };
    if (answer.kind === 'answered' && step.statuses.includes(answer.status)) return judge(host, answer);
    silent.push(`${host.name}: ${whyNot(answer)}`);
  }
  return { kind: 'unseen', why: `no host answered. ${silent.join('; ')}` };
}

/** Each host's values under its name, as the run itself keeps them; hosts on which the step is not needed have none. */
async function everyAnswer(
  setting: Setting,
  hosts: readonly Host[],
  step: CommandStep,
  look: Look,
  judge: (host: Host, printed: Printed) => Observed,
): Promise<Observed> {
  const captured: Record<string, Record<string, Captured[string]>> = {};
  for (const host of hosts) {
    const need = await needIn(setting, step, look, host);
    if (need.kind === 'unclear') return { kind: 'unseen', why: `${host.name}: ${need.why}` };
    if (need.kind === 'notNeeded') continue;
    const answer = await look(host, step, step.run ?? '', step.timeoutSeconds);
    if (answer.kind !== 'answered' || !step.statuses.includes(answer.status))
      return { kind: 'unseen', why: `${host.name}: ${whyNot(answer)}` };
    const seen = judge(host, answer);
    if (seen.kind === 'unseen') return { kind: 'unseen', why: `${host.name}: ${seen.why}` };
    for (const [name, value] of Object.entries(seen.captured)) captured[name] = { ...captured[name], [host.name]: value };
  }
  return { kind: 'seen', roles: {}, by: hosts.at(-1)?.name ?? '', captured };
}

/** Most steps have no condition of a host's own: then nothing is looked at. */
async function needIn(setting: Setting, step: CommandStep, look: Look, host: Host): Promise<Need> {
  return step.unless === undefined && step.unreachable === undefined ? { kind: 'needed' } : needOn(look, setting, step, host.name);
}
