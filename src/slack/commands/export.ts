/** `/ha export <run> [json|md|html]`: the record of a run as a file in its thread. */
import { createHash } from 'node:crypto';
import { type Format, render } from '../../export/render.ts';
import type { RunState } from '../../run/state.ts';
import type { Answer } from '../answer.ts';
import { note } from '../note.ts';
import type { Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import type { Content } from '../views/index.ts';
import { oneRun } from './one-run.ts';

export async function exportRun(office: Office, asked: Asked, run: string, format: Format): Promise<Answer> {
  const found = await oneRun(office, asked, run);
  if (found.kind === 'refused') return { kind: 'now', content: found.content };
  const { state } = found;
  const meanwhile = note(`Making the ${format.toUpperCase()} export of ${run}; it will stand in the thread of the run.`);
  return { kind: 'later', meanwhile, work: upload(office, state, format, asked.user) };
}

async function upload(office: Office, state: RunState, format: Format, user: string): Promise<readonly Content[]> {
  const { run } = state;
  const [thread, record] = await Promise.all([office.threadOf(run), office.recordOf(run)]);
  if (thread === undefined)
    return [
      note(`The thread of ${run} is not there (yet), so there is nowhere to put the file. On Keyturn’s machine: keyturn export ${run}`),
    ];
  if (record === undefined) return [note(`The record of ${run} could not be read.`)];
  const content = Buffer.from(render(record, format));
  const sha256 = createHash('sha256').update(content).digest('hex');
  const unfinished = state.ended === undefined ? ' The run is NOT FINISHED: the file ends with what has happened so far.' : '';
  await office.upload({
    channel: state.channel.id,
    thread,
    name: `${run}.${format}`,
    title: `${run}.${format}`,
    content,
    // The run and the person are ids that Keyturn and Slack made, so there is nothing to escape.
    comment: `Export of run ${run} as ${format.toUpperCase()}, asked for by <@${user}>. ${record.entries.length} events, sha256 ${sha256}.${unfinished}`,
  });
  return [note(`The ${format.toUpperCase()} export of ${run} stands in its thread (${content.length} bytes).${unfinished}`)];
}
