/**
 * What people write in the thread of a run that is over. Its journal ends with its end, which is signed in the thread, so such notes stand in the register.
 *
 * One run takes `MOST` of them from each process: the register is kept for ever, and a thread is open to everybody in its channel.
 */
import type { Logger } from 'pino';
import type { Register } from '../journal/register.ts';
import { lateNote, lateNoteId, type Remark } from '../run/note.ts';
import type { RunState } from '../run/state.ts';

/** Durable when it resolves. Throws KeyturnError REGISTER_FORGED. */
export type KeepLateNote = (state: RunState, remark: Remark) => Promise<void>;

const MOST = 300;

type Parts = { readonly register: Pick<Register, 'append' | 'find'>; readonly now: () => number; readonly log: Logger };

export function createLateNotes({ register, now, log }: Parts): KeepLateNote {
  const taken = new Map<string, number>();

  return async (state, remark) => {
    const { run, cluster } = state;
    const isKnown = Object.hasOwn(state.notes, remark.ts) || (await register.find(lateNoteId(run, remark.ts))) !== undefined;
    const late = lateNote(state, remark, isKnown);
    if (late === undefined) return;
    const count = taken.get(run) ?? 0;
    if (count === MOST) log.warn({ run }, `more than ${MOST} replies since the run was over: further ones are not recorded`);
    taken.set(run, count + 1);
    if (count >= MOST) return;
    const { id, ...note } = late;
    await register.append({ kind: 'lateNote', run, cluster: cluster.name, ...note }, { id, at: now() });
  };
}

/** Where nobody writes in threads: a rehearsal, the command line. */
export const NO_LATE_NOTES: KeepLateNote = async () => undefined;
