/** What a procedure makes use of, by kind and name, and what it declares for nobody. */
import { compile, placeholders } from '../expression.ts';
import { below, type Placed, roleOf } from '../place.ts';
import type { AnyStep } from '../source-schema.ts';
import type { Use } from '../uses.ts';
import { groupOf, piecesOf, type Whole } from '../whole.ts';
import { type Alarm, alarm } from './alarm.ts';

/** `shared stop`, `params.host`, `captured.lag`, `roles.leader`; `params` where it is used as a whole. */
export type Used = ReadonlySet<string>;

export function usedIn(whole: Whole, steps: readonly Placed[], uses: readonly Use[]): Used {
  const expressions = uses.flatMap(({ text, is }) => (is.kind === 'text' ? placeholders(text).expressions : [text]));
  return new Set([
    ...expressions.flatMap(spokenOf),
    ...groupsIn(whole, whole.own.steps, []).map((name) => `groups ${name}`),
    ...steps.flatMap((step) => namedBy(whole, step)),
  ]);
}

function spokenOf(expression: string): readonly string[] {
  const compiled = compile(expression);
  if (compiled.kind === 'bad') return [];
  return compiled.references.map(({ root, member }) => (member === undefined ? root : `${root}.${member}`));
}

function groupsIn(whole: Whole, steps: readonly AnyStep[], open: readonly string[]): readonly string[] {
  return steps.flatMap((step) => {
    if ('phase' in step) return groupsIn(whole, step.steps, open);
    if (!('group' in step) || open.includes(step.group)) return [];
    return [step.group, ...groupsIn(whole, groupOf(whole, step.group)?.steps ?? [], [...open, step.group])];
  });
}

function namedBy(whole: Whole, step: Placed): readonly string[] {
  if (step.kind === 'manual') return step.source.exchanges === undefined ? [] : [`roles.${step.source.exchanges}`];
  if (step.kind !== 'command') return [];
  const { use, shell, copy, on, requires = [] } = step.source;
  return [
    `roles.${roleOf(on)}`,
    ...requires.flatMap(({ on: where }) => (where === undefined ? [] : [`roles.${roleOf(where)}`])),
    ...(copy === undefined ? [] : [`roles.${copy.from}`]),
    ...piecesOf(whole, use).map(({ at }) => `shared ${at.path.at(-1)}`),
    ...(shell === undefined ? [] : [`shells ${shell}`]),
  ];
}

/** Sections of a file, how their entries are spoken of, and what they are called. */
const sections = [
  { section: 'params', as: 'params.', what: 'parameter' },
  { section: 'variables', as: 'vars.', what: 'variable' },
  { section: 'secrets', as: 'secrets.', what: 'secret' },
  { section: 'roles', as: 'roles.', what: 'role' },
  { section: 'shells', as: 'shells ', what: 'shell' },
  { section: 'shared', as: 'shared ', what: 'shared entry' },
  { section: 'groups', as: 'groups ', what: 'group' },
] as const;

type Entry = { readonly section: string; readonly name: string; readonly what: string };

/** Entries of a procedure or library that none of the users uses. */
export function unusedEntries(source: Readonly<Record<string, unknown>>, users: readonly Used[]): readonly Entry[] {
  return sections.flatMap(({ section, as, what }) => {
    const entries = source[section];
    const names = typeof entries === 'object' && entries !== null ? Object.keys(entries) : [];
    const root = as.slice(0, -1);
    const isUsed = (name: string) => users.some((used) => used.has(`${as}${name}`) || (as.endsWith('.') && used.has(root)));
    return names.filter((name) => !isUsed(name)).map((name) => ({ section, name, what }));
  });
}

/** What stands in the file itself; what a library lends is for others too. */
export function unused(whole: Whole, steps: readonly Placed[], used: Used): readonly Alarm[] {
  const entries = unusedEntries(whole.own, [used]).map(({ section, name, what }) =>
    alarm(
      'unused',
      { path: [section, name], isKey: true },
      `nothing uses the ${what} ${name}`,
      'leave it out; or whether it is misspelt where it is meant',
    ),
  );
  return [...entries, ...captures(steps, used)];
}

function captures(steps: readonly Placed[], used: Used): readonly Alarm[] {
  if (used.has('captured')) return [];
  return steps.flatMap((step) => {
    if (step.kind !== 'command') return [];
    const spot = step.placeOf('capture');
    const names = Object.keys(step.source.capture ?? {}).filter((name) => spot.library === undefined && !used.has(`captured.${name}`));
    const check = 'leave it out; `says` shows a value in the thread';
    return names.map((name) => alarm('unused', { ...below(spot, name), isKey: true }, `no later step uses the captured ${name}`, check));
  });
}
