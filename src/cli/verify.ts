/** `keyturn verify`: says of each run whether its record is what was written, and whether it was allowed. Runs where they are kept, or records as files. */
import { existsSync } from 'node:fs';
import { readConfig } from '../config.ts';
import { readInstallationKey } from '../installation-key.ts';
import type { Head } from '../journal/stored.ts';
import { createSigner, fingerprintOf } from '../signature.ts';
import { type JudgedFile, keyIfHere, verifyFile } from './verify-files.ts';
import { type JudgedRuns, verifyRuns } from './verify-runs.ts';
import { fileLines } from './verify-text.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type VerifyOptions = {
  readonly json: boolean;
  /** Fingerprint or base64 of the public key that must have signed what is in files. */
  readonly key?: string;
  readonly showKey?: boolean;
  /** Also the threads in Slack; and post again what is missing there. */
  readonly slack?: boolean;
  readonly repost?: boolean;
  /** `<number>:<hash>`: where the list of runs ended at an earlier verification. */
  readonly seen?: string;
};

/** Changes nothing but what `repost` posts; bot and workers may run meanwhile. Throws KeyturnError for a configuration or a Redis that cannot be used. */
export async function verify(world: CliWorld, named: readonly string[], options: VerifyOptions): Promise<Exit> {
  if (options.showKey === true) return showKey(world, options);
  if (options.repost === true && options.slack !== true) {
    world.complain('--repost goes with --slack: what is missing from Slack is only known after looking there. Nothing was done.');
    return EXIT.usage;
  }
  const seen = placeOf(options.seen);
  if (options.seen !== undefined && (seen === undefined || named.length > 0)) {
    world.complain(
      '--seen takes the number and the hash that an earlier keyturn verify has printed, and no runs or files beside it. Nothing was done.',
    );
    return EXIT.usage;
  }
  const files = [...new Set(named.filter(isFile))];
  const runs = [...new Set(named.filter((each) => !isFile(each)))];
  const judgedFiles: JudgedFile[] = [];
  const keyFor = files.length === 0 ? undefined : await keyIfHere(world.env);
  for (const file of files) {
    const judged = await verifyFile(file, keyFor, { pinned: options.key });
    judgedFiles.push(judged);
    if (!options.json) sayFile(world, judged, options.key);
  }
  const judgedRuns = files.length > 0 && runs.length === 0 ? undefined : await verifyRuns(world, runs, { ...options, seen });
  if (options.json)
    world.say(
      JSON.stringify({
        ...(judgedRuns?.told ?? { runs: [], unknown: [], register: [], list: [], listEnd: null, notices: [] }),
        files: judgedFiles,
      }),
    );
  return worst([...judgedFiles.map(exitOf), judgedRuns === undefined ? EXIT.ok : exitOfRuns(judgedRuns)]);
}

function placeOf(seen: string | undefined): Head | undefined {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(seen ?? '') ?? [];
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash };
}

/** No id of a run has a dot or a slash. */
function isFile(named: string): boolean {
  return /\.(json|json\.gz|html?|md)$/i.test(named) || existsSync(named);
}

function sayFile(world: CliWorld, judged: JudgedFile, pinned: string | undefined): void {
  const say = exitOf(judged) === EXIT.ok ? world.say : world.complain;
  for (const line of fileLines(judged, pinned)) say(line);
}

function exitOf({ runs, beside, unreadable }: JudgedFile): Exit {
  if (beside.faults.length > 0) return EXIT.found;
  if (unreadable !== undefined || runs.length === 0) return EXIT.usage;
  return runs.some(({ faults }) => faults.length > 0) ? EXIT.found : EXIT.ok;
}

function exitOfRuns({ bad, isWhole, unknown }: JudgedRuns): Exit {
  if (bad > 0 || !isWhole) return EXIT.found;
  return unknown.length > 0 ? EXIT.usage : EXIT.ok;
}

/** What was found counts more than what could not be looked at. */
function worst(exits: readonly Exit[]): Exit {
  if (exits.includes(EXIT.found)) return EXIT.found;
  return exits.includes(EXIT.usage) ? EXIT.usage : EXIT.ok;
}

/** The public half: nothing here is secret. */
async function showKey(world: CliWorld, { json }: VerifyOptions): Promise<Exit> {
  const { key } = createSigner((await readInstallationKey(readConfig(world.env, 'worker').keyFile))('signature'));
  const fingerprint = fingerprintOf(key);
  if (json) world.say(JSON.stringify({ fingerprint, key }));
  else world.say(`Key ${fingerprint}: every record that this installation signs bears it. The public key in base64 is ${key}`);
  return EXIT.ok;
}
