/** The plan of a run: the steps that only look are run, up to the first that does something; then it is said what a run would do. */
import { evaluateTruth } from '../procedure/expression.ts';
import type { CommandStep } from '../procedure/model.ts';
import { buildPlan } from '../run/build-plan.ts';
import { contextFor, type Setting, surroundings } from '../run/context.ts';
import type { LastTime, Plan } from '../run/plan.ts';
import type { Eyes } from './hands.ts';
import { lookFor } from './look.ts';
import { discover } from './observe.ts';

/** Takes as long as the hosts take; changes nothing on them. */
export async function planOf(
  eyes: Eyes,
  setting: Setting,
  lastTime: (procedure: string, cluster: string) => Promise<LastTime | undefined> = async () => undefined,
): Promise<Plan> {
  const problems: string[] = [];
  let known = setting;
  for (const step of lookingSteps(setting)) {
    if (!isDue(known, step)) continue;
    const found = await discover(known, step, lookFor(eyes, known));
    if (found.kind === 'unseen') {
      problems.push(`${step.id} ${step.title}: ${found.why}`);
      continue;
    }
    known = { ...known, roles: { ...known.roles, ...found.roles }, captured: { ...known.captured, ...found.captured } };
  }
  return buildPlan(known, problems, await lastTime(setting.procedure.name, setting.cluster.name));
}

function lookingSteps(setting: Setting): readonly CommandStep[] {
  const commands = setting.procedure.steps.flatMap((step) => (step.kind === 'command' ? [step] : []));
  const acting = commands.findIndex((step) => !step.readOnly);
  return acting === -1 ? commands : commands.slice(0, acting);
}

function isDue(setting: Setting, { when }: CommandStep): boolean {
  if (when === undefined) return true;
  const met = evaluateTruth(when, contextFor(setting, undefined), surroundings(setting));
  return met.kind === 'value' && met.value;
}
