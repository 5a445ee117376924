import { describeTarget, parseRedisUrl } from '../../src/redis/url.ts';

test.each([
  ['redis://localhost', { kind: 'single', address: { host: 'localhost', port: 6379 }, tls: false, db: 0 }],
  ['rediss://u:p%40%2F@h:1/3', { kind: 'single', address: { host: 'h', port: 1 }, tls: true, username: 'u', password: 'p@/', db: 3 }],
  ['redis://:p@w@h', { kind: 'single', address: { host: 'h', port: 6379 }, tls: false, password: 'p@w', db: 0 }],
  ['redis://[::1]:7000', { kind: 'single', address: { host: '::1', port: 7000 }, tls: false, db: 0 }],
  ['unix:///var/run/my%20redis.sock?db=2', { kind: 'socket', path: '/var/run/my redis.sock', tls: false, db: 2 }],
  [
    'redis+sentinel://:p@a:1,b/mymaster?sentinel_password=s',
    {
      kind: 'sentinel',
      sentinels: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26379 },
      ],
      master: 'mymaster',
      sentinelPassword: 's',
      password: 'p',
      tls: false,
      db: 0,
    },
  ],
  [
    'rediss+cluster://a:1,b:2',
    {
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      tls: true,
      db: 0,
    },
  ],
])('%s is read', (url, target) => {
  expect(parseRedisUrl(url)).toEqual(target);
});

test.each([
  'http://h',
  'redis://',
  'redis://a,b',
  'redis://h:99999',
  'redis://h/x',
  'unix://h/x',
  'redis+sentinel://a',
  'redis://:%zz@h',
  '',
])('"%s" is refused with the name of the variable', (url) => {
  expect(() => parseRedisUrl(url)).toThrow(
    expect.objectContaining({ code: 'REDIS_URL_INVALID', check: expect.stringContaining('REDIS_URL') }),
  );
});

test.each([
  ['redis://u:secret@h/1', 'redis://u:***@h:6379'],
  ['redis+sentinel://:secret@a,b/m?sentinel_password=secret', 'redis+sentinel://:***@a:26379,b:26379/m'],
  ['unix:///x', 'unix:///x'],
])('%s is shown without its password', (url, shown) => {
  expect(describeTarget(parseRedisUrl(url))).toBe(shown);
});
