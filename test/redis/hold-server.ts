/** Starts a Redis server of its own, writes one value, and stays: made to be killed. */
import pino from 'pino';
import { connectRedis } from '../../src/redis/connect.ts';
import { startOwnRedis } from '../../src/redis/own-server.ts';

const log = pino({ level: 'silent' });
const own = await startOwnRedis(process.argv[2] ?? '', log);
const redis = await connectRedis(own.url, { role: 'journal', log });
await redis.set('k', 'from the killed one');
process.stdout.write(`${own.pid}\n`);
