import type { ClusterOptions, RedisOptions, SentinelConnectionOptions } from 'ioredis';
import { WatchingSentinelConnector } from './sentinel.ts';
import type { RedisTarget } from './url.ts';

/**
 * What a connection is for.
 * - `journal`: fails at once while Redis is away, so that whoever waits is told; a call takes 5 s at most.
 * - `queue`: adds jobs; the same, so that a click never hangs on the queue.
 * - `blocking`: waits inside Redis (workers, followers) and outlives any outage.
 */
export type RedisRole = 'journal' | 'queue' | 'blocking';

/** Delay before the n-th attempt to connect again: from 50 ms, doubling, never above 2 s. */
export function retryDelay(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), 2000);
}

/**
 * ioredis leaves a caller hanging on a server that is hung (measured: 37 s and no end), so every role has a limit.
 * A command whose reply was lost is sent again after a reconnect: every write of ours bears that.
 */
export function roleOptions(role: RedisRole): RedisOptions {
  const common: RedisOptions = {
    lazyConnect: true,
    connectTimeout: 3000,
    retryStrategy: retryDelay,
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    connectionName: `keyturn-${role}`,
  };
  switch (role) {
    case 'journal':
    case 'queue':
      return { ...common, enableOfflineQueue: false, commandTimeout: 5000, socketTimeout: 6000, maxRetriesPerRequest: null };
    case 'blocking':
      return { ...common, socketTimeout: 30_000, maxRetriesPerRequest: null };
  }
}

/** Login and place for every kind but Cluster. */
export function placeOptions(target: Exclude<RedisTarget, { kind: 'cluster' }>): RedisOptions {
  switch (target.kind) {
    case 'single':
      return { host: target.address.host, port: target.address.port, ...loginOptions(target), db: target.db };
    case 'socket':
      return { path: target.path, ...loginOptions(target), db: target.db };
    case 'sentinel':
      return { Connector: WatchingSentinelConnector, ...sentinelOptions(target), ...loginOptions(target), db: target.db };
  }
}

/** Cluster options for a role; `redisOptions` of ioredis takes neither a retry strategy nor the offline queue. */
export function clusterOptions(target: RedisTarget, role: RedisRole): ClusterOptions {
  const { retryStrategy: _retry, enableOfflineQueue = true, ...node } = roleOptions(role);
  return {
    lazyConnect: true,
    enableOfflineQueue,
    clusterRetryStrategy: retryDelay,
    slotsRefreshTimeout: 3000,
    redisOptions: { ...node, ...loginOptions(target) },
  };
}

function sentinelOptions(target: Extract<RedisTarget, { kind: 'sentinel' }>): SentinelConnectionOptions {
  const password = target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword };
  const tls = target.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {};
  return {
    sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
    name: target.master,
    sentinelRetryStrategy: retryDelay,
    sentinelCommandTimeout: 2000,
    ...password,
    ...tls,
  };
}

function loginOptions(target: RedisTarget): Pick<RedisOptions, 'username' | 'password' | 'tls'> {
  return {
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
  };
}
