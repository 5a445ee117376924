/** Every journal that a test has written is judged before its Redis goes: one that is not whole, or not allowed, fails the test. */
import pino from 'pino';
import { openInstallationKey } from '../../src/installation-key.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { connectRedis, disconnectRedis } from '../../src/redis/connect.ts';
import { judgeAll } from '../../src/verify/all.ts';
import type { Judged } from '../../src/verify/run.ts';

/** Throws with every fault of every run, in sentences. `key`: of the journals, or the path of the installation's key file. */
export async function expectSound(redisUrl: string, key: Buffer | string): Promise<void> {
  const redis = await connectRedis(redisUrl, { role: 'journal', log: pino({ level: 'silent' }) });
  const sealing = typeof key === 'string' ? (await openInstallationKey(key))('journal') : key;
  const faulty: Judged[] = [];
  try {
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key: sealing });
    for await (const judged of judgeAll(journal, { stands: true, key: sealing })) if (judged.faults.length > 0) faulty.push(judged);
  } finally {
    await disconnectRedis(redis);
  }
  if (faulty.length > 0) throw new Error(`journals of this test are not sound:\n${faulty.map(textOf).join('\n')}`);
}

function textOf({ run, procedure, faults }: Judged): string {
  return [`${run} (${procedure})`, ...faults.map(({ seq, kind, sentence }) => `  event ${seq}: ${sentence} [${kind}]`)].join('\n');
}

/** Takes everything down in order, whatever fails on the way; then tells the first failure. */
export async function allOf(...steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
