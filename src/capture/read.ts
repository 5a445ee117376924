/** What a command printed, as values that expressions can use. Pure, and hardened: what comes in was written by a foreign program. */
import stripAnsi from 'strip-ansi';
import type { Reader } from '../procedure/model.ts';
import { readJson } from './json.ts';
import { readKeys } from './keys.ts';
import { linesOf } from './lines.ts';
import { readRegex } from './regex.ts';
import { readServices } from './services.ts';
import { readTable } from './table.ts';

export type Printed = { readonly stdout: string; readonly stderr: string; readonly status: number };
export type Values = Readonly<Record<string, unknown>>;
export type Reading = { readonly kind: 'read'; readonly values: Values } | { readonly kind: 'unreadable'; readonly why: string };

/**
 * `stdout`, `stderr` (without terminal codes) and `status` always; beside them what the reader makes of the output. A reader that is not sure
 * says `unreadable` with the reason: half a table or an unknown state never passes for a whole one.
 */
export function read(how: { readonly read: Reader; readonly pattern?: string | undefined }, printed: Printed): Reading {
  const clean = { stdout: stripAnsi(printed.stdout), stderr: stripAnsi(printed.stderr), status: printed.status };
  const reading = readAs(how.read, clean, how.pattern ?? '');
  return reading.kind === 'unreadable' ? reading : { kind: 'read', values: { ...reading.values, ...clean } };
}

function readAs(reader: Reader, printed: Printed, pattern: string): Reading {
  switch (reader) {
    case 'text':
      return { kind: 'read', values: {} };
    case 'table':
      return readTable(printed.stdout);
    case 'services':
      return readServices(printed.stdout, printed.stderr);
    case 'json':
      return readJson(printed.stdout);
    case 'keys':
      return readKeys(printed.stdout);
    case 'lines':
      return readLines(printed.stdout);
    case 'regex':
      return readRegex(printed.stdout, pattern);
  }
}

/** `lines`: what stands in each line, without blanks around it; empty lines are left out. */
function readLines(text: string): Reading {
  const lines = linesOf(text);
  if (lines.kind === 'unreadable') return lines;
  return { kind: 'read', values: { lines: lines.lines.map((line) => line.text.trim()).filter((line) => line !== '') } };
}
