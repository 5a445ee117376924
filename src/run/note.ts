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
  | { readonly kind: 'edited'; readonly ts: string; readonly by: Person; readonly text: string; readonly files: readonly string[] }
  | { readonly kind: 'deleted'; readonly ts: string };

/** UTF-16 units of a note that are kept. */
const MOST_TEXT = 4_000;
/** Each append makes the run be looked at again: nobody must be able to keep it from going on by writing. */
const MOST_NOTES = 300;
const MOST_EDITS = 900;
const MOST_FILES = 10;

/** What is to be recorded; nothing where it is recorded already, where the run is over, and beyond what a run may hold. */
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

type Whole = Exclude<Remark, { kind: 'deleted' }>;

function fresh({ notes }: RunState, remark: Whole): readonly RunEvent[] {
  return Object.keys(notes).length < MOST_NOTES ? [noted(remark)] : [];
}

function noted({ ts, by, text, files }: Whole): RunEvent {
  const names = files.slice(0, MOST_FILES).map((name) => name.slice(0, 200));
  return { kind: 'noted', ts, by, ...shortened(text), ...(names.length === 0 ? {} : { files: names }) };
}

/** Never ends in half a character. */
function shortened(text: string): { readonly text: string; readonly length?: number } {
  if (text.length <= MOST_TEXT) return { text };
  return { text: `${text.slice(0, MOST_TEXT - 1).replace(/[\ud800-\udbff]$/, '')}…`, length: text.length };
}
