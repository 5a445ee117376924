/** `keyturn lint [files]`: everything that is wrong in procedure and cluster files, each with its place. */
import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { formatFinding, type Library, loadLibrary } from '../files/load.ts';
import { checkFit } from '../inventory/fit.ts';
import { parseCluster } from '../inventory/parse.ts';
import type { Finding } from '../procedure/finding.ts';
import { parseProcedure } from '../procedure/parse.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export function lint(world: CliWorld, files: readonly string[]): Exit {
  const config = readConfig(world.env, 'worker');
  const library = loadLibrary(config);
  const findings = files.length === 0 ? library.findings : files.flatMap((file) => findingsOf(resolve(file), config, library));
  for (const finding of findings) world.complain(formatFinding(finding));
  if (findings.length > 0) {
    world.complain(`${findings.length === 1 ? 'One thing is' : `${findings.length} things are`} wrong.`);
    return EXIT.found;
  }
  if (files.length === 0) for (const line of misfits(library)) world.say(line);
  world.say(files.length === 0 ? summary(library) : `Nothing is wrong in ${count(files.length, 'file')}.`);
  return EXIT.ok;
}

/** A file in the configured folders is judged with its name and folder, any other one by its content alone. */
function findingsOf(file: string, config: Config, library: Library): readonly Finding[] {
  const inFolders = [config.procedures, config.clusters].some((folder) => file.startsWith(folder + sep));
  const found = library.findings.filter((finding) => resolve(finding.file) === file);
  return found.length > 0 || inFolders ? [...found, ...missing(file)] : readAlone(file);
}

function missing(file: string): readonly Finding[] {
  return typeof textOf(file) === 'string' ? [] : [unreadable(file)];
}

function readAlone(file: string): readonly Finding[] {
  const text = textOf(file);
  if (text === undefined) return [unreadable(file)];
  const parsed = /^cluster\s*:/m.test(text) ? parseCluster(text, file) : parseProcedure(text, file);
  return parsed.kind === 'bad' ? parsed.findings : [];
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function unreadable(file: string): Finding {
  return { file, line: 1, column: 1, path: '', message: 'the file cannot be read', check: 'its path and its permissions' };
}

/** Not an error of a file: a small cluster simply may not be able to run everything. */
function misfits(library: Library): readonly string[] {
  return library.clusters.flatMap((cluster) =>
    library.procedures
      .filter((procedure) => procedure.product === cluster.product)
      .flatMap((procedure) =>
        checkFit(procedure, cluster).map((problem) => `Note: ${procedure.name} cannot run on ${cluster.name}: ${problem.message}`),
      ),
  );
}

function summary(library: Library): string {
  return `Nothing is wrong in ${count(library.procedures.length, 'procedure')} and ${count(library.clusters.length, 'cluster')}.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
