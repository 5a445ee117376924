/** The journal of one run, in memory: the same contract as the one in Redis, event by event in the same form. */
import type { Journal, Stored } from '../journal/journal.ts';
import { type RunEvent, runEventSchema } from '../run/events.ts';
import { evolve, fold } from '../run/evolve.ts';
import type { RunState } from '../run/state.ts';

export interface Notebook {
  readonly journal: Journal<RunEvent>;
  readonly recorded: () => readonly Stored<RunEvent>[];
  /** Undefined before the first event. */
  readonly state: () => RunState | undefined;
}

/** More than any run writes: one that appends for ever ends here. */
const MOST = 20_000;

export function createNotebook(): Notebook {
  const stored: Stored<RunEvent>[] = [];
  let run = '';
  let state: RunState | undefined;

  function write(events: readonly RunEvent[], at: number, actor: Stored<RunEvent>['actor']): readonly Stored<RunEvent>[] {
    if (stored.length > MOST) throw new Error(`the run has written ${MOST} events and does not come to an end`);
    const more = events.map((event, index) => entry(stored.length + 1 + index, event, at, actor));
    stored.push(...more);
    state = state === undefined ? fold(run, stored) : more.reduce(evolve, state);
    return more;
  }

  const journal: Journal<RunEvent> = {
    create: async (name, events, { at, actor }) => {
      run = name;
      write(events, at, actor);
      return { kind: 'created', head: headOf(stored), stored };
    },
    append: async (_run, head, events, { at, actor }) => {
      if (head.seq !== stored.length) return { kind: 'behind', head: headOf(stored) };
      const more = write(events, at, actor);
      return { kind: 'appended', head: headOf(stored), stored: more };
    },
    read: async (_run, options) => stored.slice((options?.from ?? 1) - 1),
    readRaw: async () => stored,
    inspect: () => notHere('inspect'),
    head: async () => headOf(stored),
    openRuns: async () => (state === undefined || state.ended !== undefined ? [] : [run]),
    finishedRuns: async () => [],
    listOf: async () => (state === undefined ? undefined : state.ended === undefined ? 'open' : 'finished'),
    holder: async () => undefined,
    lookup: async () => undefined,
    storeId: async () => 'rehearsal',
  };
  return { journal, recorded: () => stored, state: () => state };
}

async function notHere(what: string): Promise<never> {
  throw new Error(`a rehearsal has no ${what}`);
}

function headOf(stored: readonly Stored<RunEvent>[]): { readonly seq: number; readonly hash: string } {
  const last = stored.at(-1);
  return { seq: last?.seq ?? 0, hash: last?.hash ?? '' };
}

/** An event that the real journal would not take back out is not taken here either. Hashes are numbers: nobody is to be convinced by them. */
function entry(seq: number, event: RunEvent, at: number, actor: Stored<RunEvent>['actor']): Stored<RunEvent> {
  return { seq, id: `e${seq}`, at, actor, prev: `h${seq - 1}`, hash: `h${seq}`, event: runEventSchema.parse(event) };
}
