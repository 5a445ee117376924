import { spawn } from 'node:child_process';
import { ROOT } from './packages.mjs';

/** Runs node with these arguments as if it were this process: its streams, its signals, its exit code. */
export function runNode(args, env = {}) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  // A terminal sends Ctrl-C to the whole group: the child hears it by itself, and this process only has to wait for it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
