/** Each server's own port: chosen once, kept for the life of the sandbox. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { put } from '../layout.ts';

/**
 * Below the ports that systems hand out by themselves (from 32768 on Linux, 49152 elsewhere): between a server's end and its next start no
 * outgoing connection takes its port.
 */
const LOWEST = 18_000;
const HIGHEST = 32_000;

const portsSchema = z.record(z.string(), z.number().int());

/** By host name; the ports of hosts that had none before are free at this moment. */
export function ensurePorts(path: string, names: readonly string[]): Readonly<Record<string, number>> {
  const ports = existsSync(path) ? portsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
  const fresh = names.filter((name) => ports[name] === undefined);
  if (fresh.length === 0) return ports;
  const found = freePorts(fresh.length, new Set(Object.values(ports)));
  for (const [index, name] of fresh.entries()) ports[name] = found[index] ?? 0;
  put(path, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

/** Node can only try a port asynchronously, so a small process of its own tries them. */
function freePorts(count: number, taken: ReadonlySet<number>): number[] {
  const candidates = Array.from({ length: 20 * count }, () => LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST)));
  const wanted = [...new Set(candidates)].filter((port) => !taken.has(port));
  const said = execFileSync(process.execPath, ['-e', PROBE, String(count), ...wanted.map(String)], { encoding: 'utf8' });
  const free = said.trim().split(' ').map(Number);
  if (free.length !== count) throw new Error(`There are no ${count} free ports between ${LOWEST} and ${HIGHEST}.`);
  return free;
}

const PROBE = `
const { createServer } = require('node:net');
const [count, ...ports] = process.argv.slice(1).map(Number);
const free = [];
const next = () => {
  if (free.length === count || ports.length === 0) return console.log(free.join(' '));
  const port = ports.shift();
  const server = createServer().once('error', next);
  server.listen(port, '127.0.0.1', () => { free.push(port); server.close(next); });
};
next();
`;
