/** What people wrote into the thread, held against what the record keeps of it. Theirs to change; that somebody did is only said. Pure. */
import type { Recorded } from '../run/events.ts';
import { visible } from '../slack/views/visible.ts';
import type { Notice } from './fault.ts';
import { firstLine, reads, type Standing } from './standing.ts';

type Kept = { readonly seq: number; readonly by: string; readonly text: string; readonly isWhole: boolean };

export type NoteSight = { readonly recorded: readonly Recorded[]; readonly standing: readonly Standing[] };

export function noteNotices({ recorded, standing }: NoteSight): readonly Notice[] {
  return [...notesIn(recorded)].flatMap(([ts, note]): readonly Notice[] => {
    const there = standing.find((each) => each.ts === ts && !each.isTombstone);
    const name = `The note “${firstLine(note.text)}” by ${note.by}`;
    if (there === undefined) return [{ seq: note.seq, sentence: `${name} is gone from Slack; the record keeps it.` }];
    if (isSame(note, there.text)) return [];
    return [{ seq: note.seq, sentence: `${name} reads otherwise in Slack now; the record keeps what was heard of it.` }];
  });
}

/** As they ought to stand now, by Slack's id. */
function notesIn(recorded: readonly Recorded[]): ReadonlyMap<string, Kept> {
  const notes = new Map<string, Kept>();
  for (const { event, seq } of recorded) {
    if (event.kind === 'noted') {
      notes.set(event.ts, { seq, by: event.by.name, text: event.text, isWhole: event.length === undefined });
      continue;
    }
    const known = event.kind === 'noteEdited' || event.kind === 'noteDeleted' ? notes.get(event.ts) : undefined;
    if (event.kind === 'noteEdited' && known !== undefined)
      notes.set(event.ts, { ...known, seq, text: event.text, isWhole: event.length === undefined });
    if (event.kind === 'noteDeleted') notes.delete(event.ts);
  }
  return notes;
}

/** Only the beginning of a long one is kept. */
function isSame({ text, isWhole }: Kept, there: string): boolean {
  const [kept, now] = [plain(text), plain(there)];
  return isWhole ? kept === now : now.startsWith(kept.replace(/…$/, ''));
}

function plain(text: string): string {
  return visible(reads(text)).replaceAll(/\s+/g, ' ').trim();
}
