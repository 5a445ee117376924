/** A worker process that beats for the run it is given and then holds it for ever: made to be killed. */
import pino from 'pino';
import { createLeases } from '../../src/journal/leases.ts';
import { createNudges } from '../../src/queue/nudges.ts';
import { connectRedis } from '../../src/redis/connect.ts';

const log = pino({ level: 'silent' });
const url = process.argv[2] ?? '';
const nudges = await createNudges({ url, log, lockMs: 60_000, stalledMs: 60_000 });
const leases = createLeases(await connectRedis(url, { role: 'journal', log }));
await nudges.work(async (run) => {
  await leases.beat(run, `holder-${process.pid}`, 500);
  process.stdout.write(`holding ${run}\n`);
  await new Promise(() => undefined);
});
process.stdout.write('ready\n');
