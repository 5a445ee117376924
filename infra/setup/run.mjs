import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './packages.mjs';

/** Runs node with these arguments as if it were this process: its streams, its signals, its exit code. */
export function runNode(args, env = {}) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
  // A terminal's Ctrl-C reaches the child twice, from the terminal and from here: what is started takes both as one stop.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
