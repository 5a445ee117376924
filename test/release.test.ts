/** How a process is taken down: every part gets its turn, and none holds the process. */
import { readFileSync } from 'node:fs';
import pino from 'pino';
import { releaseAll, STOP_MS } from '../src/release.ts';

const lines: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
beforeEach(() => lines.splice(0));

test('a part that fails keeps no other from ending', async () => {
  const ended: string[] = [];
  const releases = [
    async () => void ended.push('bot'),
    () => Promise.reject(new Error('Redis hangs')),
    () => {
      throw new Error('at once');
    },
    async () => void ended.push('redis'),
  ];
  await releaseAll(releases, log);
  expect(ended).toEqual(['bot', 'redis']);
  expect(lines.map((line) => JSON.parse(line).reason)).toEqual(['Redis hangs', 'at once']);
});

test('however many parts hang, the stop is bounded', async () => {
  const asked: number[] = [];
  const hangs = Array.from({ length: 20 }, (_, at) => () => {
    asked.push(at);
    return new Promise<void>(() => undefined);
  });
  const began = performance.now();
  await releaseAll(hangs, log, { each: 5_000, all: 200, least: 5 });
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(asked).toHaveLength(20);
  expect(lines).toHaveLength(20);
});

test('the unit for systemd waits longer than a stop may take', () => {
  const unit = readFileSync('infra/systemd/keyturn.service', 'utf8');
  // A second for each part that comes after the limit; there are not so many.
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1_000).toBeGreaterThan(STOP_MS + 30 * 1_000);
  // Its own Redis hears of the stop from Keyturn, when all is written.
  expect(unit).toMatch(/^KillMode=mixed$/m);
});
