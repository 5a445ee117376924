/** One expression or text against what is known at its place: that it compiles, gives the right kind of value, and speaks only of what there is. */
import { readerRoots } from '../context.ts';
import { compile, placeholders } from '../expression.ts';
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import type { Reference } from '../references.ts';
import { alwaysRead, type Scope } from '../scope.ts';
import { didYouMean, listed } from '../suggest.ts';
import type { Gives, Use } from '../uses.ts';

/** Kinds of value as CEL names them, and in words. */
const kinds: Readonly<Record<Exclude<Gives, 'any'>, { readonly types: readonly string[]; readonly words: string }>> = {
  truth: { types: ['bool', 'dyn'], words: 'true or false' },
  word: { types: ['string', 'int', 'uint', 'double', 'bool', 'dyn'], words: 'text' },
  count: { types: ['int', 'uint', 'double', 'dyn'], words: 'a number' },
  host: { types: ['string', 'dyn'], words: 'the name of a host' },
};

export function checkUse(use: Use): readonly Mistake[] {
  return use.is.kind === 'text' ? ofText(use) : ofExpression(use, use.text, use.is.gives);
}

function ofText(use: Use): readonly Mistake[] {
  const { expressions, closed } = placeholders(use.text);
  const open = mistakeAt(use.spot, 'a {{ has no matching }}', 'the braces of this text');
  return [...(closed ? [] : [open]), ...expressions.flatMap((text) => ofExpression(use, text, 'any'))];
}

function ofExpression({ spot, scope }: Use, text: string, gives: Gives): readonly Mistake[] {
  const compiled = compile(text);
  if (compiled.kind === 'bad') {
    return [mistakeAt(spot, `\`${text}\`: ${compiled.why}`, 'the expression; docs/procedure-language.md has examples')];
  }
  const references = compiled.references.flatMap((reference) => ofReference(reference, spot, scope));
  if (gives === 'any') return references;
  const { types, words } = kinds[gives];
  if (types.includes(compiled.type)) return [...references, ...ofManyHosts(text, spot, scope)];
  return [mistakeAt(spot, `\`${text}\` must give ${words}, but gives ${compiled.type}`, 'the expression'), ...references];
}

/** `captured.x` as one value, where each host of a step gave one. */
function ofManyHosts(text: string, spot: Spot, scope: Scope): readonly Mistake[] {
  const name = /^\s*captured\.(\w+)\s*$/.exec(text)?.[1];
  if (name === undefined || scope.captured.get(name)?.isPerHost !== true) return [];
  const message = `captured.${name} holds one value of each host, and here one is needed`;
  return [mistakeAt(spot, message, `which host: captured.${name}[host.name], captured.${name}[roles.<role>]`)];
}

function ofReference({ root, member }: Reference, spot: Spot, scope: Scope): readonly Mistake[] {
  if (!scope.roots.includes(root)) return [unknownRoot(root, spot, scope)];
  if (member === undefined) return root === 'secrets' ? [wholeOfSecrets(spot)] : [];
  if (root === 'roles' && scope.laterRoles.includes(member)) {
    return [mistakeAt(spot, `roles.${member} is not known yet: only a later step finds it`, 'the order of the steps, and `bind`')];
  }
  if (root === 'captured') return ofCaptured(member, spot, scope);
  const allowed = Object.hasOwn(scope.members, root) ? scope.members[root] : undefined;
  if (allowed === undefined || allowed.includes(member)) return [];
  const what = whereFrom[root] ?? `what ${root} has`;
  return [mistakeAt(spot, `there is no ${root}.${member}${didYouMean(member, allowed)}`, `${what}: ${listed(allowed)}`)];
}

function ofCaptured(name: string, spot: Spot, scope: Scope): readonly Mistake[] {
  if (scope.laterCaptured.includes(name)) {
    const message = `captured.${name} is not known yet: only this or a later step captures it`;
    return [mistakeAt(spot, message, 'the order of the steps, and `capture`')];
  }
  const kept = scope.captured.get(name);
  if (kept === undefined) {
    if (scope.isOpen) return [];
    const names = [...scope.captured.keys()];
    return [mistakeAt(spot, `there is no captured.${name}${didYouMean(name, names)}`, `what earlier steps capture: ${listed(names)}`)];
  }
  if (!scope.isSent || kept.isTyped) return [];
  const check = 'its `capture`: write { value: …, type: … }, so that only such a value gets to a host';
  return [mistakeAt(spot, `captured.${name} reaches a script and has no type`, check)];
}

function wholeOfSecrets(spot: Spot): Mistake {
  return mistakeAt(spot, 'a secret is named one by one: secrets.<name>', 'the expression');
}

const whereFrom: Readonly<Record<string, string>> = {
  params: 'what is declared under params',
  vars: 'what is declared under variables',
  secrets: 'what is declared under secrets',
  said: 'the named groups of the prompts of this step',
  peer: 'the named groups of the prompts of this step',
  match: 'the named groups of the pattern',
};

function unknownRoot(root: string, spot: Spot, scope: Scope): Mistake {
  const message = `there is no ${root} here${whyNotHere(root, scope) ?? didYouMean(root, scope.roots)}`;
  return mistakeAt(spot, message, `what can be used here: ${listed(scope.roots)}; text in an expression stands in quotation marks`);
}

const elsewhere: Readonly<Record<string, string>> = {
  secrets: 'a secret goes to a host by `env`, `answers` or `http`, and is never shown',
  said: 'only `answers` can use it',
  peer: 'only `answers` of a step on all hosts of a role can use it',
  waited: 'only `says` of a step with `until` can use it',
  captured: 'roles are found before anything is captured',
};

function whyNotHere(root: string, scope: Scope): string | undefined {
  const reader = Object.entries(readerRoots).find(([, roots]) => roots.includes(root))?.[0];
  if (reader !== undefined && scope.roots.includes('status')) return `; it needs \`read: ${reader}\``;
  if (alwaysRead.includes(root) || reader !== undefined) return '; only what follows a command can use it';
  return Object.hasOwn(elsewhere, root) ? `; ${elsewhere[root]}` : undefined;
}
