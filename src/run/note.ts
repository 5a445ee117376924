/**
 * What people write in the thread of a run while it is on, as events. Whatever is written counts as nothing but a note: it decides nothing, and everybody
 * who can write there is recorded, with their id. Pure.
 */
import type { Person, RunEvent } from './events.ts';
import type { RunState } from './state.ts';

/** `ts`: Slack's id of the message in its channel. */
export type Remark =
  | { readonly kind: 'written'; readonly ts: string; readonly by: Person; readonly text: string; readonly files: readonly string[] }
  /** As it reads now. */
  | {
      readonly kind: 'edited';
      readonly ts: string;
      readonly by: Person;
      readonly text: string;
      readonly files: readonly string[];
      /** When, as Slack has it; absent where Slack itself has changed the message, for the preview of a link. */
      readonly edited?: string | undefined;
    }
  | { readonly kind: 'deleted'; readonly ts: string };

/** UTF-16 units of a note that are kept. */
const MOST_TEXT = 4_000;
/** Each append makes the run be looked at again: nobody must be able to keep it from going on by writing. */
const MOST_NOTES = 300;
const MOST_EDITS = 900;
const MOST_FILES = 10;

/**
 * What is to be recorded; nothing where it is recorded already, where the run is over (`lateNote`), and beyond what a run may hold.
 */
export function noteEvents(state: RunState, remark: Remark): readonly RunEvent[] {
  if (state.ended !== undefined) return [];
  const known = Object.hasOwn(state.notes, remark.ts) ? state.notes[remark.ts] : undefined;
  switch (remark.kind) {
    case 'written':
      return known === undefined ? fresh(state, remark) : [];
    case 'edited': {
      // What stood there first was missed.
      if (known === undefined) return fresh(state, remark);
      const cut = shortened(remark.text);
      const isNews = known.text !== undefined && known.text !== cut.text && known.edits < MOST_EDITS;
      return isNews ? [{ kind: 'noteEdited', ts: remark.ts, ...cut }] : [];
    }
    case 'deleted':
      return known?.text === undefined ? [] : [{ kind: 'noteDeleted', ts: remark.ts }];
  }
}

/** What somebody wrote after the end of the run, or what of that was heard only then. `id`: the same however often it is heard. */
export type LateNote = {
  readonly id: string;
  readonly what: Remark['kind'];
  readonly ts: string;
  readonly by?: Person;
  readonly text?: string;
  readonly length?: number;
  readonly files?: string[];
};

/** `isKnown`: whether this message is a note already, in the journal or beside it. Undefined where there is nothing new. */
export function lateNote({ run, notes }: RunState, remark: Remark, isKnown: boolean): LateNote | undefined {
  const { kind, ts } = remark;
  const first = lateNoteId(run, ts);
  if (kind === 'deleted') {
    const isGone = Object.hasOwn(notes, ts) && notes[ts]?.text === undefined;
    return isKnown && !isGone ? { id: `${first}:gone`, what: kind, ts } : undefined;
  }
  const whole = { ts, by: remark.by, ...shortened(remark.text), ...filesOf(remark) };
  if (!isKnown) return { id: first, what: 'written', ...whole };
  if (kind === 'written' || remark.edited === undefined || notes[ts]?.text === whole.text) return undefined;
  return { id: `${first}:${remark.edited}`, what: kind, ...whole };
}

export function lateNoteId(run: string, ts: string): string {
  return `note:${run}:${ts}`;
}

type Whole = Exclude<Remark, { kind: 'deleted' }>;

function fresh({ notes }: RunState, remark: Whole): readonly RunEvent[] {
  return Object.keys(notes).length < MOST_NOTES ? [noted(remark)] : [];
}

function noted(remark: Whole): RunEvent {
  return { kind: 'noted', ts: remark.ts, by: remark.by, ...shortened(remark.text), ...filesOf(remark) };
}

function filesOf({ files }: Whole): { readonly files?: string[] } {
  const names = files.slice(0, MOST_FILES).map((name) => name.slice(0, 200));
  return names.length === 0 ? {} : { files: names };
}

/** Never ends in half a character. */
function shortened(text: string): { readonly text: string; readonly length?: number } {
  if (text.length <= MOST_TEXT) return { text };
  return { text: `${text.slice(0, MOST_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…`, length: text.length };
}
