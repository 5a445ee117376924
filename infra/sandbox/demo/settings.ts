/** What a person can say to the demo: `--fresh`, PORT, KEYTURN_DEMO_FOLDER, KEYTURN_DEMO_HURRY. */
import { join, resolve } from 'node:path';
import { KeyturnError } from '../../../src/errors.ts';

export type Settings = {
  /** Absolute; all that the demo keeps. */
  readonly folder: string;
  /** The page's; 0 takes a free one, undefined the one that this folder had, else 4700. */
  readonly port: number | undefined;
  /** Everything kept is deleted first. */
  readonly fresh: boolean;
  /** For tests: the hosts need tenths of a second, and Slack's rates are off. */
  readonly hurried: boolean;
};

/** Throws KeyturnError `DEMO_USAGE` for an argument or a port that there is not. */
export function demoSettings(args: readonly string[], env: NodeJS.ProcessEnv, root: string): Settings {
  const unknown = args.find((arg) => arg !== '--fresh');
  if (unknown !== undefined)
    throw new KeyturnError(
      'DEMO_USAGE',
      `The demo knows no argument "${unknown}".`,
      'npm run demo, or npm run demo -- --fresh to begin anew; before it PORT=4800 for the page, KEYTURN_DEMO_FOLDER=<an empty folder> for what is kept.',
    );
  return {
    folder: resolve(env.KEYTURN_DEMO_FOLDER || join(root, '.keyturn', 'demo')),
    port: portOf(env.PORT),
    fresh: args.includes('--fresh'),
    hurried: Boolean(env.KEYTURN_DEMO_HURRY),
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new KeyturnError('DEMO_USAGE', `PORT is "${text}", which is no TCP port.`, 'a number from 1 to 65535, or 0 for any free port.');
}
