/**
 * CEL, as procedures use it. Four functions of our own: `only(list)` gives the sole element of a list, `known(name)` says whether the inventory
 * has a host of that name, `host_named(name)` gives it, `at_least(version, version)` compares versions number by number. Nothing here throws for
 * what an expression contains; a failure is a value with the reason in plain words.
 */
import { type ASTNode, TypeError as CelTypeError, Environment, EvaluationError, ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { findNamed, type NamedHost, visibleHost } from './names.ts';
import { type Reference, referencesOf } from './references.ts';
import { display, fromCel, type Plain, toCel } from './values.ts';
import { isAtLeast } from './version.ts';

/** Functions of our own, beside those of CEL. */
export const functions = ['only', 'known', 'host_named', 'at_least'] as const;

/** `known(name)` asks these; without them no name is known. */
export type Surroundings = { readonly hosts?: readonly NamedHost[] };
export type Context = Readonly<Record<string, unknown>>;
export type Compiled =
  | { readonly kind: 'ok'; readonly references: readonly Reference[]; readonly type: string }
  | { readonly kind: 'bad'; readonly why: string };
export type Evaluated<T = unknown> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'failed'; readonly why: string };

/** Whether the text is an expression, what it refers to, and its type as far as it can be told (`dyn` where it cannot). */
export function compile(text: string): Compiled {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  if (compiled.size >= MOST_KNOWN) compiled.clear();
  const made = compileAnew(text);
  compiled.set(text, made);
  return made;
}

/** The same few hundred expressions are checked at every load, in every step that shares them. */
const compiled = new Map<string, Compiled>();
const MOST_KNOWN = 5_000;

function compileAnew(text: string): Compiled {
  try {
    const parsed = environment({}).parse(text);
    const checked = parsed.check();
    if (!checked.valid) return { kind: 'bad', why: inWords(checked.error) };
    return { kind: 'ok', references: referencesOf(parsed.ast), type: checked.type ?? 'dyn' };
  } catch (error) {
    return { kind: 'bad', why: inWords(error) };
  }
}

/** The syntax tree of an expression; undefined when it does not compile. */
export function syntaxOf(text: string): ASTNode | undefined {
  try {
    return environment({}).parse(text).ast;
  } catch {
    return undefined;
  }
}

/** To evaluate one expression many times. The text must compile. */
export function evaluator(text: string): (context: Context) => Evaluated {
  const parsed: ParseResult = environment({}).parse(text);
  return (context) => {
    try {
      const plain: Plain = fromCel(parsed(celContext(context)));
      return plain;
    } catch (error) {
      return { kind: 'failed', why: `\`${text}\`: ${inWords(error)}` };
    }
  };
}

/** The value, whole numbers as numbers (as text beyond 2^53). */
export function evaluate(text: string, context: Context, around: Surroundings = {}): Evaluated {
  try {
    const parsed: ParseResult = environment(around).parse(text);
    const value: unknown = parsed(celContext(context));
    const plain: Plain = fromCel(value);
    return plain;
  } catch (error) {
    return { kind: 'failed', why: `\`${text}\`: ${inWords(error)}` };
  }
}

/** For `env` and `bind`: text, a number or a truth value, as text. */
export function evaluateText(text: string, context: Context, around?: Surroundings): Evaluated<string> {
  const evaluated = evaluate(text, context, around);
  if (evaluated.kind === 'failed') return evaluated;
  const { value } = evaluated;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'value', value: String(value) };
  return { kind: 'failed', why: `\`${text}\` must give text, but gives ${Array.isArray(value) ? 'a list' : display(value)}` };
}

/** For `expect`, `until` and `when`: true or false and nothing else. */
export function evaluateTruth(text: string, context: Context, around?: Surroundings): Evaluated<boolean> {
  const evaluated = evaluate(text, context, around);
  if (evaluated.kind === 'failed') return evaluated;
  if (typeof evaluated.value === 'boolean') return { kind: 'value', value: evaluated.value };
  return { kind: 'failed', why: `\`${text}\` must be true or false, but gives ${display(evaluated.value).slice(0, 200)}` };
}

/** The names that the expression takes from outside; none when it does not compile. */
export function roots(text: string): readonly string[] {
  const compiled = compile(text);
  return compiled.kind === 'ok' ? [...new Set(compiled.references.map(({ root }) => root))] : [];
}

/** Text for people with each `{{ CEL }}` filled in; one that fails stays visible as ‹why›. */
export function fill(text: string, context: Context, around?: Surroundings): string {
  return text.replaceAll(placeholder, (_whole, inside: string) => {
    const evaluated = evaluate(inside.trim(), context, around);
    return evaluated.kind === 'value' ? display(evaluated.value) : `‹${evaluated.why}›`;
  });
}

/** The expressions inside `{{ }}`, and whether every `{{` has its end. */
export function placeholders(text: string): { readonly expressions: readonly string[]; readonly closed: boolean } {
  const expressions = [...text.matchAll(placeholder)].map((match) => (match[1] ?? '').trim());
  return { expressions, closed: !text.replaceAll(placeholder, '').includes('{{') };
}

const placeholder = /\{\{((?:(?!\{\{|\}\})[\s\S])*)\}\}/g;

const cache = new WeakMap<readonly NamedHost[], Environment>();
const nobody: readonly NamedHost[] = [];

function environment({ hosts = nobody }: Surroundings): Environment {
  const made = cache.get(hosts) ?? makeEnvironment(hosts);
  cache.set(hosts, made);
  return made;
}

function makeEnvironment(hosts: readonly NamedHost[]): Environment {
  return new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 60 },
  })
    .registerFunction('only(list): dyn', (list: unknown) => only(list))
    .registerFunction('known(dyn): bool', (name: unknown) => typeof name === 'string' && findNamed(hosts, name) !== undefined)
    .registerFunction('host_named(dyn): dyn', (name: unknown) => hostNamed(hosts, name))
    .registerFunction('at_least(dyn, dyn): bool', (version: unknown, least: unknown) => compared(version, least));
}

function hostNamed(hosts: readonly NamedHost[], name: unknown): unknown {
  const host = typeof name === 'string' ? findNamed(hosts, name) : undefined;
  if (host === undefined) throw new OwnError(`the cluster has no host ${display(name).slice(0, 100)}`);
  return toCel(visibleHost(host));
}

function compared(version: unknown, least: unknown): boolean {
  const is = isAtLeast(String(version), String(least));
  if (is === undefined) throw new OwnError(`${display(version).slice(0, 60)} or ${display(least).slice(0, 60)} is no version`);
  return is;
}

function only(list: unknown): unknown {
  const elements: readonly unknown[] = Array.isArray(list) ? list : [];
  if (elements.length !== 1)
    throw new OwnError(`exactly one was wanted, but there ${elements.length === 0 ? 'is none' : `are ${elements.length}`}`);
  return elements[0];
}

/** A function of our own failed; the message is for people. */
class OwnError extends Error {}

function celContext(context: Context): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, toCel(value)]));
}

/** CEL's reasons, in the words of our docs. */
function inWords(error: unknown): string {
  if (error instanceof OwnError) return error.message;
  if (!(error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError)) return 'it cannot be evaluated';
  const reason = error.summary;
  switch (error.code) {
    case 'no_such_key':
      return `there is no ${reason.replace(/^No such key: /, '')}`;
    case 'index_out_of_bounds':
      return 'the list has fewer entries than that';
    case 'unknown_variable':
      return `there is no ${reason.replace(/^Unknown variable: /, '')} here`;
    case 'no_matching_overload':
      return `there is no such function for these values (${reason})`;
    case 'no_such_overload':
      return `values of different kinds cannot be combined (${reason.replace(/^no such overload: /, '')})`;
    case 'division_by_zero':
      return 'division by zero';
    default:
      return error instanceof ParseError ? `not a valid expression: ${reason}${placeIn(error.range?.start)}` : reason;
  }
}

function placeIn(start: number | undefined): string {
  return start === undefined ? '' : ` (at character ${start + 1})`;
}
