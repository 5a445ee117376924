/** A run held by a freeze window, overridden; a glass broken for want of a second person; both told aloud, listed and reviewed. */
import { controlsOf, visibleText } from '../../infra/sandbox/slack/server.ts';
import { startTown, type ThreadView, type Town } from './town.ts';

/** On every day, whenever this runs. */
const ALWAYS = { title: 'Quarter end', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] };

let town: Town;
beforeAll(async () => {
  town = await startTown({
    cluster: {
      may: { start: ['U0DANA0001'], approve: ['U0SAM00001', 'U0ALEX0001'] },
      freeze: { time_zone: 'Europe/Zurich', override: ['U0SAM00001'], windows: [ALWAYS] },
      break_glass: { people: ['U0DANA0001'], channel: 'C0STAKE001' },
    },
  });
}, 60_000);
afterAll(() => town.close());

const acted = (): readonly string[] =>
  town.hosts.cluster.log().flatMap((entry) => (entry.event === 'begin' && /stop|start/.test(entry.program) ? [entry.program] : []));

const aloud = (): readonly string[] =>
  town.slack
    .channel('stakeholders')
    .messages()
    .map(visibleText)
    .filter((text) => text.includes('Break-glass'));

async function tell(person: string, words: RegExp, what: string): Promise<void> {
  await town.slack.waitFor(() => words.test(town.told(person)), { what });
}

async function giveReason(thread: ThreadView, person: string, label: RegExp, reason: string): Promise<void> {
  await thread.press(person, label);
  await town.slack.waitFor(() => town.slack.openViews(person).length === 1, { what: `the form of ${label}` });
  await town.slack.person(person).submitView({ values: { reason } });
}

test('a held run is overridden, a glass is broken, and both are reviewed', async () => {
  await town.type('dana', '/ha plan restart atscale-prod');
  await tell('dana', /Quarter end.*is on now/s, 'the window in the plan');
  const thread = await town.begin();
  await tell('dana', /has begun.*Quarter end.*is on now/s, 'the window in the private answer');
  const hold = await thread.see(/Held by the freeze window Quarter end/);
  expect(visibleText(hold)).toMatch(/Who may override it/);
  expect(acted()).toEqual([]);
  expect(town.slack.channel('stakeholders').messages()).toEqual([]);

  await thread.press('dana', /^Override/);
  await tell('dana', /You requested this run, so you cannot override/, 'the refusal of the requester');
  await giveReason(thread, 'sam', /^Override/, 'the disk is full by noon');
  await thread.see(/overrode the freeze window Quarter end/);
  await town.slack.waitFor(
    () => !controlsOf(thread.messages().find(({ ts }) => ts === hold.ts)?.blocks).some(({ label }) => /Override/.test(label)),
    {
      what: 'the hold without its buttons',
    },
  );

  await thread.press('sam', /^Break Glass/);
  await tell('sam', /You may not break the glass/, 'the refusal of somebody who is not named');
  expect(town.slack.openViews('sam')).toEqual([]);
  expect(acted()).toEqual([]);
  await giveReason(thread, 'dana', /^Break Glass/, 'nobody answers the phone');
  await thread.see(/Break-glass on atscale-prod:.*without a second person/s);
  await town.slack.waitFor(() => aloud()[0], { what: 'the message in the other channel' });
  expect(aloud()).toHaveLength(1);
  for (const part of [/U0DANA0001/, /atscale-prod/, /nobody answers the phone/, /S3/, new RegExp(thread.run)])
    expect(aloud()[0]).toMatch(part);

  await thread.approveToTheEnd();
  const end = await thread.see(/Deviations: /);
  expect(visibleText(end)).toMatch(/1 break-glass, 1 freeze window overridden/);
  const card = thread.messages()[0];
  expect(card === undefined ? '' : visibleText(card)).toMatch(
    /Break-glass.*U0DANA0001.*Freeze window overridden|Freeze window overridden.*Break-glass/s,
  );

  await town.type('alex', '/ha reviews');
  await tell('alex', /2 emergencies to be reviewed/, 'the list of what is to be reviewed');
  await town.type('dana', `/ha review ${thread.run} all was well`);
  await tell('dana', /somebody else who may approve/, 'the refusal of the requester');
  await town.type('sam', `/ha review ${thread.run} all was well`);
  await tell('sam', /It was you who broke the glass or overrode/, 'the refusal of the one who overrode');
  await town.type('alex', `/ha review ${thread.run} all was well`);
  await tell('alex', /Recorded: you reviewed 2 emergencies/, 'the review');
  await town.type('alex', '/ha reviews');
  await tell('alex', /Nothing waits for a review/, 'the empty list');
}, 120_000);

test('a held run that is cancelled has begun nothing', async () => {
  const before = acted();
  const thread = await town.begin();
  await thread.see(/Held by the freeze window Quarter end/);
  await town.type('sam', '/ha status atscale-prod');
  await tell('sam', /held by the freeze window Quarter end.*Waits for: the end of the freeze window/s, 'the status');
  await giveReason(thread, 'dana', /^Cancel/, 'another day');
  await thread.see(/cancelled by Dana/);
  expect(acted()).toEqual(before);
}, 60_000);
