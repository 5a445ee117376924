import { KeyturnError } from '../errors.ts';

export type Address = { readonly host: string; readonly port: number };
type Login = { readonly tls: boolean; readonly username?: string; readonly password?: string; readonly db: number };

/** Where Redis is, as `REDIS_URL` says it. */
export type RedisTarget =
  | ({ readonly kind: 'single'; readonly address: Address } & Login)
  | ({ readonly kind: 'socket'; readonly path: string } & Login)
  | ({
      readonly kind: 'sentinel';
      readonly sentinels: readonly Address[];
      readonly master: string;
      readonly sentinelPassword?: string;
    } & Login)
  | ({ readonly kind: 'cluster'; readonly nodes: readonly Address[] } & Login);

const forms =
  'redis://host:6379/0, rediss://… (TLS), unix:///path/redis.sock, redis+sentinel://host:26379,host:26379/name, redis+cluster://host,host';
const shape =
  /^(redis|rediss|unix|redis\+sentinel|rediss\+sentinel|redis\+cluster|rediss\+cluster):\/\/(?:(.*)@)?([^/?@]*)(\/[^?]*)?(?:\?(.*))?$/;

/**
 * Reads any form of `REDIS_URL`. Node's own URL class refuses the comma lists that Sentinel and Cluster need.
 * Throws KeyturnError `REDIS_URL_INVALID`; the message never holds the password.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const match = shape.exec(text.trim());
  if (match === null) throw invalid('it has none of the forms that are understood');
  const [, scheme = '', userinfo, hosts = '', path = '', query = ''] = match;
  const options = new URLSearchParams(query);
  const login = { tls: scheme.startsWith('rediss'), ...loginOf(userinfo), db: dbOf(options.get('db') ?? '0') };
  if (scheme === 'unix') return { kind: 'socket', path: socketPath(hosts, path), ...login };
  if (scheme.endsWith('+sentinel')) return sentinelOf(hosts, path, options, login);
  if (scheme.endsWith('+cluster')) return { kind: 'cluster', nodes: addresses(hosts, 6379), ...login };
  const [address, more] = addresses(hosts, 6379);
  if (address === undefined || more !== undefined) throw invalid('it must name one host');
  return { kind: 'single', address, ...login, db: path.length > 1 ? dbOf(path.slice(1)) : login.db };
}

/** The target for a person: kind and place, never the password. */
export function describeTarget(target: RedisTarget): string {
  const scheme = target.tls ? 'rediss' : 'redis';
  const user = target.password === undefined ? '' : `${target.username ?? ''}:***@`;
  switch (target.kind) {
    case 'single':
      return `${scheme}://${user}${join([target.address])}`;
    case 'socket':
      return `unix://${target.path}`;
    case 'sentinel':
      return `${scheme}+sentinel://${user}${join(target.sentinels)}/${target.master}`;
    case 'cluster':
      return `${scheme}+cluster://${user}${join(target.nodes)}`;
  }
}

function sentinelOf(hosts: string, path: string, options: URLSearchParams, login: Login): RedisTarget {
  const master = decode(path.slice(1));
  if (master === '') throw invalid('a Sentinel address ends with the name of the master, such as /mymaster');
  const sentinelPassword = options.get('sentinel_password');
  const secret = sentinelPassword === null ? {} : { sentinelPassword };
  return { kind: 'sentinel', sentinels: addresses(hosts, 26379), master, ...secret, ...login };
}

function loginOf(userinfo: string | undefined): { readonly username?: string; readonly password?: string } {
  if (userinfo === undefined || userinfo === '') return {};
  const colon = userinfo.indexOf(':');
  if (colon < 0) return { username: decode(userinfo) };
  const username = decode(userinfo.slice(0, colon));
  return { ...(username === '' ? {} : { username }), password: decode(userinfo.slice(colon + 1)) };
}

function addresses(list: string, defaultPort: number): readonly Address[] {
  return list.split(',').map((text) => {
    const match = /^(\[[0-9a-fA-F:.]+\]|[^:]+)(?::(\d+))?$/.exec(text.trim());
    const port = Number(match?.[2] ?? defaultPort);
    if (match?.[1] === undefined || port < 1 || port > 65535) throw invalid(`"${text}" is not host:port`);
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  });
}

function socketPath(hosts: string, path: string): string {
  if (hosts !== '' || path.length < 2) throw invalid('a socket is written unix:///absolute/path');
  return decode(path);
}

function dbOf(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw invalid(`"${text}" is not the number of a database`);
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('it holds a % that is not followed by two hex digits');
  }
}

function join(list: readonly Address[]): string {
  return list.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
}

function invalid(why: string): KeyturnError {
  return new KeyturnError(
    'REDIS_URL_INVALID',
    `REDIS_URL cannot be used: ${why}`,
    `REDIS_URL: one of ${forms}; percent-encode special characters of a password`,
  );
}
