import { Cluster } from 'ioredis';
import { KeyturnError } from '../errors.ts';
import type { RedisClient } from './connect.ts';

type Info = ReadonlyMap<string, string>;

/**
 * Whether this Redis can hold a journal. Returns warnings as sentences. Throws KeyturnError `REDIS_TOO_OLD` (below 6.2, which BullMQ needs)
 * or `REDIS_EVICTS` (it would throw journals away when memory is short). Reads INFO alone: hosted Redis often forbids CONFIG.
 */
export async function checkRedis(client: RedisClient): Promise<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const infos = await Promise.all(nodes.map(async (node) => parseInfo(await node.info())));
  return [...new Set(infos.flatMap(judge))];
}

/** The verdict on one server from its INFO. */
export function judge(info: Info): readonly string[] {
  const version = info.get('redis_version') ?? '0';
  if (isBelow(version, 6, 2)) {
    throw new KeyturnError(
      'REDIS_TOO_OLD',
      `Redis ${version} is too old; 6.2 or later is needed`,
      'the version of the server behind REDIS_URL',
    );
  }
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction' && info.get('maxmemory') !== '0') {
    throw new KeyturnError(
      'REDIS_EVICTS',
      `Redis is set to throw data away when memory is short (maxmemory-policy ${policy}); that would lose journals of runs`,
      'set maxmemory-policy to noeviction, or give Keyturn a Redis of its own',
    );
  }
  const evicts = policy === 'noeviction' ? [] : [`maxmemory-policy is ${policy}; set it to noeviction before anyone sets a memory limit.`];
  const persists =
    info.get('aof_enabled') === '0' ? ['appendonly is off: a crash of Redis loses the latest events of runs. Set appendonly yes.'] : [];
  return [...evicts, ...persists];
}

export function parseInfo(text: string): Info {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}

function isBelow(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}
