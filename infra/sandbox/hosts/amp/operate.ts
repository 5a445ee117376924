/** What an operator does by hand on a sandbox host, for tests and demos that need a pair which is already set up. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { put } from '../layout.ts';
import { LAUNCHER_CFG } from './layout.ts';

const run = promisify(execFile);

export type LauncherSettings = Readonly<Partial<Record<'highAvailabilityMode' | 'persistMode' | 'persistenceDir', string>>>;

/** Sets options in the launcher's file: the line that has the option, commented out or not, or a new one at the end. */
export function configure(home: string, settings: LauncherSettings): void {
  const path = join(home, LAUNCHER_CFG);
  let text = readFileSync(path, 'utf8');
  for (const [key, value] of Object.entries(settings)) {
    const line = new RegExp(`^#?${key}\\s*=.*$`, 'm');
    text = line.test(text) ? text.replace(line, () => `${key} = ${value}`) : `${text}${key} = ${value}\n`;
  }
  put(path, text);
}

/** Runs one of the host's own programs; rejects where it ends with anything but 0. */
export async function runProgram(home: string, program: 'start' | 'stop', env: NodeJS.ProcessEnv): Promise<void> {
  await run(join(home, 'bin', program), { env });
}
