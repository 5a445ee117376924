/**
 * The desk for runs that exist already: what people want of them, however they come (Slack, command line).
 *
 * K2 An intent is decided against the very state that its append is compared with; whoever comes second is decided again.
 */
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import type { Library } from '../files/load.ts';
import type { Journal, Stored } from '../journal/journal.ts';
import { isDamage } from '../journal/lost.ts';
import type { Standing } from '../run/authorise.ts';
import type { Decided } from '../run/decided.ts';
import type { Actor, Person, RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import { noteEvents, type Remark } from '../run/note.ts';
import type { RunState } from '../run/state.ts';
import type { Desk } from '../slack/ports.ts';
import type { WhoIs } from './approvers.ts';
import { decideNow } from './decide-now.ts';
import type { Hands } from './hands.ts';
import type { KeepLateNote } from './late-notes.ts';
import type { NoteRefusal, Refusal } from './refusals.ts';
import { openSession } from './session.ts';

/** What is needed for runs that exist already. */
export type RunDeskParts = {
  readonly journal: Journal<RunEvent>;
  /** Read again for each request: an edit on disk counts for the next run. */
  readonly library: () => Library;
  readonly nudge: (run: string, key: string) => Promise<void>;
  readonly hands: Pick<Hands, 'emergencies'>;
  readonly noteRefusal: NoteRefusal;
  readonly keepLateNote: KeepLateNote;
  /** Asked about those who stood for something earlier; absent where Slack cannot be asked. */
  readonly whoIs?: WhoIs | undefined;
  readonly now: () => number;
  readonly log: Logger;
};

/** The desk for runs that exist already: for a door that starts none. */
export type RunDesk = Pick<Desk, 'clusters' | 'act' | 'note' | 'open' | 'endedSince' | 'damaged' | 'state'>;

export function createRunDesk(parts: RunDeskParts): RunDesk {
  const damaged = new Map<string, string>();

  /** One damaged journal must not keep the other runs from being shown and stopped. */
  async function unlessDamaged(run: string): Promise<readonly RunState[]> {
    try {
      const state = await stateOf(parts, run);
      damaged.delete(run);
      return state === undefined ? [] : [state];
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.set(run, error.message);
      return [];
    }
  }

  return {
    clusters: () => parts.library().clusters,
    act: (run, intent, standing) => act(parts, run, intent, standing),
    open: async () => {
      const runs = await parts.journal.openRuns();
      for (const run of damaged.keys()) if (!runs.includes(run)) damaged.delete(run);
      return (await Promise.all(runs.map(unlessDamaged))).flat();
    },
    endedSince: (at) => endedSince(parts, at),
    damaged: () => [...damaged].map(([run, why]) => ({ run, why })),
    note: (run, remark) => note(parts, run, remark),
    state: (run) => stateOf(parts, run),
  };
}

const MOST_ENDED = 100;

async function endedSince(parts: RunDeskParts, since: number): Promise<readonly RunState[]> {
  const ended = (await parts.journal.finishedRuns({ limit: MOST_ENDED })).filter(({ at }) => at >= since);
  const states: RunState[] = [];
  for (const { run } of ended) {
    const state = await stateOf(parts, run).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      return undefined;
    });
    if (state !== undefined) states.push(state);
  }
  return states;
}

/** Undefined for a run that was never heard of. */
export async function read(parts: Pick<RunDeskParts, 'journal'>, run: string): Promise<readonly Stored<RunEvent>[] | undefined> {
  try {
    return await parts.journal.read(run);
  } catch (error) {
    if (error instanceof KeyturnError && error.code === 'RUN_UNKNOWN') return undefined;
    throw error;
  }
}

/** The same, folded. */
export async function stateOf(parts: Pick<RunDeskParts, 'journal'>, run: string): Promise<RunState | undefined> {
  const recorded = await read(parts, run);
  return recorded === undefined ? undefined : fold(run, recorded);
}

export function personally(person: Person): Actor {
  return { kind: 'person', person };
}

async function act(parts: RunDeskParts, run: string, intent: Parameters<Desk['act']>[1], standing: Standing): ReturnType<Desk['act']> {
  const session = await openSession(parts.journal, run);
  for (;;) {
    const now = parts.now();
    const decided = await decideNow(parts.whoIs, session.state(), intent, standing, now);
    if (decided.kind === 'moot') return decided;
    if (!(await session.append(decided.events, now, personally(standing.person)))) continue;
    if (decided.events.some(isEmergency)) await listEmergency(parts, session.state());
    if (decided.kind === 'taken') await parts.nudge(run, `intent-${session.head().seq}`);
    if (decided.kind === 'refused') await parts.noteRefusal(refusalIn(session.state(), decided, standing.person));
    return decided;
  }
}

/** No worker is told: a note decides nothing. */
async function note({ journal, now, keepLateNote }: RunDeskParts, run: string, remark: Remark): Promise<void> {
  const session = await openSession(journal, run);
  for (;;) {
    if (session.state().ended !== undefined) return keepLateNote(session.state(), remark);
    const events = noteEvents(session.state(), remark);
    const actor = writerOf(remark, events);
    if (events.length === 0 || (await session.append(events, now(), actor))) return;
  }
}

/** A note is its writer's, also where only an edit of it was heard; who edits or deletes one, Slack does not say for certain. */
function writerOf(remark: Remark, events: readonly RunEvent[]): Actor {
  const isNew = events.some(({ kind }) => kind === 'noted');
  return isNew && remark.kind !== 'deleted' ? personally(remark.by) : { kind: 'keyturn' };
}

function isEmergency({ kind }: RunEvent): boolean {
  return kind === 'glassBroken' || kind === 'holdOverridden';
}

/** What the journal holds is done whatever becomes of the list: when the run is over it is written once more. */
async function listEmergency({ hands, log }: RunDeskParts, state: RunState): Promise<void> {
  await hands.emergencies.note(state).catch((error: unknown) => {
    log.error(
      { run: state.run, reason: error instanceof Error ? error.message : String(error) },
      'an emergency could not be listed for review yet',
    );
  });
}

function refusalIn(
  { run, cluster, procedure }: RunState,
  { action, told }: Extract<Decided, { kind: 'refused' }>,
  person: Person,
): Refusal {
  return { person, action, run, cluster: cluster.name, procedure: procedure.name, why: told };
}
