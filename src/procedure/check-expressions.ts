/** Expressions and display texts of the steps: that they compile, give the right kind of value, and speak only of what there is. */
import { members, readerRoots, worldRoots } from './context.ts';
import { compile, placeholders } from './expression.ts';
import type { Path } from './finding.ts';
import type { Mistake } from './mistake.ts';
import type { Reader } from './model.ts';
import type { Placed, PlacedCommand } from './place.ts';
import type { Reference } from './references.ts';
import type { ProcedureSource } from './source-schema.ts';
import { didYouMean, listed } from './suggest.ts';

/** What an expression may speak of at its place. */
type Scope = {
  readonly roots: readonly string[];
  readonly params: readonly string[];
  readonly vars: readonly string[];
  /** Roles that only a later step finds. */
  readonly later: readonly string[];
};
type Use = { readonly path: Path; readonly text: string; readonly scope: Scope };

const truth = ['bool', 'dyn'];
const word = ['string', 'int', 'uint', 'double', 'bool', 'dyn'];
const alwaysRead = ['status', 'stdout', 'stderr'];

export function checkExpressions(source: ProcedureSource, steps: readonly Placed[]): readonly Mistake[] {
  return steps.flatMap((step, index) => {
    const scope: Scope = {
      roots: worldRoots,
      params: Object.keys(source.params ?? {}),
      vars: Object.keys(source.variables ?? {}),
      later: rolesBoundLater(steps, index),
    };
    return step.kind === 'command' ? ofCommand(step, scope) : ofAnnounce(step.source, step.at, scope);
  });
}

/** Roles that a step from here on binds and none before. */
function rolesBoundLater(steps: readonly Placed[], index: number): readonly string[] {
  const bound = (some: readonly Placed[]) => some.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : []));
  const earlier = bound(steps.slice(0, index));
  return bound(steps.slice(index)).filter((role) => !earlier.includes(role));
}

function ofAnnounce(source: { readonly announce: string; readonly when?: string | undefined }, at: Path, scope: Scope): readonly Mistake[] {
  return [...ofWhen(source.when, at, scope), ...ofText({ path: [...at, 'announce'], text: source.announce, scope })];
}

function ofWhen(when: string | undefined, at: Path, scope: Scope): readonly Mistake[] {
  return when === undefined ? [] : ofExpression({ path: [...at, 'when'], text: when, scope }, truth, 'true or false');
}

function ofCommand(step: PlacedCommand, scope: Scope): readonly Mistake[] {
  const here = { ...scope, roots: [...scope.roots, 'host'] };
  const { env = {}, bind = {} } = step.source;
  const after = reading(here, step.source.read);
  return [
    ...ofWhen(step.source.when, step.at, scope),
    ...Object.entries(env).flatMap(([name, text]) => ofExpression({ path: step.envPlaceOf(name), text, scope: here }, word, 'text')),
    ...ofExpect(step, after),
    ...Object.entries(bind).flatMap(([role, text]) =>
      ofExpression({ path: [...step.placeOf('bind'), role], text, scope: after }, word, 'the name of a host'),
    ),
    ...ofUntil(step, here),
    ...ofTexts(step, scope, here),
  ];
}

function reading(scope: Scope, reader: Reader = 'text'): Scope {
  return { ...scope, roots: [...scope.roots, ...alwaysRead, ...readerRoots[reader]] };
}

function ofExpect(step: PlacedCommand, scope: Scope): readonly Mistake[] {
  const { expect } = step.source;
  const path = step.placeOf('expect');
  if (expect === undefined) return [];
  if (typeof expect === 'string') return ofExpression({ path, text: expect, scope }, truth, 'true or false');
  return expect.flatMap((each, index) => [
    ...ofExpression({ path: [...path, index, 'that'], text: each.that, scope }, truth, 'true or false'),
    ...ofText({ path: [...path, index, 'else'], text: each.else, scope }),
  ]);
}

function ofUntil(step: PlacedCommand, scope: Scope): readonly Mistake[] {
  const { until } = step.source;
  if (until === undefined) return [];
  const path = step.placeOf('until');
  return [
    ...ofExpression({ path: [...path, 'expect'], text: until.expect, scope: reading(scope, until.read) }, truth, 'true or false'),
    ...ofText({ path: [...path, 'waiting'], text: until.waiting, scope }),
  ];
}

/** Title, reason and question speak of the step as a whole; undo and advice of one host. */
function ofTexts(step: PlacedCommand, whole: Scope, here: Scope): readonly Mistake[] {
  const { title, unsafe, gate, undo, advice, retry } = step.source;
  const instead = typeof retry === 'object' ? retry.forbidden : undefined;
  const texts: readonly (readonly [string, string | undefined, Scope])[] = [
    ['title', title, whole],
    ['unsafe', unsafe, whole],
    ['gate', gate, whole],
    ['undo', undo, here],
    ['advice', advice, here],
    ['retry', instead, here],
  ];
  return texts.flatMap(([key, text, scope]) => (text === undefined ? [] : ofText({ path: step.placeOf(key), text, scope })));
}

/** Also for texts outside steps. */
function ofText(use: Use): readonly Mistake[] {
  const { expressions, closed } = placeholders(use.text);
  const open = { path: use.path, message: 'a {{ has no matching }}', check: 'the braces of this text' };
  return [...(closed ? [] : [open]), ...expressions.flatMap((text) => ofExpression({ ...use, text }, undefined, ''))];
}

function ofExpression(use: Use, types: readonly string[] | undefined, kind: string): readonly Mistake[] {
  const compiled = compile(use.text);
  if (compiled.kind === 'bad')
    return [
      { path: use.path, message: `\`${use.text}\`: ${compiled.why}`, check: 'the expression; docs/procedure-language.md has examples' },
    ];
  const wrongReference = compiled.references.flatMap((reference) => ofReference(reference, use));
  if (types === undefined || types.includes(compiled.type)) return wrongReference;
  const wrongType = { path: use.path, message: `\`${use.text}\` must give ${kind}, but gives ${compiled.type}`, check: 'the expression' };
  return [wrongType, ...wrongReference];
}

function ofReference({ root, member }: Reference, { path, scope }: Use): readonly Mistake[] {
  if (!scope.roots.includes(root)) return [unknownRoot(root, path, scope)];
  if (member === undefined) return [];
  const allowed = root === 'params' ? scope.params : root === 'vars' ? scope.vars : members[root];
  if (root === 'roles' && scope.later.includes(member)) {
    return [{ path, message: `roles.${member} is not known yet: only a later step finds it`, check: 'the order of the steps, and `bind`' }];
  }
  if (allowed === undefined || allowed.includes(member)) return [];
  const what = declared[root] ?? `what ${root} has`;
  return [{ path, message: `there is no ${root}.${member}${didYouMean(member, allowed)}`, check: `${what}: ${listed(allowed)}` }];
}

const declared: Readonly<Record<string, string>> = { params: 'what is declared under params', vars: 'what is declared under variables' };

function unknownRoot(root: string, path: Path, scope: Scope): Mistake {
  const reader = Object.entries(readerRoots).find(([, roots]) => roots.includes(root))?.[0];
  const isReading = alwaysRead.includes(root) || reader !== undefined;
  const why =
    reader !== undefined && scope.roots.includes('status')
      ? `; it needs \`read: ${reader}\``
      : isReading
        ? '; only what follows a command can use it'
        : '';
  const message = `there is no ${root} here${why === '' ? didYouMean(root, scope.roots) : why}`;
  return { path, message, check: `what can be used here: ${listed(scope.roots)}; text in an expression stands in quotation marks` };
}
