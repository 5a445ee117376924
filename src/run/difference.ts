/** What changed between what was approved and what would start now, in words. Pure. */
import { createTwoFilesPatch } from 'diff';
import { shownValue } from '../procedure/secret-mark.ts';
import type { Item, Roles, Subject } from './events.ts';

/**
 * One sentence for each difference; what a sentence shows as lines (a script, the change of a file) follows it on lines of its own. Empty only where
 * the two have the same digest in the same run.
 */
export function differenceOf(before: Subject, after: Subject): readonly string[] {
  return [
    ...sameWords(hostChanges(before, after)),
    ...ofRoles(before.roles, after.roles),
    ...ofList('it is checked afterwards', before.expectations, after.expectations),
    ...ofList('it must be so beforehand', before.requires ?? [], after.requires ?? []),
  ];
}

/** The first line of each sentence: for a reason that must fit into a line. */
export function inOneLine(sentences: readonly string[]): string {
  return sentences.map((sentence) => (sentence.split('\n')[0] ?? '').replace(/:$/, '')).join('; ');
}

/** `about`: the host, so that what is the same on several is said once. */
type Change = { readonly about: string; readonly text: string };

function sameWords(changes: readonly Change[]): readonly string[] {
  const texts = [...new Set(changes.map(({ text }) => text))];
  return texts.map((text) => {
    const hosts = changes.filter((change) => change.text === text).map(({ about }) => about);
    return `${hosts.join(', ')}: ${text}`;
  });
}

function hostChanges(before: Subject, after: Subject): readonly Change[] {
  const gone = before.items.filter((item) => twinOf(item, after) === undefined);
  const come = after.items.filter((item) => twinOf(item, before) === undefined);
  const both = after.items.flatMap((item) => {
    const twin = twinOf(item, before);
    return twin === undefined ? [] : ofItem(twin, item).map((text): Change => ({ about: item.host, text }));
  });
  return [
    ...gone.map(({ host, step }): Change => ({ about: host, text: `${step} would not start there any more` })),
    ...come.map(({ host, step }): Change => ({ about: host, text: `${step} would start there, which was not asked for` })),
    ...both,
  ];
}

function twinOf({ step, host }: Item, { items }: Subject): Item | undefined {
  return items.find((item) => item.step === step && item.host === host);
}

function ofItem(before: Item, after: Item): readonly string[] {
  return [
    ...plain('the address', before.address, after.address),
    ...plain('the attempt', String(before.attempt), String(after.attempt)),
    ...(before.script === after.script ? [] : [`the script is another one:\n${unified(before.script, after.script)}`]),
    ...ofValues(before, after),
    ...ofAnswers(before, after),
    ...plain('the user', userOf(before), userOf(after)),
    ...plain('the shell', shellOf(before), shellOf(after)),
    ...((before.diff ?? '') === (after.diff ?? '')
      ? []
      : [`the file would be changed in another way:\n${unified(before.diff ?? '', after.diff ?? '')}`]),
  ];
}

/** Of an edit, before and after (run/file-scripts.ts). */
const SUMS: readonly string[] = ['BEFORE', 'AFTER'];

function userOf({ become }: Item): string {
  return become ?? 'the one who logs in';
}

function shellOf({ shell }: Item): string {
  return shell === undefined ? '/bin/sh' : `${shell.name} (${shell.run})`;
}

function plain(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} was ${shown(before)} and is now ${shown(after)}`];
}

function ofValues({ env: before, diff: changeBefore }: Item, { env: after, diff: changeAfter }: Item): readonly string[] {
  // Where the change of a file is another one, so are its sums; the change itself is told.
  const untold = changeBefore === changeAfter || changeAfter === undefined ? [] : SUMS;
  return namesIn(before, after).flatMap((name) => {
    if (untold.includes(name)) return [];
    const [was, is] = [before[name], after[name]];
    if (was === is) return [];
    if (was === undefined) return [`the value ${name} is new: ${shown(is ?? '')}`];
    return is === undefined ? [`the value ${name} is gone; it was ${shown(was)}`] : plain(`the value ${name}`, was, is);
  });
}

function ofAnswers({ answers: before = [] }: Item, { answers: after = [] }: Item): readonly string[] {
  const told = (answers: NonNullable<Item['answers']>): readonly string[] =>
    answers.map(({ prompt, answer }) => `to ${prompt} it is told ${answer}`);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const lists = ofList('of its questions', told(before), told(after));
  return lists.length === 0 ? ['its questions are answered in another order'] : lists;
}

function ofRoles(before: Roles, after: Roles): readonly string[] {
  return namesIn(before, after).flatMap((role) => {
    const [was, is] = [before[role], after[role]];
    return was === is ? [] : [`${role} was ${was ?? 'not read'} and is now ${is ?? 'not read'}`];
  });
}

function ofList(what: string, before: readonly string[], after: readonly string[]): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const gone = before.filter((each) => !after.includes(each)).map((each) => `${what}, no longer: ${shown(each)}`);
  const come = after.filter((each) => !before.includes(each)).map((each) => `${what}, new: ${shown(each)}`);
  return gone.length + come.length === 0 ? [`${what}, in another order`] : [...gone, ...come];
}

function namesIn(...records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

/** A value in a sentence. Characters. */
const LONGEST_SHOWN = 200;

/** In one line, with ‹secret x› for a secret. */
function shown(value: string): string {
  const text = shownValue(value).replaceAll('\n', '⏎');
  return `"${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}"`;
}

/** Lines of a change that are shown; the request shows all of what would start. */
const MOST_LINES = 30;

/** Changed lines with one line around them, as `diff -u` prints them, without the names of files. */
function unified(before: string, after: string): string {
  const patch = createTwoFilesPatch('', '', ended(before), ended(after), '', '', { context: 1 });
  const lines = patch.slice(patch.indexOf('@@')).trimEnd().split('\n');
  const rest = lines.length - MOST_LINES;
  return [...lines.slice(0, MOST_LINES), ...(rest > 0 ? [`… ${rest} lines more`] : [])].join('\n');
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
