/** Somebody alters in Redis what the outbox remembers of a thread: a run is shown in its own channel all the same, and nowhere else. */
import { Redis } from 'ioredis';
import { keys } from '../../../src/journal/keys.ts';
import { createWebClient } from '../../../src/slack/web.ts';
import { logInMemory } from '../bench.ts';
import { intended, leading, type Office, passed, startOffice, succeeded } from './office.ts';

const RUN = 'runabc234';
const VENDOR = 'C0VENDOR01';
let office: Office;
beforeEach(async () => {
  office = await startOffice();
}, 30_000);
afterEach(() => office.close());

test('a message moved to another channel in Redis shows nothing there', async () => {
  const web = createWebClient({ botToken: office.slack.botToken, apiUrl: office.slack.url }, logInMemory().logger);
  const { ts } = await web.chat.postMessage({ channel: VENDOR, text: 'good morning' });
  await office.begin(RUN, [{ kind: 'stepOpened', step: 'S1', hosts: ['main-1'] }, intended('S1')]);
  const outbox = await leading(office.outbox(), office);
  await outbox.settled(RUN);
  const redis = new Redis(office.redisUrl);
  const notes = Object.entries(await redis.hgetall(keys.thread(RUN))).filter(([field]) => field.startsWith('message:'));
  expect(notes.length).toBeGreaterThan(0);
  for (const [field, value] of notes) {
    await redis.hset(keys.thread(RUN), field, JSON.stringify({ ...JSON.parse(value), channel: VENDOR, ts }));
  }
  redis.disconnect();
  await office.append(RUN, [...passed('S1', 'the secret of the house\n'), succeeded]);
  await outbox.settled(RUN);
  await outbox.close();
  expect(office.slack.channel('vendor-shared').all()).toMatchObject([{ text: 'good morning' }]);
});
