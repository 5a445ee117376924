/** The run that a command names, for whoever may read it. One that they may not read is answered like one that is not there; the register knows better. */
import type { Standing } from '../../run/authorise.ts';
import type { RunState } from '../../run/state.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { readable, readingGroups } from '../rights.ts';
import { isRunId } from '../targets.ts';
import type { Content } from '../views/index.ts';

export type OneRun =
  | { readonly kind: 'found'; readonly state: RunState; readonly standing: Standing }
  | { readonly kind: 'refused'; readonly content: Content };

export async function oneRun(office: Office, asked: Asked, run: string): Promise<OneRun> {
  const admitted = await admit(office, asked, readingGroups(office.desk));
  if (admitted.kind === 'refused') return admitted;
  const state = isRunId(run) ? await office.desk.state(run) : undefined;
  if (state !== undefined && readable([state], admitted.standing).length > 0) return { kind: 'found', state, standing: admitted.standing };
  const unknown = `Keyturn knows no run \`${run}\`. \`/ha status\` shows what goes on; the id of a run stands in its thread.`;
  if (state !== undefined) await office.desk.refused(admitted.standing, 'read', unknown);
  return { kind: 'refused', content: note(unknown) };
}
