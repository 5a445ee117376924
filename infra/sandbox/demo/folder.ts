/**
 * The folder in which the demo keeps everything, and its page's port. `demo.json` marks it as a demo's: nothing is ever deleted in a folder
 * without it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { KeyturnError } from '../../../src/errors.ts';
import { startOwnRedis } from '../../../src/redis/own-server.ts';

const DEFAULT_PORT = 4700;
const PARTS = ['slack.json', 'hosts', 'clusters', 'data', 'demo.json'] as const;
const keptSchema = z.object({ port: z.number().int().optional() });

/** Makes the folder the demo's. Throws KeyturnError `DEMO_FOLDER` where it holds something else. */
export async function takeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (existsSync(mark(folder))) return;
  const strange = readdirSync(folder).find((name) => !PARTS.some((part) => part === name));
  if (strange !== undefined)
    throw new KeyturnError(
      'DEMO_FOLDER',
      `${folder} holds ${strange}, so it is no folder of a demo.`,
      'KEYTURN_DEMO_FOLDER: an empty or new folder.',
    );
  await writeFile(mark(folder), '{}\n');
}

/** The port to listen on: the wanted one, else the one of the last time, so that links and open pages still lead here. */
export async function pagePort(folder: string, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined && wanted !== 0) return wanted;
  return kept(folder) ?? wanted ?? DEFAULT_PORT;
}

export async function rememberPort(folder: string, port: number): Promise<void> {
  await writeFile(mark(folder), `${JSON.stringify({ port })}\n`);
}

/** Deletes what is kept here. Throws KeyturnError `DEMO_RUNS` while a demo runs on it. */
export async function beginAnew(folder: string): Promise<void> {
  const port = kept(folder);
  if (port !== undefined && (await listens(port)))
    throw new KeyturnError('DEMO_RUNS', `A demo still runs on ${folder} (port ${port}).`, 'stop it with Ctrl-C first, then begin anew.');
  // A Redis that a killed demo left behind would go on with files that are no longer there.
  const data = join(folder, 'data');
  if (existsSync(join(data, 'redis'))) await (await startOwnRedis(data, pino({ level: 'silent' }))).stop();
  for (const part of PARTS) await rm(join(folder, part), { recursive: true, force: true, maxRetries: 5 });
  await writeFile(mark(folder), '{}\n');
}

/** The sentence for a port that another program has; any other error as it is. */
export function taken(port: number, error: unknown): unknown {
  if (!(error instanceof KeyturnError) || error.code !== 'SANDBOX_PORT') return error;
  const what = `Port ${port} of this machine cannot be had for the page; perhaps another demo runs already.`;
  return new KeyturnError('DEMO_PORT', what, `http://127.0.0.1:${port}/ in a browser, or take another port: PORT=${port + 1} npm run demo`);
}

function mark(folder: string): string {
  return join(folder, 'demo.json');
}

function kept(folder: string): number | undefined {
  if (!existsSync(mark(folder))) return undefined;
  return keptSchema.parse(JSON.parse(readFileSync(mark(folder), 'utf8'))).port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
