/** executed.log: what the stand-ins were asked to do, in the order in which they did it. One line an event, tab separated. */
import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

/** `begin` and `end` frame every invocation that was not killed outright; between them come `note` and `violation`. */
export type EntryEvent = 'begin' | 'end' | 'note' | 'violation';

export type Entry = {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly host: string;
  readonly program: string;
  readonly args: string;
  readonly pid: number;
  readonly event: EntryEvent;
  /** The exit code at `end` and at `violation`, otherwise absent. */
  readonly code?: number;
  /** In words: `ok`, `ORDER VIOLATION …`, `stop begins`, … */
  readonly verdict: string;
};

/** The complete lines of the log; a line that is still being written is left for the next reading. */
export function readLog(folder: string): Entry[] {
  const path = join(folder, 'executed.log');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map(entryOf);
}

function entryOf(line: string): Entry {
  const [time = '', host = '', program = '', args = '', pid = '', event = '', code = '', verdict = ''] = line.split('\t');
  const base = { time, host, program, args, pid: Number(pid), event: eventOf(event, line), verdict };
  return /^\d+$/.test(code) ? { ...base, code: Number(code) } : base;
}

function eventOf(word: string, line: string): EntryEvent {
  if (word === 'begin' || word === 'end' || word === 'note' || word === 'violation') return word;
  throw new Error(`executed.log has a line that no stand-in writes: ${JSON.stringify(line)}`);
}

/** Resolves with the first entry, old or new, that the predicate accepts; rejects with the log's last lines when the time is over. */
export function waitForLog(folder: string, predicate: (entry: Entry) => boolean, options: { readonly timeoutMs: number }): Promise<Entry> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    const look = (): void => {
      const entries = readLog(folder);
      const found = entries.slice(seen).find(predicate);
      seen = entries.length;
      if (found !== undefined) settle(() => resolve(found));
    };
    const watcher = watch(join(folder, 'executed.log'), look);
    const timer = setTimeout(() => settle(() => reject(new Error(tooLate(folder, options.timeoutMs)))), options.timeoutMs);
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      watcher.close();
      end();
    };
    watcher.on('error', (error) => settle(() => reject(error)));
    look();
  });
}

function tooLate(folder: string, timeoutMs: number): string {
  const last = readLog(folder).slice(-8);
  const lines = last.map((entry) => `  ${entry.time} ${entry.host} ${entry.program} ${entry.event} ${entry.verdict}`);
  return [`Nothing like that in ${join(folder, 'executed.log')} within ${timeoutMs} ms. Its last lines:`, ...lines].join('\n');
}
