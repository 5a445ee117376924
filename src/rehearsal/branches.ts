/** The ways that a procedure can go. Pure. */
import type { CommandStep, Procedure, Step } from '../procedure/model.ts';
import { branchKeys } from './branch-keys.ts';

export type Branch = {
  readonly key: string;
  /** Steps that have it. */
  readonly steps: readonly string[];
  /** What never happens where no case takes it. */
  readonly never: string;
};

/** In the order of the steps. */
export function branchesOf(procedure: Procedure): readonly Branch[] {
  const all = procedure.steps.flatMap((step) => ofStep(procedure, step).map((each) => ({ ...each, step: step.id })));
  const keys = [...new Set(all.map(({ key }) => key))];
  return keys.map((key) => {
    const same = all.filter((each) => each.key === key);
    return { key, steps: [...new Set(same.map(({ step }) => step))], never: same[0]?.never ?? '' };
  });
}

type One = { readonly key: string; readonly never: string };

function ofStep(procedure: Procedure, step: Step): readonly One[] {
  const common = [
    { key: branchKeys.done(step), never: 'is never done' },
    ...(step.when === undefined
      ? []
      : [{ key: branchKeys.left(step), never: `is never left out because \`${short(step.when)}\` is false` }]),
  ];
  if (step.kind === 'command') return [...common, ...ofCommand(procedure, step)];
  if (step.kind === 'announce' || step.about === 'manual') return common;
  return [...common, { key: branchKeys.declined(step), never: 'is never answered with no' }];
}

function ofCommand(procedure: Procedure, step: CommandStep): readonly One[] {
  return [...beforehand(procedure, step), ...ofWork(step), ...ofChecks(step)];
}

/** What may keep the step from being started on a host. */
function beforehand(procedure: Procedure, step: CommandStep): readonly One[] {
  const { unless, unreachable, recheck, on, requires = [] } = step;
  const all: One[] = [];
  if (mayHaveNobody(procedure, step)) all.push({ key: branchKeys.nobody(step), never: `is never left out because there is no ${on.role}` });
  if (unless !== undefined) {
    all.push({ key: branchKeys.unless(step), never: `is never found not to be needed (${short(unless.saying)})` });
    all.push({ key: branchKeys.needed(step), never: 'is never found to be needed' });
  }
  if (unreachable !== undefined)
    all.push({ key: branchKeys.unreachable(step), never: `never leaves out a host that cannot be reached (${short(unreachable)})` });
  if (recheck.length > 0) all.push({ key: branchKeys.moved(step), never: `never finds that ${recheck.join(' or ')} has moved` });
  const amiss = requires.map(({ says }, index) => ({
    key: branchKeys.notReady(step, index),
    never: `never finds amiss what it requires (${short(says)})`,
  }));
  return [...all, ...amiss];
}

/** Where another step cannot do without the role, a cluster without it cannot run the procedure at all. */
function mayHaveNobody({ steps, roles }: Procedure, { on }: CommandStep): boolean {
  if (on.kind !== 'each' || Object.hasOwn(roles, on.role)) return false;
  return !steps.some(
    (step) => step.kind === 'command' && ((step.on.kind !== 'each' && step.on.role === on.role) || Object.hasOwn(step.bind, on.role)),
  );
}

function ofWork(step: CommandStep): readonly One[] {
  const acts = step.run !== undefined || step.copy !== undefined || step.edit !== undefined;
  const isTriedElsewhere = step.on.kind === 'any' && step.safety.kind === 'safe';
  return [
    ...(acts ? [{ key: branchKeys.fails(step), never: 'never has a command that fails' }] : []),
    ...(isTriedElsewhere ? [{ key: branchKeys.passedOver(step), never: 'is never tried on the next host' }] : []),
    ...(step.answers ?? []).map(({ prompt }, index) => ({
      key: branchKeys.prompt(step, index),
      never: `is never asked “${short(prompt)}”`,
    })),
  ];
}

function ofChecks(step: CommandStep): readonly One[] {
  const { until } = step;
  return [
    ...step.expect.map(({ that }, index) => ({ key: branchKeys.expect(step, index), never: `never fails because of \`${short(that)}\`` })),
    ...step.warn.map(({ that }, index) => ({ key: branchKeys.warn(step, index), never: `never warns because of \`${short(that)}\`` })),
    ...(until === undefined ? [] : [{ key: branchKeys.tooLong(step), never: `never waits in vain (for ${short(until.waiting)})` }]),
  ];
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

export type Coverage = { readonly all: readonly Branch[]; readonly missed: readonly Branch[] };

/** `taken`: the keys of all cases. */
export function coverageOf(procedure: Procedure, taken: ReadonlySet<string>): Coverage {
  const all = branchesOf(procedure);
  return { all, missed: all.filter(({ key }) => !taken.has(key)) };
}
