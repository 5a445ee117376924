/** From a typed command to its answer: one line for each command that exists. */
import type { Answer } from '../answer.ts';
import { type Command, type Known, parseCommand } from '../command.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import type { Desk } from '../ports.ts';
import { isRestricted, readingGroups, visibleTo } from '../rights.ts';
import { still } from '../still.ts';
import { shown } from '../suggest.ts';
import { control } from './control.ts';
import { exportRun } from './export.ts';
import { history } from './history.ts';
import { approvals, show } from './look-back.ts';
import { brokenFiles, help, list, status, withFindings } from './read.ts';
import { review, reviews } from './reviews.ts';
import { run } from './start.ts';

/** The handler of `/ha`. May reject with a KeyturnError of the store; `answerCommand` puts it into words. */
export async function runCommand(whole: Office, asked: Asked): Promise<Answer> {
  const office = { ...whole, desk: still(whole.desk) };
  const parsed = parseCommand(asked.text, knownTo(office.desk));
  if (parsed.kind === 'mistake') return correct(office, asked);
  const { command } = parsed;
  if (await isHidden(office, asked, command)) return correct(office, asked);
  switch (command.kind) {
    case 'help':
      return help(office, asked, command.procedure);
    case 'list':
      return list(office, asked);
    case 'status':
      return status(office, asked, command.target);
    case 'plan':
    case 'start':
      return run(office, asked, command);
    case 'export':
      return exportRun(office, asked, command.run, command.format);
    case 'show':
      return show(office, asked, command.run);
    case 'approvals':
      return approvals(office, asked, command.page);
    case 'history':
      return history(office, asked, command.text);
    case 'reviews':
      return reviews(office, asked);
    case 'review':
      return review(office, asked, command.run, command.note);
    case 'pause':
    case 'resume':
    case 'cancel':
      return control(office, asked, command);
  }
}

/** What names something that the person may not see is answered like a name that stands for nothing; the register knows better. */
async function isHidden(office: Office, asked: Asked, command: Command): Promise<boolean> {
  if ((command.kind !== 'start' && command.kind !== 'plan' && command.kind !== 'help') || !isRestricted(office.desk)) return false;
  const standing = await office.directory.standingOf({ team: asked.team, user: asked.user }, readingGroups(office.desk));
  if (parseCommand(asked.text, visibleTo(office.desk, standing).known).kind === 'command') return false;
  const what = command.kind === 'help' ? 'read' : command.kind;
  await office.desk.refused(standing, what, `You may not see what you named: ${shown(asked.text)}.`);
  return true;
}

/** Corrections list what exists, so they are made anew from what the person may see. */
async function correct(office: Office, asked: Asked): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, readingGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const parsed = parseCommand(asked.text, visibleTo(desk, admitted.standing).known);
  const sentences = parsed.kind === 'mistake' ? parsed.sentences : [];
  const findings = desk.findings();
  return { kind: 'now', content: brokenFiles(findings, asked.text) ?? withFindings(note(sentences), findings) };
}

export function knownTo(desk: Desk): Known {
  return { procedures: desk.procedures(), clusters: desk.clusters() };
}
