/** A command on a sandbox host without SSH: the login's home and environment are all that makes it that host. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import { endOf, type Ssh } from './ssh-command.ts';

/** Runs it by /bin/sh with these words on standard input, which then ends. */
export function runOnHost(product: SandboxProduct, name: string, command: string, input = ''): Promise<Ssh> {
  const child = startOnHost(product, name, command);
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(input);
  return endOf(child);
}

/** Starts it, in a process group of its own, and leaves it to the caller. */
export function startOnHost(product: SandboxProduct, name: string, command: string): ChildProcess {
  const host = product.hosts.find((each) => each.name === name);
  if (host === undefined) throw new Error(`There is no sandbox host ${name}.`);
  return spawn('/bin/sh', ['-c', command], { cwd: host.home, env: { ...product.env, HOME: host.home }, detached: true });
}
