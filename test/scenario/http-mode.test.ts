import { freePort } from '../support/redis.ts';
import { startTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  const port = await freePort();
  const signingSecret = '0123456789abcdef0123456789abcdef';
  town = await startTown({
    slack: { delivery: { kind: 'http', requestUrl: `http://127.0.0.1:${port}/slack/events`, signingSecret } },
    env: { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: signingSecret, PORT: String(port) },
  });
}, 60_000);
afterAll(() => town.close());

test('a whole restart runs over signed HTTP', async () => {
  const thread = await town.begin();
  await thread.press('dana', /^Approve S3/);
  await town.slack.waitFor(() => /requested this run/.test(town.told('dana')), { what: 'the private refusal' });
  await thread.approveToTheEnd();
  await thread.see(/\bsucceeded\b/);
  expect(town.hosts.cluster.violations()).toEqual([]);
}, 60_000);
