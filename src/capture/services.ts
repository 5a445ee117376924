/** The status of a supervisor's services, one per line: `agent  RUNNING  pid 650197, uptime 0:01:38`. */

import { excerpt, type Line, linesOf } from './lines.ts';
import type { Reading } from './read.ts';

/** http://supervisord.org/subprocess.html#process-states */
const states = ['STOPPED', 'STARTING', 'RUNNING', 'BACKOFF', 'STOPPING', 'EXITED', 'FATAL', 'UNKNOWN'];

type Service = { readonly name: string; readonly state: string; readonly pid?: number; readonly uptime?: string };

/** What supervisorctl says when there is no supervisor to ask. */
const noSupervisor = [
  /^unix:\/\/.* no such file\b/i,
  / refused connection$/i,
  /\bConnection ?Refused/i,
  /\bFileNotFoundError\b.*\.sock\b/i,
];

/** `services` and `supervisor`: `up`, or `down` when it could not be reached (then there are no services). */
export function readServices(stdout: string, stderr: string): Reading {
  const lines = linesOf(stdout);
  const errors = linesOf(stderr);
  if (lines.kind === 'unreadable') return lines;
  if (errors.kind === 'unreadable') return errors;
  const unclear = lines.lines.find(isUnclear);
  if (unclear !== undefined) return { kind: 'unreadable', why: `line ${unclear.number} has an unknown state: ${excerpt(unclear.text)}` };
  const services = lines.lines.flatMap(serviceIn);
  const isDown = [...lines.lines, ...errors.lines].some(isDownLine);
  if (isDown && services.length > 0) return { kind: 'unreadable', why: 'it shows services and says that the supervisor cannot be reached' };
  const twice = services.find(({ name }, index) => services.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) return { kind: 'unreadable', why: `it shows the service ${twice.name} twice` };
  if (isDown) return { kind: 'read', values: { services: [], supervisor: 'down' } };
  if (services.length === 0) return { kind: 'unreadable', why: 'it shows no service, and does not say that the supervisor is down' };
  return { kind: 'read', values: { services, supervisor: 'up' } };
}

function isDownLine(line: Line): boolean {
  const text = line.text.slice(0, 1000);
  return noSupervisor.some((pattern) => pattern.test(text));
}

function partsOf(line: Line): { readonly name: string; readonly state: string; readonly rest: string } | undefined {
  const match = /^([\w.:@-]{1,200})\s{1,200}([A-Z_]{4,20})(?:\s|$)/.exec(line.text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { name: match[1], state: match[2], rest: line.text.slice(match[0].length, match[0].length + 200).trim() };
}

/** A word where a state should be, and not one of them: to leave the line out could hide a service that runs. */
function isUnclear(line: Line): boolean {
  const parts = partsOf(line);
  return parts !== undefined && !states.includes(parts.state) && !isDownLine(line);
}

function serviceIn(line: Line): readonly Service[] {
  const parts = partsOf(line);
  if (parts === undefined || !states.includes(parts.state)) return [];
  const running = /^pid ([0-9]{1,10}), uptime (.{1,60})$/.exec(parts.rest);
  const { name, state } = parts;
  return [
    running?.[1] === undefined || running[2] === undefined ? { name, state } : { name, state, pid: Number(running[1]), uptime: running[2] },
  ];
}
