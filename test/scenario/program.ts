/** The built programs as an operator starts them, to their end: what they print and how they exit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const BUILT = resolve(import.meta.dirname, '../../dist/src');
/** Longer than anything here waits for; whoever is not through by then would have waited for ever. */
const PATIENCE_MS = 30_000;

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
export type World = { readonly env: NodeJS.ProcessEnv; readonly folder: string };

/** `node dist/src/main.js …`, which is expected not to start. */
export function runKeyturn(world: World, ...args: readonly string[]): Promise<Ended> {
  return run(join(BUILT, 'main.js'), args, world);
}

/** `keyturn …`. */
export function runCommand(world: World, ...args: readonly string[]): Promise<Ended> {
  return run(join(BUILT, 'cli/main.js'), args, world);
}

async function run(script: string, args: readonly string[], { env, folder }: World): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await once(child, 'close');
  clearTimeout(late);
  return { code: child.exitCode, ...said };
}

/** Lines of a stack trace, and the words of a failure that nobody foresaw. */
export const TRACE = /^\s+at .+:\d+:\d+|Unhandled|unforeseen|\bTypeError\b|node:internal|\[object /m;
