/** The whole log of a town at the loudest level: no secret in it, and every line about a run says so where machines look. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AmpTown, carryThrough, startAmpTown } from './amp-town.ts';

let town: AmpTown;
let run: string;

beforeAll(async () => {
  town = await startAmpTown(
    { hosts: 3, timedOut: 'FAILED' },
    { env: { LOG_LEVEL: 'trace', KEYTURN_SSH_PASSPHRASE: 'a passphrase of nobody' } },
  );
  await town.hosts.cluster.setUp();
  run = (await carryThrough(town, 'failover-drill')).thread.run;
}, 120_000);
afterAll(() => town.close());

test('no secret in play stands anywhere in the log', () => {
  const secrets = [
    town.slack.botToken,
    town.slack.appToken,
    ...Object.values(town.hosts.cluster.secrets),
    readFileSync(join(town.folder, 'data', 'installation.key'), 'utf8').trim(),
    'a passphrase of nobody',
  ];
  expect(secrets.length).toBeGreaterThanOrEqual(5);
  const log = town.log.join('\n');
  expect(log).toContain('Keyturn is ready');
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(3);
    expect(log).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
  expect(log).not.toMatch(/\bxox[a-z]-|xapp-|response_url|hooks\.slack/);
});

test('every line about a run carries it as a field', () => {
  const lines = town.log.filter((line) => line.includes(run)).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => line.run !== run)).toEqual([]);
});

test('every line is one object with level, time, role and words', () => {
  for (const line of town.log) {
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number), role: 'both', msg: expect.any(String) });
  }
});

test('what was done on which host can be followed in it', () => {
  const ends = town.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ event }) => event === 'attemptEnded');
  expect(ends.length).toBeGreaterThan(3);
  for (const line of ends) {
    expect(line).toMatchObject({
      run,
      seq: expect.any(Number),
      step: expect.any(String),
      host: expect.any(String),
      attempt: expect.any(Number),
      outcome: 'succeeded',
      status: 0,
    });
  }
  expect(town.log.filter((line) => line.includes('"event":"runEnded"'))).toHaveLength(1);
});
