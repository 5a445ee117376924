/** Every expression and every text for people in a procedure, with what it may speak of and what it must give. */
import type { Spot } from './mistake.ts';
import type { ExpectationSource, HttpSource } from './pieces-schema.ts';
import { groupsOf } from './pattern.ts';
import { requestsOf } from './parts.ts';
import { below, type Placed, type PlacedCommand, type PlacedConfirm, type PlacedManual } from './place.ts';
import { reading, type Scope, scopeAt, scopeOfRoles, withMembers, withRoots } from './scope.ts';
import type { Whole } from './whole.ts';

/** `host`: the name of one; `any`: whatever it gives. */
export type Gives = 'truth' | 'word' | 'count' | 'host' | 'any';

export type Use = {
  readonly spot: Spot;
  readonly text: string;
  readonly scope: Scope;
  /** `text`: for people, with expressions in `{{ }}`. */
  readonly is: { readonly kind: 'text' } | { readonly kind: 'expression'; readonly gives: Gives };
};

export function usesIn(whole: Whole, steps: readonly Placed[]): readonly Use[] {
  return [...usesOfRoles(whole), ...steps.flatMap((_step, index) => usesAt(whole, steps, index))];
}

export function usesOfRoles(whole: Whole): readonly Use[] {
  const scope = scopeOfRoles(whole);
  return Object.entries(whole.own.roles ?? {}).map(([role, text]) => expression({ path: ['roles', role] }, text, scope, 'host'));
}

/** Those of the step at this place. */
export function usesAt(whole: Whole, steps: readonly Placed[], index: number): readonly Use[] {
  const step = steps[index];
  return step === undefined ? [] : usesOf(step, scopeAt(whole, steps, index));
}

function expression(spot: Spot, text: string, scope: Scope, gives: Gives): Use {
  return { spot, text, scope, is: { kind: 'expression', gives } };
}

function words(spot: Spot, text: string | undefined, scope: Scope): readonly Use[] {
  return text === undefined ? [] : [{ spot, text, scope, is: { kind: 'text' } }];
}

function usesOf(step: Placed, scope: Scope): readonly Use[] {
  const conditions = step.conditions.map(({ spot, text }) => expression(spot, text, scope, 'truth'));
  switch (step.kind) {
    case 'announce':
      return [...conditions, ...words(below(step.at, 'announce'), step.source.announce, scope)];
    case 'manual':
    case 'confirm':
      return [...conditions, ...ofPerson(step, scope)];
    case 'command':
      return [...conditions, ...ofCommand(step, scope)];
  }
}

function ofPerson({ source, at }: PlacedManual | PlacedConfirm, scope: Scope): readonly Use[] {
  const title = words(below(at, 'title'), source.title, scope);
  if ('manual' in source) return [...title, ...words(below(at, 'manual'), source.manual, scope)];
  return [...title, ...words(below(at, 'confirm'), source.confirm, scope), ...words(below(at, 'second'), source.second, scope)];
}

function ofCommand(step: PlacedCommand, scope: Scope): readonly Use[] {
  const here = withMembers(scope, 'host', scope.members.host ?? []);
  return [
    ...ofValues(step, here),
    ...ofFiles(step, here),
    ...ofOutput(step, reading(here, step.source)),
    ...ofLooks(step, here),
    ...ofTexts(step, scope, here),
  ];
}

/** What reaches the host: `env`, answers, requests. Only here may a secret stand, and a captured value needs a type. */
function ofValues(step: PlacedCommand, here: Scope): readonly Use[] {
  const sent: Scope = { ...withRoots(here, 'secrets'), isSent: true };
  const { env = {}, answers = [] } = step.source;
  const talk = talking(step, sent);
  return [
    ...Object.entries(env).map(([name, text]) => expression(step.envPlaceOf(name), text, sent, 'word')),
    ...answers.map(({ answer }, index) => expression(below(step.placeOf('answers'), index, 'answer'), answer, talk, 'word')),
    ...requestsOf(step).flatMap(({ http, spot }) => ofHttp(http, spot, sent)),
  ];
}

/** `said` is what the tool's prompts named; `peer` the same on the other host, while both are open. */
function talking(step: PlacedCommand, scope: Scope): Scope {
  const said = (step.source.answers ?? []).flatMap(({ prompt }) => groupsOf(prompt));
  const own = withMembers(scope, 'said', said);
  return step.source.on.startsWith('all ') || scope.isOpen ? withMembers(own, 'peer', said) : own;
}

function ofHttp(http: HttpSource, spot: Spot, scope: Scope): readonly Use[] {
  const { url, user, password, form = {}, headers = {} } = http;
  const plain = Object.entries({ url, user, password }).flatMap(([key, text]) =>
    text === undefined ? [] : [expression(below(spot, key), text, scope, 'word')],
  );
  return [
    ...plain,
    ...Object.entries(form).map(([name, text]) => expression(below(spot, 'form', name), text, scope, 'word')),
    ...Object.entries(headers).map(([name, text]) => expression(below(spot, 'headers', name), text, scope, 'word')),
  ];
}

/** Paths and changes of files; the difference is shown, so no secret may be in it. */
function ofFiles(step: PlacedCommand, here: Scope): readonly Use[] {
  const { copy, edit } = step.source;
  const sent: Scope = { ...here, isSent: true };
  const use = (key: 'copy' | 'edit', text: string, ...path: readonly (string | number)[]) =>
    expression(below(step.placeOf(key), ...path), text, sent, 'word');
  return [
    ...(copy === undefined ? [] : [use('copy', copy.path, 'path')]),
    ...(copy?.to === undefined ? [] : [use('copy', copy.to, 'to')]),
    ...(edit === undefined ? [] : [use('edit', edit.path, 'path')]),
    ...Object.entries(edit?.set ?? {}).map(([name, text]) => use('edit', text, 'set', name)),
    ...(edit?.replace ?? []).flatMap((each, index) => [
      use('edit', each.text, 'replace', index, 'text'),
      use('edit', each.with, 'replace', index, 'with'),
    ]),
  ];
}

function ofOutput(step: PlacedCommand, after: Scope): readonly Use[] {
  const { expect, warn = [], bind = {}, capture = {} } = step.source;
  const spot = step.placeOf('expect');
  return [
    ...(typeof expect === 'string'
      ? [expression(spot, expect, after, 'truth')]
      : (expect ?? []).flatMap((each, index) => ofExpectation(each, below(spot, index), after))),
    ...warn.flatMap((each, index) => ofExpectation(each, below(step.placeOf('warn'), index), after)),
    ...Object.entries(bind).map(([role, text]) => expression(below(step.placeOf('bind'), role), text, after, 'host')),
    ...Object.entries(capture).map(([name, each]) => {
      const at = below(step.placeOf('capture'), name);
      return typeof each === 'string' ? expression(at, each, after, 'any') : expression(below(at, 'value'), each.value, after, 'any');
    }),
  ];
}

function ofExpectation(each: ExpectationSource, spot: Spot, scope: Scope): readonly Use[] {
  return [expression(below(spot, 'that'), each.that, scope, 'truth'), ...words(below(spot, 'else'), each.else, scope)];
}

function ofLooks(step: PlacedCommand, here: Scope): readonly Use[] {
  const { until, unless, requires = [] } = step.source;
  const at = (key: 'until' | 'unless', part: string) => below(step.placeOf(key), part);
  return [
    ...(until === undefined ? [] : [expression(at('until', 'expect'), until.expect, reading(here, until), 'truth')]),
    ...words(at('until', 'waiting'), until?.waiting, here),
    ...(typeof until?.within === 'object'
      ? [expression(below(at('until', 'within'), 'seconds'), until.within.seconds, here, 'count')]
      : []),
    ...(unless === undefined ? [] : [expression(at('unless', 'expect'), unless.expect, reading(here, unless), 'truth')]),
    ...words(at('unless', 'saying'), unless?.saying, here),
    ...requires.flatMap((each, index) => {
      const spot = below(step.placeOf('requires'), index);
      return [expression(below(spot, 'expect'), each.expect, reading(here, each), 'truth'), ...words(below(spot, 'says'), each.says, here)];
    }),
  ];
}

/** Title, reason and question speak of the step as a whole; undo and advice of one host; `says` of what was read last. */
function ofTexts(step: PlacedCommand, whole: Scope, here: Scope): readonly Use[] {
  const { title, unsafe, gate, undo, advice, retry, unreachable, says, until } = step.source;
  const last = until === undefined ? reading(here, step.source) : withRoots(reading(here, until), 'waited');
  return [
    ...words(step.placeOf('title'), title, whole),
    ...words(step.placeOf('unsafe'), unsafe, whole),
    ...(step.phaseUnsafe === undefined ? [] : words(step.phaseUnsafe.spot, step.phaseUnsafe.text, whole)),
    ...words(step.placeOf('gate'), gate, whole),
    ...words(step.placeOf('undo'), undo, here),
    ...words(step.placeOf('advice'), advice, here),
    ...(typeof retry === 'object' ? words(below(step.placeOf('retry'), 'forbidden'), retry.forbidden, here) : []),
    ...words(step.placeOf('unreachable'), unreachable, here),
    ...words(step.placeOf('says'), says, last),
  ];
}
