/** The run that a command names, for whoever may read it. One that they may not read is answered like one that is not there; the register knows better. */
import type { Standing } from '../../run/authorise.ts';
import type { Recorded } from '../../run/events.ts';
import { groupsIn } from '../../run/policy.ts';
import type { RunState } from '../../run/state.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { mayLookAt, readingGroups } from '../rights.ts';
import { shown } from '../suggest.ts';
import { isRunId } from '../targets.ts';
import type { Content } from '../views/index.ts';

export type OneRun =
  | { readonly kind: 'found'; readonly state: RunState; readonly recorded: readonly Recorded[]; readonly standing: Standing }
  | { readonly kind: 'refused'; readonly content: Content };

export async function oneRun(office: Office, asked: Asked, run: string): Promise<OneRun> {
  const { desk } = office;
  const reading = isRunId(run) ? desk.journal(run) : Promise.resolve(undefined);
  // That a journal is damaged is told to nobody who is not let in.
  const pinned = await reading.then(groupsOf, () => []);
  const admitted = await admit(office, asked, [...new Set([...pinned, ...readingGroups(desk)])]);
  if (admitted.kind === 'refused') return admitted;
  const { standing } = admitted;
  const journal = await reading;
  if (journal !== undefined && mayLookAt(desk, journal.state, standing)) return { kind: 'found', ...journal, standing };
  const unknown = `Keyturn knows no run \`${shown(run)}\`. \`/ha history\` and \`/ha status\` find runs; the id of a run stands in its thread.`;
  if (journal !== undefined) await desk.refused(standing, 'read', unknown);
  return { kind: 'refused', content: note(unknown) };
}

/** A run that goes on is read by its own files. */
function groupsOf(journal: { readonly state: RunState } | undefined): readonly string[] {
  return journal === undefined || journal.state.ended !== undefined ? [] : groupsIn(journal.state);
}
