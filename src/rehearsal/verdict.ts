/** What happened against what the test expects. Pure. */
import { canonical } from '../canonical.ts';
import type { RunState } from '../run/state.ts';
import { differs, type Failure, listed } from './failure.ts';
import type { Case, Expected, FileThere } from './model.ts';
import type { Played } from './rehearse.ts';
import { RUN } from './stage.ts';
import { textsOf } from './texts.ts';
import { broken, shownSecrets, unfilledTexts, unneeded, warned } from './verdict-always.ts';
import { asksFailures, doesFailures, skippedFailures } from './verdict-course.ts';
import { endFailures } from './verdict-end.ts';

/** Nothing where the case is as expected. */
export function verdictOn(wanted: Case, played: Played): readonly Failure[] {
  const { end } = played;
  if (end.kind === 'broken') return [end.failure];
  const never = broken(played);
  if (never.length > 0) return never;
  const ending = endFailures(wanted.expected.end, end);
  // With another ending all the rest is different too, and would only hide it.
  if (ending.length > 0) return [...ending, ...warned(played)];
  if (end.kind === 'refused') return [...planFailures(wanted.expected, played), ...unneeded(played)];
  const { expected } = wanted;
  const texts = textsOf(RUN, played.recorded);
  return [
    ...doesFailures(expected, end.state, played.recorded),
    ...skippedFailures(expected, played.recorded),
    ...asksFailures(expected, played.recorded),
    ...saysFailures(expected, texts),
    ...stateFailures(expected, end.state),
    ...fileFailures(expected, played),
    ...planFailures(expected, played),
    ...shownSecrets(wanted, played),
    ...unfilledTexts(texts),
    ...warned(played),
    ...unneeded(played),
  ];
}

function saysFailures({ says, neverSays }: Expected, texts: readonly string[]): readonly Failure[] {
  const where = (wanted: string): string | undefined => texts.find((text) => text.includes(wanted));
  const check = 'the texts of the procedure';
  const unsaid = says.filter((wanted) => where(wanted) === undefined);
  const said = neverSays.filter((wanted) => where(wanted) !== undefined);
  return [
    ...unsaid.map((wanted) => differs(`the thread says “${wanted}”`, `nowhere in it. It says:\n${shown(texts)}`, `\`says\`, and ${check}`)),
    ...said.map((wanted) => differs(`the thread does not say “${wanted}”`, where(wanted) ?? '', `\`never_says\`, and ${check}`)),
  ];
}

/** One line each, for a failure: what hosts printed is in them too. */
function shown(texts: readonly string[]): string {
  return [...new Set(texts.map((text) => text.trim().split('\n')[0] ?? '').filter((line) => line !== ''))]
    .map((line) => `  ${line.slice(0, 140)}`)
    .join('\n');
}

function stateFailures({ roles, captured }: Expected, state: RunState): readonly Failure[] {
  const wrongRoles = Object.entries(roles).filter(([role, host]) => state.roles[role] !== host);
  const wrongValues = Object.entries(captured).filter(([name, value]) => shownAs(state.captured[name]) !== shownAs(value));
  const read = 'and what the hosts print';
  return [
    ...wrongRoles.map(([role, host]) =>
      differs(`the ${role} is ${host}`, state.roles[role] ?? 'nobody', `\`bind\` and \`roles\`, ${read}`),
    ),
    ...wrongValues.map(([name, value]) =>
      differs(`captured.${name} is ${shownAs(value)}`, shownAs(state.captured[name]), `\`capture\`, ${read}`),
    ),
  ];
}

function shownAs(value: unknown): string {
  return value === undefined ? 'nothing' : canonical(value);
}

function fileFailures({ leaves }: Expected, { files }: Played): readonly Failure[] {
  return Object.entries(leaves).flatMap(([host, paths]) =>
    Object.entries(paths).flatMap(([path, file]) => {
      const is = files.at(host, path) ?? { kind: 'missing' as const };
      const seen = file.kind === 'text' && is.kind === 'file' ? { kind: 'text', text: is.text } : is;
      if (canonical(seen) === canonical(file)) return [];
      return [differs(`${path} on ${host} is ${fileWords(file)}`, fileWords(is), '`copy` and `edit` of the steps, and `leaves`')];
    }),
  );
}

function fileWords(file: FileThere | { readonly kind: 'text'; readonly text: string }): string {
  switch (file.kind) {
    case 'missing':
      return 'not there';
    case 'folder':
      return 'a folder';
    case 'text':
      return `\n${file.text.slice(0, 2_000)}`;
    case 'file':
      return `${file.owner}:${file.group} ${file.mode}, ${file.bytes} bytes:\n${file.text.slice(0, 2_000)}`;
  }
}

function planFailures({ plan: expected }: Expected, { plan, recorded, end }: Played): readonly Failure[] {
  if (expected === undefined) return [];
  if (plan === undefined) return end.kind === 'refused' ? [] : [differs('a plan can be made', 'it is refused', 'the case')];
  if (expected.kind === 'problems') {
    const untold = expected.texts.filter((text) => !plan.problems.some((problem) => problem.includes(text)));
    return untold.map((text) => differs(`a problem of the plan is “${text}”`, listed(plan.problems), '`plan`'));
  }
  if (plan.problems.length > 0) return [differs('a plan without problems', listed(plan.problems), 'the steps that only look')];
  const resolved = recorded.find(({ event }) => event.kind === 'planResolved')?.event;
  if (resolved?.kind === 'planResolved' && resolved.digest === plan.digest) return [];
  const happened = 'their digests differ: between plan and run something has changed';
  return [differs('the plan is what the run does', happened, '`in_turn` of the answers to steps that only look')];
}
