/** Names of branches: equal where two steps say and do the same, so that what stands once under `shared` is one branch. Pure. */
import { digestOf } from '../canonical.ts';
import type { CommandStep, Step } from '../procedure/model.ts';

function keyOf(kind: string, what: unknown): string {
  return `${kind}:${digestOf(what).slice(0, 16)}`;
}

/** What a step does on its host. */
function workOf({ run, copy, edit, shell, become, advice, retry }: CommandStep): unknown {
  return { run, copy, edit, shell, become, advice, retry };
}

export const branchKeys = {
  done: ({ id }: Step) => keyOf('done', id),
  left: ({ when }: Step) => keyOf('left', when),
  declined: ({ id }: Step) => keyOf('declined', id),
  unless: ({ unless }: CommandStep) => keyOf('unless', unless),
  needed: ({ unless }: CommandStep) => keyOf('needed', unless),
  notReady: ({ requires }: CommandStep, index: number) => keyOf('notReady', requires?.[index]),
  unreachable: ({ unreachable }: CommandStep) => keyOf('unreachable', unreachable),
  passedOver: (step: CommandStep) => keyOf('passedOver', [step.on, workOf(step)]),
  nobody: ({ on }: CommandStep) => keyOf('nobody', on),
  moved: ({ recheck }: CommandStep) => keyOf('moved', recheck),
  fails: (step: CommandStep) => keyOf('fails', workOf(step)),
  expect: (step: CommandStep, index: number) => keyOf('expect', [workOf(step), step.expect[index]]),
  warn: (step: CommandStep, index: number) => keyOf('warn', [workOf(step), step.warn[index]]),
  tooLong: ({ until }: CommandStep) => keyOf('tooLong', until),
  prompt: (step: CommandStep, index: number) => keyOf('prompt', [workOf(step), step.answers?.[index]]),
} as const;
