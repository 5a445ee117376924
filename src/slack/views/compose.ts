/**
 * From what is to be said to what Slack takes. Pure.
 *
 * 1. A message never breaks a limit of Slack's, whatever was printed or written: parts are cut, and a cut is always said.
 * 2. Whatever is `shown` was made visible and stands in a preformatted element, which reads no mrkdwn.
 */
import type { Button, KnownBlock } from '@slack/types';
import { cutMrkdwn, cutText, excerpt } from './cut.ts';
import { type Alive, type Content, deliveryOf, type Message, type Place } from './message.ts';
import type { MessageFile } from './output-file.ts';
import { exact, visible } from './visible.ts';

export type Part =
  /** mrkdwn, every foreign piece in it escaped already. */
  | { readonly kind: 'say'; readonly text: string }
  /** Preformatted; `render` is given how many characters it may take. What must be seen whole is served before all else. */
  | { readonly kind: 'show'; readonly render: (longest: number) => string; readonly whole?: boolean }
  | { readonly kind: 'buttons'; readonly id: string; readonly buttons: readonly Button[] };

export type Draft = {
  readonly key: string;
  readonly place: Place;
  readonly seq: number;
  readonly final: boolean;
  readonly alive?: Alive | undefined;
  readonly file?: MessageFile | undefined;
  /** Sentences of the top-level text, escaped: screen readers, notifications and search read nothing else. */
  readonly text: readonly string[];
  readonly parts: readonly Part[];
};

/** Advised for `text` are 4,000 characters, and `chat.update` refuses more (chat.update, msg_too_long). */
const TEXT = 3_500;
/** A section takes 3,000 (block kit reference, section). */
export const SECTION = 2_900;
/** All text of a message's blocks is capped undocumented near 11,000 (bolt-js issues 2509, 2867). */
const ALL = 9_300;
/** All of it that is said, not shown. */
export const ALL_SAID = 5_500;
/** A message takes 50 blocks; the last one is the footer. */
const BLOCKS = 48;
/** One preformatted block. */
const SHOWN = 6_000;
/** All that must be seen whole. */
const ALL_WHOLE = 6_000;
const LEAST_SHOWN = 80;

export function say(text: string): Part {
  return { kind: 'say', text };
}

export function sayLines(lines: readonly (string | undefined)[]): Part {
  return say(lines.filter((line) => line !== undefined).join('\n'));
}

export function show(text: string): Part {
  return { kind: 'show', render: (longest) => excerpt(visible(text), longest) };
}

/** For what an approver decides about: never cut as long as `isWhole` says so. */
export function showWhole(text: string): Part {
  return { kind: 'show', render: (longest) => excerpt(exact(text), longest), whole: true };
}

/** Whether a message of these parts shows everything whole that must be. */
export function isWhole(parts: readonly Part[]): boolean {
  const lengths = parts.flatMap((part) =>
    part.kind === 'show' && part.whole === true ? [part.render(Number.POSITIVE_INFINITY).length] : [],
  );
  return parts.length <= BLOCKS && lengths.reduce((sum, length) => sum + length, 0) <= ALL_WHOLE;
}

/** Room for a footer, and for what is counted differently. */
const SPARE = 300;

/** Whether one message shows all of this without a cut. */
export function fits(parts: readonly Part[]): boolean {
  const said = parts.flatMap((part) => (part.kind === 'say' ? [part.text.length] : []));
  const shown = parts.flatMap((part) => (part.kind === 'show' ? [part.render(Number.POSITIVE_INFINITY).length] : []));
  const sum = (lengths: readonly number[]): number => lengths.reduce((all, length) => all + length, 0);
  const each = said.every((length) => length <= SECTION) && shown.every((length) => length <= SHOWN);
  return each && parts.length <= BLOCKS && sum(said) <= ALL_SAID && sum(said) + sum(shown) <= ALL - SPARE;
}

/** A message of a run's thread, with its footer `<run> · <delivery>`: the run as one word for search, and the id by which the message is found again. */
export function compose(run: string, draft: Draft): Message {
  const delivery = deliveryOf(run, draft.key);
  const footer = `${run} · ${delivery}`;
  const { key, place, seq, final, alive } = draft;
  const text = `${cutMrkdwn(joined(draft.text), TEXT - footer.length - 1)}\n${footer}`;
  const blocks = draft.file === undefined ? [...layOut(draft.parts, footer.length), context(footer)] : [];
  return { text, blocks, key, place, seq, final, alive, delivery, ...(draft.file === undefined ? {} : { file: draft.file }) };
}

/** A private answer. */
export function content(text: readonly string[], parts: readonly Part[]): Content {
  return { text: cutMrkdwn(joined(text), TEXT), blocks: layOut(parts, 0) };
}

function joined(text: readonly string[]): string {
  return text.filter((line) => line !== '').join('\n');
}

function layOut(parts: readonly Part[], reserved: number): KnownBlock[] {
  const kept = withinBlocks(parts);
  const fixed = reserved + kept.reduce((sum, part) => sum + (part.kind === 'buttons' ? weight(part.buttons) : 0), 0);
  const shows = kept.flatMap((part, index) => (part.kind === 'show' ? [{ index, ...part }] : []));
  const whole = fitted(
    shows.filter((each) => each.whole === true),
    ALL_WHOLE,
  );
  const said = new Map(kept.flatMap((part, index): [number, string][] => (part.kind === 'say' ? [[index, part.text]] : [])));
  const cut = withinSaid(said, Math.min(ALL_SAID, ALL - fixed - total(whole)));
  const others = fitted(
    shows.filter((each) => each.whole !== true),
    ALL - fixed - total(whole) - total(cut),
  );
  return kept.flatMap((part, index): KnownBlock[] => {
    if (part.kind === 'buttons') return [{ type: 'actions', block_id: cutText(part.id, 255), elements: [...part.buttons] }];
    if (part.kind === 'say') return section(cut.get(index) ?? '');
    return [preformatted(whole.get(index) ?? others.get(index) ?? '')];
  });
}

type Shows = readonly { readonly index: number; readonly render: (longest: number) => string }[];

/** The short ones whole; those that do not fit share what is left alike. */
function fitted(shows: Shows, room: number): ReadonlyMap<number, string> {
  const natural = shows.map((each) => ({ ...each, text: orNothing(each.render(SHOWN)) })).sort((a, b) => a.text.length - b.text.length);
  let left = room;
  const texts = natural.map(({ index, render, text }, place): [number, string] => {
    const grant = Math.max(Math.min(Math.floor(left / (natural.length - place)), SHOWN), LEAST_SHOWN);
    const given = text.length <= grant ? text : orNothing(render(grant));
    left -= given.length;
    return [index, given];
  });
  return new Map(texts);
}

function orNothing(text: string): string {
  return text.trim() === '' ? '(nothing)' : text;
}

function total(texts: ReadonlyMap<number, string>): number {
  return [...texts.values()].reduce((sum, text) => sum + text.length, 0);
}

/** Too many parts: the last ones give way to a line that counts them; buttons always stay. */
function withinBlocks(parts: readonly Part[]): readonly Part[] {
  if (parts.length <= BLOCKS) return parts;
  const buttons = parts.filter((part) => part.kind === 'buttons');
  const others = parts.filter((part) => part.kind !== 'buttons');
  const room = BLOCKS - buttons.length - 1;
  return [...others.slice(0, room), say(`_… ${others.length - room} parts more do not fit into one message._`), ...buttons];
}

/** Sections are served in order; each of those that are left is sure of an equal share of what is left. */
function withinSaid(said: ReadonlyMap<number, string>, room: number): ReadonlyMap<number, string> {
  let left = room;
  let count = said.size;
  const cut = new Map<number, string>();
  const bySize = [...said].sort(([, a], [, b]) => a.length - b.length);
  for (const [index, text] of bySize) {
    const fitted = cutMrkdwn(text, Math.min(SECTION, Math.floor(left / count)));
    cut.set(index, fitted);
    left -= fitted.length;
    count -= 1;
  }
  return cut;
}

function section(text: string): KnownBlock[] {
  return text.trim() === '' ? [] : [{ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }];
}

function preformatted(text: string): KnownBlock {
  return { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] };
}

function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] };
}

/** Texts of the buttons and of the questions that they ask. */
function weight(buttons: readonly Button[]): number {
  return buttons.reduce((sum, button) => sum + button.text.text.length + (button.confirm === undefined ? 0 : 200), 0);
}
