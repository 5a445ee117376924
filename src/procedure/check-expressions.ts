/** Expressions and display texts of the steps: that they stand where what they speak of is known. */
import { requestOf } from './http.ts';
import type { Mistake, Spot } from './mistake.ts';
import type { ExpectationSource, HttpSource } from './pieces-schema.ts';
import {
  below,
  merged,
  type Placed,
  type PlacedAnnounce,
  type PlacedCommand,
  type PlacedConfirm,
  type PlacedManual,
  type Whole,
} from './place.ts';
import { count, ofExpression, ofText, reading, type Scope, truth, withRoots, word } from './scope.ts';

export function checkExpressions(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  return [
    ...ofRoles(whole),
    ...steps.flatMap((step, index) => {
      const scope = scopeAt(whole, steps, index);
      switch (step.kind) {
        case 'command':
          return ofCommand(step, scope);
        case 'announce':
          return ofAnnounce(step, scope);
        case 'manual':
        case 'confirm':
          return ofPerson(step, scope);
      }
    }),
  ];
}

/** What the step at this place may speak of. */
function scopeAt(whole: Whole, steps: readonly Placed[], index: number): Scope {
  const before = capturesIn(steps.slice(0, index));
  const known = new Set(before.map(({ name }) => name));
  return {
    roots: ['cluster', 'hosts', 'params', 'vars', 'roles', 'captured'],
    params: Object.keys(whole.own.params ?? {}),
    vars: Object.keys(merged(whole, 'variables')),
    secrets: Object.keys(merged(whole, 'secrets')),
    laterRoles: rolesBoundLater(steps, index),
    captured: [...known],
    typed: before.filter(({ typed }) => typed).map(({ name }) => name),
    laterCaptured: capturesIn(steps.slice(index)).flatMap(({ name }) => (known.has(name) ? [] : [name])),
  };
}

function capturesIn(steps: readonly Placed[]): readonly { readonly name: string; readonly typed: boolean }[] {
  return steps.flatMap((step) =>
    step.kind === 'command'
      ? Object.entries(step.source.capture ?? {}).map(([name, capture]) => ({ name, typed: typeof capture !== 'string' }))
      : [],
  );
}

/** Roles that a step from here on binds and none before. */
function rolesBoundLater(steps: readonly Placed[], index: number): readonly string[] {
  const bound = (some: readonly Placed[]) => some.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : []));
  const earlier = bound(steps.slice(0, index));
  return bound(steps.slice(index)).filter((role) => !earlier.includes(role));
}

/** They are found before anything is read from a host. */
function ofRoles(whole: Whole): readonly Mistake[] {
  const scope: Scope = { ...scopeAt(whole, [], 0), roots: ['cluster', 'hosts', 'params', 'vars', 'roles'] };
  return Object.entries(whole.own.roles ?? {}).flatMap(([role, text]) =>
    ofExpression({ spot: { path: ['roles', role] }, text, scope }, word, 'the name of a host'),
  );
}

function ofAnnounce({ source, at }: PlacedAnnounce, scope: Scope): readonly Mistake[] {
  return [...ofWhen(source.when, at, scope), ...ofText({ spot: below(at, 'announce'), text: source.announce, scope })];
}

function ofPerson({ source, at }: PlacedManual | PlacedConfirm, scope: Scope): readonly Mistake[] {
  const texts: readonly (readonly [string, string | undefined])[] =
    'manual' in source
      ? [
          ['manual', source.manual],
          ['title', source.title],
        ]
      : [
          ['confirm', source.confirm],
          ['title', source.title],
          ['second', source.second],
        ];
  return [
    ...ofWhen(source.when, at, scope),
    ...texts.flatMap(([key, text]) => (text === undefined ? [] : ofText({ spot: below(at, key), text, scope }))),
  ];
}

function ofWhen(when: string | undefined, at: Spot, scope: Scope): readonly Mistake[] {
  return when === undefined ? [] : ofExpression({ spot: below(at, 'when'), text: when, scope }, truth, 'true or false');
}

function ofCommand(step: PlacedCommand, scope: Scope): readonly Mistake[] {
  const here = withRoots(scope, 'host');
  const after = reading(here, step.source.read);
  return [
    ...ofWhen(step.source.when, step.at, scope),
    ...ofValues(step, here),
    ...ofFiles(step, here),
    ...ofExpect(step, after),
    ...ofFound(step, after),
    ...ofLooks(step, here),
    ...ofTexts(step, scope, here),
  ];
}

/** What reaches the host: `env`, answers, requests. Only here may a secret stand, and a captured value needs a type. */
function ofValues(step: PlacedCommand, here: Scope): readonly Mistake[] {
  const sent: Scope = { ...withRoots(here, 'secrets'), sent: true };
  const { env = {}, answers = [], http, until, unless } = step.source;
  return [
    ...Object.entries(env).flatMap(([name, text]) => ofExpression({ spot: step.envPlaceOf(name), text, scope: sent }, word, 'text')),
    ...answers.flatMap(({ answer }, index) =>
      ofExpression(
        { spot: below(step.placeOf('answers'), index, 'answer'), text: answer, scope: withRoots(sent, 'said', 'peer') },
        word,
        'text',
      ),
    ),
    ...ofHttp(http, step.placeOf('http'), sent),
    ...ofHttp(until?.http, below(step.placeOf('until'), 'http'), sent),
    ...ofHttp(unless?.http, below(step.placeOf('unless'), 'http'), sent),
  ];
}

function ofHttp(http: HttpSource | undefined, spot: Spot, scope: Scope): readonly Mistake[] {
  if (http === undefined) return [];
  return Object.values(requestOf(http, 'REQUEST').env).flatMap((text) => ofExpression({ spot, text, scope }, word, 'text'));
}

/** Paths and changes of files; the difference is shown, so no secret may be in it. */
function ofFiles(step: PlacedCommand, here: Scope): readonly Mistake[] {
  const { copy, edit } = step.source;
  const sent: Scope = { ...here, sent: true };
  const texts: (readonly [Spot, string])[] = [];
  if (copy !== undefined) texts.push([below(step.placeOf('copy'), 'path'), copy.path]);
  if (copy?.to !== undefined) texts.push([below(step.placeOf('copy'), 'to'), copy.to]);
  if (edit !== undefined) texts.push([below(step.placeOf('edit'), 'path'), edit.path]);
  for (const [name, text] of Object.entries(edit?.set ?? {})) texts.push([below(step.placeOf('edit'), 'set', name), text]);
  for (const [index, each] of (edit?.replace ?? []).entries()) {
    texts.push(
      [below(step.placeOf('edit'), 'replace', index, 'text'), each.text],
      [below(step.placeOf('edit'), 'replace', index, 'with'), each.with],
    );
  }
  return texts.flatMap(([spot, text]) => ofExpression({ spot, text, scope: sent }, word, 'text'));
}

function ofExpect(step: PlacedCommand, scope: Scope): readonly Mistake[] {
  const { expect, warn = [] } = step.source;
  const spot = step.placeOf('expect');
  const expected =
    typeof expect === 'string'
      ? ofExpression({ spot, text: expect, scope }, truth, 'true or false')
      : (expect ?? []).flatMap((each, index) => ofExpectation(each, below(spot, index), scope));
  return [...expected, ...warn.flatMap((each, index) => ofExpectation(each, below(step.placeOf('warn'), index), scope))];
}

function ofExpectation(each: ExpectationSource, spot: Spot, scope: Scope): readonly Mistake[] {
  return [
    ...ofExpression({ spot: below(spot, 'that'), text: each.that, scope }, truth, 'true or false'),
    ...ofText({ spot: below(spot, 'else'), text: each.else, scope }),
  ];
}

function ofFound(step: PlacedCommand, after: Scope): readonly Mistake[] {
  const { bind = {}, capture = {} } = step.source;
  return [
    ...Object.entries(bind).flatMap(([role, text]) =>
      ofExpression({ spot: below(step.placeOf('bind'), role), text, scope: after }, word, 'the name of a host'),
    ),
    ...Object.entries(capture).flatMap(([name, each]) => {
      const text = typeof each === 'string' ? each : each.value;
      const spot = below(step.placeOf('capture'), name, ...(typeof each === 'string' ? [] : ['value']));
      return ofExpression({ spot, text, scope: after }, undefined, '');
    }),
  ];
}

function ofLooks(step: PlacedCommand, here: Scope): readonly Mistake[] {
  const { until, unless } = step.source;
  const untilSpot = step.placeOf('until');
  const unlessSpot = step.placeOf('unless');
  return [
    ...(until === undefined
      ? []
      : [
          ...ofExpression(
            { spot: below(untilSpot, 'expect'), text: until.expect, scope: reading(here, until.read) },
            truth,
            'true or false',
          ),
          ...ofText({ spot: below(untilSpot, 'waiting'), text: until.waiting, scope: here }),
          ...(typeof until.within === 'string'
            ? []
            : ofExpression({ spot: below(untilSpot, 'within', 'seconds'), text: until.within.seconds, scope: here }, count, 'a number')),
        ]),
    ...(unless === undefined
      ? []
      : [
          ...ofExpression(
            { spot: below(unlessSpot, 'expect'), text: unless.expect, scope: reading(here, unless.read) },
            truth,
            'true or false',
          ),
          ...ofText({ spot: below(unlessSpot, 'saying'), text: unless.saying, scope: here }),
        ]),
  ];
}

/** Title, reason and question speak of the step as a whole; undo and advice of one host; `says` of what was read last. */
function ofTexts(step: PlacedCommand, whole: Scope, here: Scope): readonly Mistake[] {
  const { title, unsafe, gate, undo, advice, retry, unreachable, says, until, read } = step.source;
  const instead = typeof retry === 'object' ? retry.forbidden : undefined;
  const last = until === undefined ? reading(here, read) : withRoots(reading(here, until.read), 'waited');
  const texts: readonly (readonly [string, string | undefined, Scope])[] = [
    ['title', title, whole],
    ['unsafe', unsafe, whole],
    ['gate', gate, whole],
    ['undo', undo, here],
    ['advice', advice, here],
    ['retry', instead, here],
    ['unreachable', unreachable, here],
    ['says', says, last],
  ];
  return texts.flatMap(([key, text, scope]) => (text === undefined ? [] : ofText({ spot: step.placeOf(key), text, scope })));
}
