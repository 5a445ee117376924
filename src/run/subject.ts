/** What exactly is to be started: the bytes that an approver sees, that the digest covers and that the worker sends. One function for all three. */

import { digestOf } from '../canonical.ts';
import { findHost } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import { evaluateText } from '../procedure/expression.ts';
import type { CommandStep } from '../procedure/model.ts';
import { requirementsOf } from './checks.ts';
import { contextFor, type Setting, surroundings } from './context.ts';
import type { Item, Roles, Subject } from './events.ts';
import type { Start } from './start.ts';
import { stepsOf } from './state.ts';

export type Resolved<T> = { readonly kind: 'resolved'; readonly value: T } | { readonly kind: 'blocked'; readonly why: string };

/** The environment of a step on a host: every expression evaluated. */
export function environmentOf(setting: Setting, step: CommandStep, host: Host): Resolved<Record<string, string>> {
  const context = contextFor(setting, host);
  const env: Record<string, string> = {};
  for (const [name, expression] of Object.entries(step.env)) {
    const value = evaluateText(expression, context, surroundings(setting));
    if (value.kind === 'failed')
      return { kind: 'blocked', why: `the value of ${name} (${expression}) cannot be found on ${host.name}: ${value.why}` };
    env[name] = value.value;
  }
  return { kind: 'resolved', value: env };
}

/** Everything of a start but what a copy or an edit has to look up first: its place, its values, its shell and its answers. */
export function itemFor(setting: Setting, step: CommandStep, start: Start): Resolved<Item> {
  const host = findHost(setting.cluster, start.host);
  if (host === undefined) return { kind: 'blocked', why: `${start.host} is not in the cluster file` };
  const env = environmentOf(setting, step, host);
  if (env.kind === 'blocked') return env;
  const address = `${host.user}@${host.address}:${host.port}`;
  const become = step.become ?? host.become;
  const item: Item = {
    ...{ step: step.id, host: start.host, attempt: start.attempt, address, script: step.run ?? '', env: env.value },
    ...(step.shell === undefined ? {} : { shell: step.shell }),
    ...(become === undefined ? {} : { become }),
    ...(step.answers === undefined ? {} : { answers: [...step.answers] }),
  };
  return { kind: 'resolved', value: item };
}

/** A value of a file step (a path, a setting), evaluated on a host. */
export function valueOn(setting: Setting, expression: string, host: Host): Resolved<string> {
  const value = evaluateText(expression, contextFor(setting, host), surroundings(setting));
  if (value.kind === 'value') return { kind: 'resolved', value: value.value };
  return { kind: 'blocked', why: `${expression} cannot be found on ${host.name}: ${value.why}` };
}

/** What one approval is to cover: these starts, with the roles as just observed. */
export function subjectOf(steps: readonly CommandStep[], items: readonly Item[], observed: Roles): Subject {
  // Of several steps each sentence says whose it is.
  const ofEach = (sentences: (step: CommandStep) => readonly string[]): string[] =>
    steps.flatMap((step) => sentences(step).map((sentence) => (steps.length === 1 ? sentence : `${step.id}: ${sentence}`)));
  const requires = ofEach(requirementsOf);
  return {
    items: [...items],
    roles: observed,
    expectations: ofEach(expectationsOf),
    ...(requires.length === 0 ? {} : { requires: [...requires] }),
  };
}

/** What was approved, with one start's part resolved anew: each of the others is resolved anew before its own start. */
export function withMine(approved: Subject | undefined, mine: Item): readonly Item[] {
  if (approved === undefined) return [mine];
  return approved.items.map((item) => (item.step === mine.step && item.host === mine.host && item.attempt === mine.attempt ? mine : item));
}

function expectationsOf(step: CommandStep): string[] {
  const until = step.until === undefined ? [] : [`${step.until.run} → ${step.until.expect}`];
  return [...step.expect.map((expectation) => expectation.that), ...step.warn.map(({ that }) => `${that} (a warning)`), ...until];
}

/** An approver is shown every byte that runs; what is longer than this in all cannot be, and is not asked for. Characters. */
export const MOST_SHOWN = 3_500;

/** Why nobody can be asked to allow this, or nothing. */
export function whyTooLong(subject: Subject): string | undefined {
  const texts = stepsOf({ subject }).flatMap((step) => textsOf(subject.items.filter((item) => item.step === step)));
  const length = texts.reduce((sum, text) => sum + shownLength(text), 0);
  if (length <= MOST_SHOWN) return undefined;
  return `its script, values and changes have ${length} characters, and an approver can be shown ${MOST_SHOWN} whole; put the script into a file on the host and call that`;
}

/** As the card has it, step by step: each script once, what is the same everywhere once, everything else host by host. */
function textsOf(items: readonly Item[]): readonly string[] {
  const scripts = new Set(items.map(({ script, shell, answers }) => JSON.stringify([script, shell, answers])));
  return [
    ...scripts,
    ...eachOrOnce(items.map(({ env }) => JSON.stringify(env))),
    ...eachOrOnce(items.map(({ diff = '' }) => JSON.stringify(diff))),
  ];
}

/** What cannot be seen is written out for an approver, as ⟨U+202E⟩. */
function shownLength(text: string): number {
  return text.length + 8 * (text.match(UNSEEN)?.length ?? 0);
}

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/gu;

function eachOrOnce(texts: readonly string[]): readonly string[] {
  return new Set(texts).size === 1 ? texts.slice(0, 1) : texts;
}

/** The steps that a subject is about, in order; `step` alone where there is none yet. */
export function stepsIn(setting: Setting, subject: Subject | undefined, step: CommandStep): readonly CommandStep[] {
  if (subject === undefined) return [step];
  return stepsOf({ subject }).flatMap((id) =>
    setting.procedure.steps.flatMap((each) => (each.id === id && each.kind === 'command' ? [each] : [])),
  );
}

/** The digest that an approval is bound to: run, procedure, cluster and subject. */
export function subjectDigest(run: string, setting: Setting, subject: Subject): string {
  return digestOf({ run, procedure: setting.procedure.hash, cluster: setting.cluster.hash, subject });
}
