/** `keyturn doctor`: one line for each thing that must be right before the first run, and what to check where it is not. Changes nothing. */
import { type Config, readConfig } from '../config.ts';
import { checkFactors } from './doctor-factor.ts';
import { ownFolders } from '../data-folder.ts';
import { checkFiles, checkFolder, checkKey } from './doctor-files.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';
import { checkHosts } from './doctor-hosts.ts';
import { checkRedisServer } from './doctor-redis.ts';
import { checkSlack } from './doctor-slack.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

/** `only`: the one cluster whose hosts are asked; all otherwise. */
export async function doctor(world: CliWorld, only: string | undefined): Promise<Exit> {
  const full = attempt(() => readConfig(world.env, 'both'));
  const config = full.kind === 'value' ? full.value : taken(attempt(() => readConfig(world.env, 'worker')));
  let failures = 0;
  const tell = (finding: Finding): void => {
    if (finding.kind === 'failed') failures += 1;
    show(world, finding);
  };
  tell(full.kind === 'value' ? ok('environment', 'every variable is well formed') : failed('environment', full.error));
  for (const notice of config?.notices ?? []) tell(warning('environment', notice));
  if (config !== undefined) for await (const finding of findings(config, only, world.env)) tell(finding);
  world.say(failures === 0 ? 'All is well. Next: npm start, and in Slack /ha help.' : `${failures} of the above failed.`);
  return failures === 0 ? EXIT.ok : EXIT.found;
}

async function* findings(config: Config, only: string | undefined, env: CliWorld['env']): AsyncGenerator<Finding> {
  const files = checkFiles(config, only, env);
  yield* files.findings;
  for (const folder of ownFolders(config)) yield await checkFolder(folder);
  yield await checkKey(config.keyFile);
  yield* await checkRedisServer(config);
  yield* await checkFactors(config, files.clusters);
  if (config.slack !== undefined) yield* await checkSlack(config.slack, files);
  yield* checkHosts(config, files.clusters);
}

function show(world: CliWorld, finding: Finding): void {
  const line = `${finding.kind.padEnd(8)} ${finding.what}: ${finding.note.replaceAll('\n', '\n         ')}`;
  if (finding.kind !== 'failed') {
    world.say(line);
    return;
  }
  world.complain(line);
  world.complain(`         Check: ${finding.check}`);
}

type Attempt<T> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'error'; readonly error: unknown };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { kind: 'value', value: work() };
  } catch (error) {
    return { kind: 'error', error };
  }
}

function taken<T>(tried: Attempt<T>): T | undefined {
  return tried.kind === 'value' ? tried.value : undefined;
}
