/** Looks whether what a step requires is so, just before asking and again just before the start. Changes nothing. */
import { findHost } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep, Requirement } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import { whereLooked } from '../run/checks.ts';
import { fillFor, type Setting } from '../run/context.ts';
import type { Check } from '../run/events.ts';
import { examineUntil } from '../run/judge.ts';
import { type Look, whyNot } from './look.ts';

/** One look may take this long. */
const LOOK_SECONDS = 30;

/** Every check, in the order of the procedure; a host that gives no answer is not ok, and `seen` says why. */
export async function checksOf(look: Look, setting: Setting, step: CommandStep, hostNames: readonly string[]): Promise<readonly Check[]> {
  const own = hostNames.flatMap((name) => findHost(setting.cluster, name) ?? []);
  const all = await Promise.all((step.requires ?? []).map((requirement) => checkAll(look, setting, step, requirement, own)));
  return all.flat();
}

async function checkAll(
  look: Look,
  setting: Setting,
  step: CommandStep,
  requirement: Requirement,
  own: readonly Host[],
): Promise<readonly Check[]> {
  const where = whereLooked(setting, requirement, own);
  switch (where.kind) {
    case 'nobody':
      return [{ host: requirement.on?.role ?? '', what: fillFor(setting, requirement.says), ok: where.ok, seen: where.why }];
    case 'hosts':
      if (where.each) return Promise.all(where.hosts.map(async (host) => (await check(look, setting, step, requirement, host)).check));
      return [await firstAnswer(look, setting, step, requirement, where.hosts)];
    default:
      return assertNever(where);
  }
}

async function firstAnswer(
  look: Look,
  setting: Setting,
  step: CommandStep,
  requirement: Requirement,
  hosts: readonly Host[],
): Promise<Check> {
  const silent: string[] = [];
  for (const host of hosts) {
    const found = await check(look, setting, step, requirement, host);
    if (found.answered) return found.check;
    silent.push(`${host.name}: ${found.check.seen}`);
  }
  const what = fillFor(setting, requirement.says);
  return { host: hosts.map(({ name }) => name).join(', '), what, ok: false, seen: `no host answered. ${silent.join('; ')}` };
}

async function check(
  look: Look,
  setting: Setting,
  step: CommandStep,
  requirement: Requirement,
  host: Host,
): Promise<{ readonly answered: boolean; readonly check: Check }> {
  const what = fillFor(setting, requirement.says, host);
  const answer = await look(host, step, requirement.run, LOOK_SECONDS);
  if (answer.kind !== 'answered') return { answered: false, check: { host: host.name, what, ok: false, seen: whyNot(answer) } };
  const { holds, seen } = examineUntil(setting, requirement, host.name, answer);
  return { answered: true, check: { host: host.name, what, ok: holds, seen } };
}
