/** `keyturn lint [files]`: everything that is wrong in procedure, library and cluster files, each with its place. */
import { readConfig } from '../config.ts';
import { lintFile, lintFolders } from '../files/lint.ts';
import { formatFinding, onceEach } from '../files/load.ts';
import type { Finding } from '../procedure/finding.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export function lint(world: CliWorld, files: readonly string[]): Exit {
  const config = readConfig(world.env, 'worker');
  if (files.length > 0) {
    const findings = onceEach(files.flatMap((file) => lintFile(file, config)));
    return told(world, findings) ?? right(world, `Nothing is wrong in ${count(files.length, 'file')}.`);
  }
  const { findings, notes, counts } = lintFolders(config);
  const wrong = told(world, findings);
  if (wrong !== undefined) return wrong;
  for (const note of notes) world.say(note);
  const libraries = counts.libraries === 0 ? '' : `, ${counts.libraries === 1 ? '1 library' : `${counts.libraries} libraries`}`;
  return right(world, `Nothing is wrong in ${count(counts.procedures, 'procedure')}${libraries} and ${count(counts.clusters, 'cluster')}.`);
}

function told(world: CliWorld, findings: readonly Finding[]): Exit | undefined {
  for (const finding of findings) world.complain(formatFinding(finding));
  if (findings.length === 0) return undefined;
  world.complain(`${findings.length === 1 ? 'One thing is' : `${findings.length} things are`} wrong.`);
  return EXIT.found;
}

function right(world: CliWorld, line: string): Exit {
  world.say(line);
  return EXIT.ok;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
