/** The last edge of the log: what was configured as secret, or looks like one, does not leave it. */
import { createLog, type LogConfig } from '../src/log.ts';

const config: LogConfig = {
  role: 'both',
  logLevel: 'trace',
  slack: {
    botToken: 'xoxb-1-botbot',
    transport: { kind: 'http', signingSecret: 'sign"ing\\secret', port: 3000 },
    apiUrl: 'https://slack.com/api/',
  },
  lookup: undefined,
  redisUrl: 'rediss://default:p%40ss:word1@redis.example:6380/0',
  ssh: { key: undefined, passphrase: 'open sesame', agent: undefined },
};

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog(config, { write: (line: string) => void lines.push(line) }));
  return lines.join('');
}

test.each([
  ['a bot token', 'xoxb-1-botbot'],
  ['an app token that nobody configured', 'xapp-1-A0-9-abc'],
  ['the signing secret', 'sign"ing\\secret'],
  ['the password of Redis as in its address', 'p%40ss:word1'],
  ['the password of Redis as it is', 'p@ss:word1'],
  ['the passphrase of the key', 'open sesame'],
  ['an answer address', 'https://hooks.slack.com/actions/T0/1/secretpart'],
])('%s does not reach the log', (_what, secret) => {
  const text = logged((log) => {
    log.info({ reason: `before ${secret} after`, deep: { list: [secret] } }, `words ${secret} words`);
    log.child({ run: 'runabcdefgh', bound: secret }).error(new Error(secret), 'failed');
  });
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1).replace('https://hooks.slack.com/actions/', ''));
  const lines = text.trim().split('\n');
  expect(lines).toHaveLength(2);
  // Still one JSON object a line, with everything else in it.
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 30, role: 'both' },
    { run: 'runabcdefgh', msg: 'failed' },
  ]);
});
