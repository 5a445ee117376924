/** A process that writes into the index, batch after batch, until it is killed or its disk takes no more. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { explain } from '../../src/errors.ts';
import { createExclusive } from '../../src/history/exclusive.ts';
import { createIndex } from '../../src/history/index.ts';
import { createLeases } from '../../src/journal/leases.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { one } from './support.ts';

const [, , url = '', file = '', name = 'w', batches = '1000', words = '2000'] = process.argv;
const redis = await connectRedis(url, { role: 'journal', log: pino({ level: 'silent' }) });
const index = createIndex({
  file,
  store: 'one',
  exclusive: createExclusive(createLeases(redis), file, randomUUID()),
});
try {
  for (let batch = 0; batch < Number(batches); batch += 1) {
    // Ten runs with a word of their batch: all of them are there, or none.
    const text = (at: number): string =>
      Array.from({ length: Number(words) }, (_, no) => ((no * 7919 + at * 104_729) ** 2).toString(36)).join(' ');
    await index.put(
      Array.from({ length: 10 }, (_, at) =>
        one(`run${name}${batch}x${at}`, { started: batch, words: `batch${batch} ${text(batch * 10 + at)}` }),
      ),
    );
    process.stdout.write(`${batch}\n`);
  }
  process.stdout.write('done\n');
} catch (error) {
  process.stdout.write(`${explain(error)}\n`);
}
process.exit(0);
