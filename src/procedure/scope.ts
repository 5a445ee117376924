/** One expression or text against what is known at its place: that it compiles, gives the right kind of value, and speaks only of what there is. */
import { members, readerRoots } from './context.ts';
import { compile, placeholders } from './expression.ts';
import { type Mistake, mistakeAt, type Spot } from './mistake.ts';
import type { Reader } from './model.ts';
import type { Reference } from './references.ts';
import { didYouMean, listed } from './suggest.ts';

/** What an expression may speak of at its place. */
export type Scope = {
  readonly roots: readonly string[];
  readonly params: readonly string[];
  readonly vars: readonly string[];
  readonly secrets: readonly string[];
  /** Roles that only a later step finds. */
  readonly laterRoles: readonly string[];
  readonly captured: readonly string[];
  /** Those of `captured` that were declared with a type. */
  readonly typed: readonly string[];
  readonly laterCaptured: readonly string[];
  /** The value goes to a host. */
  readonly sent?: boolean;
};
export type Use = { readonly spot: Spot; readonly text: string; readonly scope: Scope };

export const truth = ['bool', 'dyn'];
export const count = ['int', 'uint', 'double', 'dyn'];
export const word = ['string', 'int', 'uint', 'double', 'bool', 'dyn'];
const alwaysRead = ['status', 'stdout', 'stderr'];

export function withRoots(scope: Scope, ...roots: readonly string[]): Scope {
  return { ...scope, roots: [...scope.roots, ...roots] };
}

/** What is known once a command was read. */
export function reading(scope: Scope, reader: Reader = 'text'): Scope {
  return withRoots(scope, ...alwaysRead, ...readerRoots[reader]);
}

export function ofText(use: Use): readonly Mistake[] {
  const { expressions, closed } = placeholders(use.text);
  const open = mistakeAt(use.spot, 'a {{ has no matching }}', 'the braces of this text');
  return [...(closed ? [] : [open]), ...expressions.flatMap((text) => ofExpression({ ...use, text }, undefined, ''))];
}

/** `types`: what it may give, as CEL names it; `kind` the same in words. */
export function ofExpression(use: Use, types: readonly string[] | undefined, kind: string): readonly Mistake[] {
  const compiled = compile(use.text);
  if (compiled.kind === 'bad')
    return [mistakeAt(use.spot, `\`${use.text}\`: ${compiled.why}`, 'the expression; docs/procedure-language.md has examples')];
  const wrongReference = compiled.references.flatMap((reference) => ofReference(reference, use));
  if (types === undefined || types.includes(compiled.type)) return wrongReference;
  const wrongType = mistakeAt(use.spot, `\`${use.text}\` must give ${kind}, but gives ${compiled.type}`, 'the expression');
  return [wrongType, ...wrongReference];
}

function ofReference({ root, member }: Reference, { spot, scope }: Use): readonly Mistake[] {
  if (!scope.roots.includes(root)) return [unknownRoot(root, spot, scope)];
  if (member === undefined) return root === 'secrets' ? [wholeOfSecrets(spot)] : [];
  if (root === 'roles' && scope.laterRoles.includes(member)) {
    return [mistakeAt(spot, `roles.${member} is not known yet: only a later step finds it`, 'the order of the steps, and `bind`')];
  }
  if (root === 'captured') return ofCaptured(member, spot, scope);
  const allowed = allowedIn(root, scope);
  if (allowed === undefined || allowed.includes(member)) return [];
  const what = declared[root] ?? `what ${root} has`;
  return [mistakeAt(spot, `there is no ${root}.${member}${didYouMean(member, allowed)}`, `${what}: ${listed(allowed)}`)];
}

function allowedIn(root: string, scope: Scope): readonly string[] | undefined {
  switch (root) {
    case 'params':
      return scope.params;
    case 'vars':
      return scope.vars;
    case 'secrets':
      return scope.secrets;
    default:
      return members[root];
  }
}

function ofCaptured(name: string, spot: Spot, scope: Scope): readonly Mistake[] {
  if (scope.laterCaptured.includes(name)) {
    return [
      mistakeAt(spot, `captured.${name} is not known yet: only this or a later step captures it`, 'the order of the steps, and `capture`'),
    ];
  }
  if (!scope.captured.includes(name)) {
    const message = `there is no captured.${name}${didYouMean(name, scope.captured)}`;
    return [mistakeAt(spot, message, `what earlier steps capture: ${listed(scope.captured)}`)];
  }
  if (scope.sent !== true || scope.typed.includes(name)) return [];
  const check = 'its `capture`: write { value: …, type: … }, so that only such a value gets to a host';
  return [mistakeAt(spot, `captured.${name} reaches a script and has no type`, check)];
}

function wholeOfSecrets(spot: Spot): Mistake {
  return mistakeAt(spot, 'a secret is named one by one: secrets.<name>', 'the expression');
}

const declared: Readonly<Record<string, string>> = {
  params: 'what is declared under params',
  vars: 'what is declared under variables',
  secrets: 'what is declared under secrets',
};

function unknownRoot(root: string, spot: Spot, scope: Scope): Mistake {
  const message = `there is no ${root} here${whyNotHere(root, scope) ?? didYouMean(root, scope.roots)}`;
  return mistakeAt(spot, message, `what can be used here: ${listed(scope.roots)}; text in an expression stands in quotation marks`);
}

function whyNotHere(root: string, scope: Scope): string | undefined {
  const reader = Object.entries(readerRoots).find(([, roots]) => roots.includes(root))?.[0];
  if (reader !== undefined && scope.roots.includes('status')) return `; it needs \`read: ${reader}\``;
  if (alwaysRead.includes(root) || reader !== undefined) return '; only what follows a command can use it';
  if (root === 'secrets') return '; a secret goes to a host by `env`, `answers` or `http`, and is never shown';
  if (root === 'said' || root === 'peer') return '; only `answers` can use it';
  return root === 'waited' ? '; only `says` of a step with `until` can use it' : undefined;
}
