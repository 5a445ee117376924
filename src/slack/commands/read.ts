/** `/ha help`, `/ha list` and `/ha status`: what exists and what goes on. They change nothing. */
import type { Standing } from '../../run/authorise.ts';
import type { Answer } from '../answer.ts';
import { withDamaged } from '../damaged.ts';
import { note } from '../note.ts';
import { admit, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import { allGroups, readable, readingGroups, visibleTo } from '../rights.ts';
import { noSuch } from '../suggest.ts';
import { statesOf } from '../targets.ts';
import { type Content, helpView, listView, procedureHelpView, statusView } from '../views/index.ts';

/** Answered everywhere, also where nothing can be started: it says how to get there. */
export async function help(office: Office, asked: Asked, procedure: string | undefined): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, allGroups(desk), true);
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const visible = visibleTo(desk, admitted.standing);
  if (procedure === undefined) return { kind: 'now', content: helpView(visible.procedures, visible.may) };
  const named = visible.known.procedures.filter((candidate) => candidate.name === procedure);
  return { kind: 'now', content: procedureHelpView(named, visible.clusters) };
}

export async function list(office: Office, asked: Asked): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, allGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const visible = visibleTo(desk, admitted.standing);
  const view = listView(visible.procedures, visible.clusters, (cluster) => visible.mayOn('start', cluster));
  return { kind: 'now', content: withFindings(view, desk.findings()) };
}

/** The mistakes in the files of what a command names, which would otherwise look as if it were not there; nothing where there are none. */
export function brokenFiles(findings: readonly string[], text: string): Content | undefined {
  for (const word of text.toLowerCase().split(/\s+/)) {
    const mine = findings.filter((finding) => fileOf(finding) === word);
    if (mine.length === 0) continue;
    const rest = mine.length > SHOWN ? [`… ${mine.length - SHOWN} more; \`keyturn lint\` shows all.`] : [];
    return note([`\`${word}\` cannot be used until its file is put right:`, ...mine.slice(0, SHOWN), ...rest]);
  }
  return undefined;
}

const SHOWN = 5;

/** The name of the file without folder and ending, from a finding as text. */
function fileOf(finding: string): string | undefined {
  return /^(?:.*?\/)?([^/:]+)\.ya?ml:\d+:\d+ /.exec(finding)?.[1]?.toLowerCase();
}

/** A file that cannot be read would otherwise look like a file that is not there. */
export function withFindings(content: Content, findings: readonly string[]): Content {
  if (findings.length === 0) return content;
  const count = findings.length === 1 ? 'One thing is' : `${findings.length} things are`;
  const more = note(
    `${count} wrong in the files, so something may be missing here. \`keyturn lint\` shows all; the first: ${findings[0] ?? ''}`,
  );
  return { text: `${content.text}\n${more.text}`, blocks: [...content.blocks, ...more.blocks] };
}

export async function status(office: Office, asked: Asked, target: string | undefined): Promise<Answer> {
  const admitted = await admit(office, asked, readingGroups(office.desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { standing } = admitted;
  const all = await statesOf(office.desk, target);
  const states = readable(all ?? [], standing);
  const isSeen = states.length > 0 || target === undefined || visibleTo(office.desk, standing).clusters.some(isCalled(target));
  if (all === undefined || !isSeen)
    return { kind: 'now', content: withDamaged(note(await noTarget(office, target ?? '', standing)), office.desk.damaged()) };
  const links = new Map(
    await Promise.all(states.map(async ({ run }): Promise<[string, string | undefined]> => [run, await quickLink(office, run)])),
  );
  return {
    kind: 'now',
    content: withDamaged(
      statusView(states, (run) => links.get(run)),
      office.desk.damaged(),
    ),
  };
}

function isCalled(target: string): (cluster: { readonly name: string }) => boolean {
  return ({ name }) => name.toLowerCase() === target.toLowerCase();
}

export async function noTarget(office: Office, target: string, standing: Standing): Promise<string> {
  const open = readable(await office.desk.open(), standing);
  const { clusters } = visibleTo(office.desk, standing);
  return noSuch(
    'run or cluster',
    target,
    [...open.map((state) => state.run), ...clusters.map((cluster) => cluster.name)],
    'runs and clusters',
  );
}
