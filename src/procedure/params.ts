/** Inputs as given, against inputs as declared. */
import { type Problem, quoted } from './finding.ts';
import type { Input } from './model.ts';
import type { NamedHost } from './names.ts';
import { didYouMean, listed } from './suggest.ts';
import { checkValue } from './value-types.ts';

export type Inputs = Readonly<Record<string, Input>>;
export type Given = Readonly<Record<string, string>>;
export type CheckedInputs =
  | { readonly kind: 'ok'; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'bad'; readonly problems: readonly Problem[] };

/** Every declared input has a value in the answer: as given, its default, or empty text for an optional one. */
export function checkInputs(inputs: Inputs, given: Given, around: { readonly hosts: readonly NamedHost[] }): CheckedInputs {
  const names = Object.keys(inputs);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(inputs, name));
  const checked = Object.entries(inputs).map(([name, input]) => checkOne(name, input, own(given, name), around.hosts));
  const problems = [
    ...unknown.map((name) => unknownInput(name, names)),
    ...checked.flatMap((each) => (each.kind === 'bad' ? [each.problem] : [])),
  ];
  if (problems.length > 0) return { kind: 'bad', problems };
  return { kind: 'ok', values: Object.fromEntries(checked.flatMap((each) => (each.kind === 'ok' ? [[each.name, each.value]] : []))) };
}

type One = { readonly kind: 'ok'; readonly name: string; readonly value: string } | { readonly kind: 'bad'; readonly problem: Problem };

function checkOne(name: string, input: Input, given: string | undefined, hosts: readonly NamedHost[]): One {
  const text = given ?? input.default;
  if (text === undefined) return input.required ? { kind: 'bad', problem: missingInput(name, input) } : { kind: 'ok', name, value: '' };
  const checked = checkValue(input.value, text, hosts);
  if (checked.kind === 'ok') return { kind: 'ok', name, value: checked.value };
  const problem = {
    path: name,
    message: `${name} ${checked.must}; given was ${quoted(text)}`,
    check: `${name}: ${input.help ?? input.title}`,
  };
  return { kind: 'bad', problem };
}

function own(given: Given, name: string): string | undefined {
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

function missingInput(name: string, input: Input): Problem {
  return { path: name, message: `${name} is missing (${input.title})`, check: `add ${name}=…; ${kindOf(input)}` };
}

function unknownInput(name: string, names: readonly string[]): Problem {
  return {
    path: name,
    message: `there is no ${quoted(name)}${didYouMean(name, names)}`,
    check: `what can be given: ${listed(names, 'nothing')}`,
  };
}

/** What may be given, in a few words. */
export function kindOf(input: Input): string {
  const { value } = input;
  switch (value.type) {
    case 'text':
      return value.pattern === undefined ? 'any text on one line' : `text that matches ${value.pattern}`;
    case 'enum':
      return `one of ${listed(value.values)}`;
    case 'host':
      return value.role === undefined ? 'a host of the cluster' : `a host in the role ${value.role}`;
    case 'version':
      return 'a version';
    case 'path':
      return 'an absolute path';
    case 'integer':
      return 'a whole number';
  }
}
