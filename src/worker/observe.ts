/** Reads the roles of a cluster from its hosts, with the commands of the steps that bind them. Changes nothing anywhere. */
import { read } from '../capture/read.ts';
import { resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Setting } from '../run/context.ts';
import type { Roles } from '../run/events.ts';
import { bindRoles, examine, type Printed } from '../run/judge.ts';
import { environmentOf } from '../run/subject.ts';
import type { ProbeAnswer } from '../ssh/probe.ts';

/** Runs a read-only script on a host, outside the supervisor. */
export type Ask = (host: Host, script: string, env: Readonly<Record<string, string>>, timeoutSeconds: number) => Promise<ProbeAnswer>;

export type Observed =
  | { readonly kind: 'seen'; readonly roles: Roles; readonly by: string }
  | { readonly kind: 'unseen'; readonly why: string };

/** The hosts of these roles now, as the first host that answers tells it. */
export async function observeRoles(setting: Setting, roles: readonly string[], ask: Ask): Promise<Observed> {
  const observed: Record<string, string> = {};
  let by = '';
  for (const step of bindersOf(setting, roles)) {
    const wanted = Object.fromEntries(Object.entries(step.bind).filter(([role]) => roles.includes(role)));
    const seen = await firstAnswer(setting, step, ask, (host, printed) => rolesIn(setting, step, wanted, host, printed));
    if (seen.kind === 'unseen') return seen;
    Object.assign(observed, seen.roles);
    by = seen.by;
  }
  return { kind: 'seen', roles: observed, by };
}

/** The same for a plan: with every expectation of the step, so that the plan says what would stop the run. */
export async function discover(setting: Setting, step: CommandStep, ask: Ask): Promise<Observed> {
  return firstAnswer(setting, step, ask, (host, printed) => {
    const found = examine(setting, step, host.name, printed);
    return found.kind === 'holds' ? { kind: 'seen', roles: found.roles, by: host.name } : { kind: 'unseen', why: found.why };
  });
}

function bindersOf(setting: Setting, roles: readonly string[]): readonly CommandStep[] {
  return setting.procedure.steps.flatMap((step) =>
    step.kind === 'command' && Object.keys(step.bind).some((role) => roles.includes(role)) ? [step] : [],
  );
}

function rolesIn(setting: Setting, step: CommandStep, bind: Readonly<Record<string, string>>, host: Host, printed: Printed): Observed {
  const reading = read(step.read, printed);
  if (reading.kind === 'unreadable') return { kind: 'unseen', why: `what ${host.name} printed cannot be read: ${reading.why}` };
  const bound = bindRoles(setting, bind, host.name, reading.values);
  return bound.kind === 'bound' ? { kind: 'seen', roles: bound.roles, by: host.name } : { kind: 'unseen', why: bound.why };
}

/** Asks one host after the other; only a host that did not answer, or whose command failed, leads to the next. */
async function firstAnswer(
  setting: Setting,
  step: CommandStep,
  ask: Ask,
  look: (host: Host, printed: Printed) => Observed,
): Promise<Observed> {
  const found = resolve(step.on, setting.cluster, setting.roles);
  if (found.kind !== 'hosts') return { kind: 'unseen', why: found.why };
  const silent: string[] = [];
  for (const host of found.hosts) {
    const env = environmentOf(setting, step, host);
    if (env.kind === 'blocked') return { kind: 'unseen', why: env.why };
    const answer = await ask(host, step.run ?? '', env.value, step.timeoutSeconds);
    if (answer.kind === 'answered' && answer.status === 0) return look(host, answer);
    silent.push(`${host.name}: ${whyNot(answer)}`);
  }
  return { kind: 'unseen', why: `no host answered. ${silent.join('; ')}` };
}

/** Why a probe gave nothing to read, in words. */
export function whyNot(answer: ProbeAnswer): string {
  switch (answer.kind) {
    case 'answered':
      return `exit status ${answer.status}: ${lastLine(answer.stderr) || lastLine(answer.stdout) || 'nothing was printed'}`;
    case 'refused':
      return `${answer.why.message} Check: ${answer.why.check}`;
    case 'lost':
      return `the connection broke: ${answer.why}`;
    case 'timedOut':
      return 'no answer within the time limit';
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
