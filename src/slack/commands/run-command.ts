/** From a typed command to its answer: one line for each command that exists. */
import type { Answer } from '../answer.ts';
import { type Known, parseCommand } from '../command.ts';
import { note } from '../note.ts';
import { admit, type Office } from '../office.ts';
import type { Asked } from '../payloads.ts';
import type { Desk } from '../ports.ts';
import { readingGroups, visibleTo } from '../rights.ts';
import { still } from '../still.ts';
import { control } from './control.ts';
import { brokenFiles, help, list, status, withFindings } from './read.ts';
import { run } from './start.ts';

/** The handler of `/ha`. May reject with a KeyturnError of the store; `answerCommand` puts it into words. */
export async function runCommand(whole: Office, asked: Asked): Promise<Answer> {
  const office = { ...whole, desk: still(whole.desk) };
  const parsed = parseCommand(asked.text, knownTo(office.desk));
  if (parsed.kind === 'mistake') return correct(office, asked);
  const { command } = parsed;
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
    case 'pause':
    case 'resume':
    case 'cancel':
      return control(office, asked, command);
  }
}

/** Corrections list what exists, so they are made anew from what the person may see. */
async function correct(office: Office, asked: Asked): Promise<Answer> {
  const { desk } = office;
  const admitted = await admit(office, asked, readingGroups(desk));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const { clusters } = visibleTo(desk, admitted.standing);
  const products = clusters.map(({ product }) => product);
  const procedures = desk.procedures().filter(({ product }) => clusters.length === desk.clusters().length || products.includes(product));
  const parsed = parseCommand(asked.text, { procedures, clusters });
  const sentences = parsed.kind === 'mistake' ? parsed.sentences : [];
  const findings = desk.findings();
  return { kind: 'now', content: brokenFiles(findings, asked.text) ?? withFindings(note(sentences), findings) };
}

export function knownTo(desk: Desk): Known {
  return { procedures: desk.procedures(), clusters: desk.clusters() };
}
