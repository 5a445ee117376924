/**
 * The list of what was done in an emergency, kept in the register beside the journals, until somebody else has looked at it.
 *
 * E1 The journal is the truth: what it holds gets into the register right after it was written, and once more when the run is over, so that a
 *    crash in between loses nothing. An entry has one id, however often it is written.
 * E2 An emergency is reviewed once: of two people at the same time the first is recorded.
 */
import type { Journal } from '../journal/journal.ts';
import type { Register, RegisterEntry } from '../journal/register.ts';
import type { Standing } from '../run/authorise.ts';
import type { RunEvent } from '../run/events.ts';
import { type DueReview, decideReview, dueReviews, emergenciesIn, type ReviewEntry } from '../run/reviews.ts';
import type { RunState } from '../run/state.ts';

export interface Emergencies {
  /** Has the register hold what the journal does. */
  note(state: RunState): Promise<void>;
  /** What nobody has reviewed yet, the newest first. Throws KeyturnError REGISTER_FORGED. */
  due(): Promise<readonly DueReview[]>;
  /** Durable when it resolves; `told` is for the person. `at` in milliseconds since 1970. */
  review(state: RunState, note: string, standing: Standing, at: number): Promise<{ readonly kind: ReviewKind; readonly told: string }>;
}

type ReviewKind = 'taken' | 'refused' | 'moot';

export type EmergencyParts = {
  readonly journal: Pick<Journal<RunEvent>, 'read'>;
  readonly register: Pick<Register, 'append' | 'read'>;
};

export function createEmergencies({ journal, register }: EmergencyParts): Emergencies {
  const due = (): Promise<readonly DueReview[]> => dueIn(register);

  return {
    due,
    async note({ run, cluster }) {
      if (cluster.breakGlass === undefined && cluster.freeze === undefined) return;
      for (const { id, at, event } of emergenciesIn(run, cluster.name, await journal.read(run))) await register.append(event, { id, at });
    },
    async review(state, note, standing, at) {
      const mine = (await due()).filter(({ event }) => event.run === state.run);
      const decided = decideReview(state, mine, note, standing);
      if (decided.kind === 'refused') await refused(register, state, standing, decided.told, at);
      if (decided.kind !== 'taken') return decided;
      const written = [];
      for (const { id, event } of decided.entries) written.push(await register.append(event, { id, at }));
      if (written.some(({ kind }) => kind === 'appended')) return decided;
      return { kind: 'moot', told: `Somebody else has reviewed ${state.run} just now; nothing was recorded.` };
    },
  };
}

/** The same from the register alone. */
export async function dueIn(register: Pick<Register, 'read'>): Promise<readonly DueReview[]> {
  return dueReviews((await everything(register)).flatMap(reviewEntry));
}

/** Where there is no register: a rehearsal. */
export const NO_EMERGENCIES: Emergencies = {
  note: async () => undefined,
  due: async () => [],
  review: async () => ({ kind: 'moot', told: 'Nothing is reviewed here.' }),
};

function reviewEntry({ id, at, event }: RegisterEntry): readonly ReviewEntry[] {
  return event.kind === 'glassBroken' || event.kind === 'holdOverridden' || event.kind === 'reviewed' ? [{ id, at, event }] : [];
}

async function refused(
  { append }: Pick<Register, 'append'>,
  state: RunState,
  { person }: Standing,
  why: string,
  at: number,
): Promise<void> {
  const about = { run: state.run, cluster: state.cluster.name, procedure: state.procedure.name };
  await append({ kind: 'refused', person, action: 'review', ...about, why }, { id: `${state.run}:review:${person.user}:${at}`, at });
}

const PAGE = 500;

/** The register grows by people's doings only, and an emergency may wait for long. */
async function everything({ read }: Pick<Register, 'read'>): Promise<readonly RegisterEntry[]> {
  const entries: RegisterEntry[] = [];
  for (;;) {
    const more = await read({ from: (entries.at(-1)?.seq ?? 0) + 1, limit: PAGE });
    entries.push(...more);
    if (more.length < PAGE) return entries;
  }
}
