/** The Redis that is configured, or the server program that Keyturn would start. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import pino from 'pino';
import type { Config } from '../config.ts';
import { checkRedis } from '../redis/check.ts';
import { connectRedis, disconnectRedis } from '../redis/connect.ts';
import { describeTarget, parseRedisUrl } from '../redis/url.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';

export async function checkRedisServer(config: Pick<Config, 'redisUrl'>): Promise<readonly Finding[]> {
  return config.redisUrl === undefined ? [await checkProgram()] : checkServer(config.redisUrl);
}

async function checkServer(url: string): Promise<readonly Finding[]> {
  try {
    const client = await connectRedis(url, { role: 'journal', log: pino({ level: 'silent' }) });
    try {
      const warnings = await checkRedis(client);
      return [ok('Redis', `${describeTarget(parseRedisUrl(url))} answers`), ...warnings.map((sentence) => warning('Redis', sentence))];
    } finally {
      await disconnectRedis(client);
    }
  } catch (error) {
    return [failed('Redis', error, 'REDIS_URL, and that the server runs')];
  }
}

async function checkProgram(): Promise<Finding> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of folders.flatMap((folder) => [join(folder, 'redis-server'), join(folder, 'valkey-server')])) {
    if (await isProgram(path)) return ok('Redis', `REDIS_URL is not set; Keyturn will start ${path}`);
  }
  const note = 'REDIS_URL is not set, and there is neither redis-server nor valkey-server on the PATH';
  return { kind: 'failed', what: 'Redis', note, check: 'install one of them, or set REDIS_URL' };
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
