/**
 * What exactly would be started: the values resolved, the file to be copied described, the change of a file worked out. Reads hosts, changes
 * nothing. The same for the card that asks, the digest, and the start: so they can be compared.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path/posix';
import { findHost, resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep, Copy, Edit } from '../procedure/model.ts';
import { checkValue } from '../procedure/value-types.ts';
import { maskText } from '../record/mask.ts';
import { difference, edited } from '../run/edits.ts';
import type { Item } from '../run/events.ts';
import { EDIT_SCRIPT, PLACE_SCRIPT } from '../run/file-scripts.ts';
import type { Start } from '../run/start.ts';
import type { RunState } from '../run/state.ts';
import { itemFor, type Resolved, valueOn } from '../run/subject.ts';
import type { Described, From, ReadFile, Copy as Transfer } from '../ssh/files.ts';
import type { Hands } from './hands.ts';
import { targetOf } from './target.ts';

/** An item, and what it needs beside what is shown. */
export type Prepared = {
  readonly item: Item;
  /** The transfer that comes before the start. */
  readonly transfer?: Omit<Transfer, 'signal' | 'onProgress'>;
  /** The new text of an edit; its sum is in the item. */
  readonly content?: string;
};

/** One that brings a file. */
export type Carried = Prepared & { readonly transfer: NonNullable<Prepared['transfer']> };

/** Files that are edited are read whole and sent as one value. Bytes. */
const MOST_EDITED = 100_000;

export async function prepare(hands: Hands, state: RunState, step: CommandStep, start: Start): Promise<Resolved<Prepared>> {
  const plain = itemFor(state, step, start);
  const host = findHost(state.cluster, start.host);
  if (plain.kind === 'blocked' || host === undefined) return plain.kind === 'blocked' ? plain : blocked('unknown host');
  if (step.copy !== undefined) return prepareCopy(hands, state, step, step.copy, host, plain.value);
  if (step.edit !== undefined) return prepareEdit(hands, state, step, step.edit, host, plain.value);
  return { kind: 'resolved', value: { item: plain.value } };
}

/** All of them, or the first reason why not. */
export async function prepareAll(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  starts: readonly Start[],
): Promise<Resolved<readonly Item[]>> {
  const prepared = await Promise.all(starts.map((start) => prepare(hands, state, step, start)));
  const bad = prepared.find((each) => each.kind === 'blocked');
  if (bad?.kind === 'blocked') return bad;
  return { kind: 'resolved', value: prepared.flatMap((each) => (each.kind === 'resolved' ? [each.value.item] : [])) };
}

function blocked(why: string): { readonly kind: 'blocked'; readonly why: string } {
  return { kind: 'blocked', why };
}

type Source = { readonly from: From; readonly name: string; readonly described: Described };

async function prepareCopy(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  copy: Copy,
  host: Host,
  item: Item,
): Promise<Resolved<Prepared>> {
  const to = pathOn(state, copy.to, host);
  if (to.kind === 'blocked') return to;
  const source = await sourceOf(hands, state, step, copy, host);
  if (source.kind === 'blocked') return source;
  const { from, name, described } = source.value;
  if (described.kind !== 'file') return blocked(`${name} cannot be copied: ${whyNoFile(described)}`);
  const part = partOf(to.value, state.run, item);
  const env = {
    SOURCE: name,
    BYTES: String(described.bytes),
    SHA256: described.sha256,
    TARGET: to.value,
    PART: part,
    BACKUP: backupOf(to.value, state),
    // An account of the worker's machine means nothing on another.
    OWNER: copy.owner ?? (copy.from.kind === 'bot' ? '' : `${described.owner}:${described.group}`),
    MODE: copy.mode ?? described.mode,
  };
  const target = targetOf(state.cluster, host, hands.login, step.become);
  return { kind: 'resolved', value: { item: { ...item, script: PLACE_SCRIPT, env }, transfer: { from, to: { target, path: part } } } };
}

async function sourceOf(hands: Hands, state: RunState, step: CommandStep, copy: Copy, host: Host): Promise<Resolved<Source>> {
  if (copy.from.kind === 'bot') {
    const path = valueOn(state, copy.path, host);
    if (path.kind === 'blocked') return path;
    const own = await hands.ownFile(path.value);
    if (own.kind === 'refused') return blocked(own.why);
    const described = { ...own, link: false };
    return { kind: 'resolved', value: { from: { file: own.path }, name: `the worker: ${path.value}`, described } };
  }
  const found = resolve({ kind: 'one', role: copy.from.role }, state.cluster, state.roles);
  if (found.kind !== 'hosts' || found.hosts[0] === undefined)
    return blocked(found.kind === 'hosts' ? `nobody is ${copy.from.role}` : found.why);
  const [source] = found.hosts;
  const path = pathOn(state, copy.path, source);
  if (path.kind === 'blocked') return path;
  const target = targetOf(state.cluster, source, hands.login, step.become);
  const described = await hands.files.describe(target, path.value);
  return { kind: 'resolved', value: { from: { target, path: path.value }, name: `${source.name}: ${path.value}`, described } };
}

async function prepareEdit(
  hands: Hands,
  state: RunState,
  step: CommandStep,
  edit: Edit,
  host: Host,
  item: Item,
): Promise<Resolved<Prepared>> {
  const path = pathOn(state, edit.path, host);
  if (path.kind === 'blocked') return path;
  const change = changeOn(state, edit, host);
  if (change.kind === 'blocked') return change;
  const answer = await hands.files.read(targetOf(state.cluster, host, hands.login, step.become), path.value, MOST_EDITED);
  if (answer.kind !== 'file') return blocked(`${path.value} on ${host.name} cannot be edited: ${whyNoFile(answer)}`);
  if (answer.link) return blocked(`${path.value} on ${host.name} is a link; the step must name the file itself`);
  const before = answer.content.toString('utf8');
  if (!Buffer.from(before).equals(answer.content)) return blocked(`${path.value} on ${host.name} is not a text file in UTF-8`);
  const after = edited(before, change.value);
  if (after.kind === 'failed') return blocked(`${path.value} on ${host.name} cannot be edited: ${after.why}`);
  const env = {
    FILE: path.value,
    BEFORE: answer.sha256,
    AFTER: sumOf(after.text),
    PART: partOf(path.value, state.run, item),
    BACKUP: backupOf(path.value, state),
  };
  const diff = maskText(difference(path.value, before, after.text), known(hands, state));
  return { kind: 'resolved', value: { item: { ...item, script: EDIT_SCRIPT, env, diff }, content: after.text } };
}

/** The run's own secrets may stand in the file, whatever the setting there is called. */
function known(hands: Hands, { cluster, procedure }: RunState): readonly string[] {
  const found = Object.keys(procedure.secrets).map((name) => hands.secrets(cluster, name));
  return found.flatMap((secret) => (secret.kind === 'value' ? [secret.value] : []));
}

type Change = Parameters<typeof edited>[1];

function changeOn(state: RunState, edit: Edit, host: Host): Resolved<Change> {
  const value = (expression: string): Resolved<string> => valueOn(state, expression, host);
  const set: Record<string, string> = {};
  for (const [name, expression] of Object.entries(edit.set)) {
    const found = value(expression);
    if (found.kind === 'blocked') return found;
    set[name] = found.value;
  }
  const replace: { text: string; with: string }[] = [];
  for (const each of edit.replace) {
    const [text, by] = [value(each.text), value(each.with)];
    if (text.kind === 'blocked') return text;
    if (by.kind === 'blocked') return by;
    replace.push({ text: text.value, with: by.value });
  }
  return { kind: 'resolved', value: { set, replace } };
}

function pathOn(state: RunState, expression: string, host: Host): Resolved<string> {
  const path = valueOn(state, expression, host);
  if (path.kind === 'blocked') return path;
  const checked = checkValue({ type: 'path' }, path.value, []);
  return checked.kind === 'ok'
    ? { kind: 'resolved', value: checked.value }
    : blocked(`the path "${path.value}" of ${expression} ${checked.must}`);
}

/** Named for the attempt, so that nobody takes another's part for his own. */
function partOf(path: string, run: string, { step, attempt }: Item): string {
  return join(dirname(path), `.${basename(path)}.keyturn-${run}-${step}-${attempt}.part`);
}

/** One a run: what is kept is the file as it was before the run. */
function backupOf(path: string, { startedAt }: RunState): string {
  const time = new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${path}.keyturn-${time}`;
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function whyNoFile(answer: Exclude<Described | ReadFile, { kind: 'file' }>): string {
  switch (answer.kind) {
    case 'missing':
      return 'it is not there';
    case 'notAFile':
      return `it is ${answer.what}`;
    case 'unreadable':
      return answer.why;
    case 'refused':
      return `${answer.why.message} Check: ${answer.why.check}`;
    case 'lost':
      return answer.why;
    case 'tooLarge':
      return `it has ${answer.bytes} bytes; at most ${MOST_EDITED} can be edited`;
  }
}
