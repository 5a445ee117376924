/** Whatever people and hosts do, in any order: nothing unsafe is intended without the second person, and nothing happens twice. */
import fc from 'fast-check';
import { authorise, isSame, type Standing } from '../../src/run/authorise.ts';
import type { Choice, EventOf, Recorded, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import { violationsIn } from '../../src/run/invariants.ts';
import type { Intent } from '../../src/run/intents.ts';
import { next } from '../../src/run/next.ts';
import { proofWanted } from '../../src/run/proof.ts';
import { openTroubles } from '../../src/run/state.ts';
import { subjectDigest } from '../../src/run/subject.ts';
import { APPROVAL_MS, begun, eve, type History, historiesOf, type Op, op, plan, steps, sue, wishOf } from './doings.ts';
import { alex, dana, member, sam } from './samples.ts';
import { type Luck, type Play, play, RUN } from './world.ts';

async function played({ world, chosen, ops }: History): Promise<Play> {
  const game = play(begun(world, [...chosen]));
  for (const each of ops) {
    if (each.kind === 'wait') game.wait(each.ms);
    else if (each.kind === 'wish') game.wish(wishOf(game.state(), each.plan));
    else
      await game.work(
        each.luck,
        each.between.map((later) => () => wishOf(game.state(), later)),
      );
    expectNotStuck(game);
    game.wait(100);
  }
  return game;
}

/** Nobody is waited for in silence: a pause, an open trouble or an open question says whom. */
function expectNotStuck(game: Play): void {
  const state = game.state();
  const decision = next(state, game.now());
  if (decision.kind !== 'wait' || decision.until !== undefined) return;
  const asked = Object.values(state.questions).filter(({ status }) => status.kind === 'open');
  expect([state.paused, state.trouble, asked[0]]).not.toEqual([undefined, undefined, undefined]);
}

function of<K extends RunEvent['kind']>(recorded: readonly Recorded[], kind: K): (Recorded & { readonly event: EventOf<K> })[] {
  return recorded.flatMap((each) => (isOf(each.event, kind) ? [{ ...each, event: each.event }] : []));
}

function isOf<K extends RunEvent['kind']>(event: RunEvent, kind: K): event is EventOf<K> {
  return event.kind === kind;
}

/** One line per rule; `before` is the history up to the intent. */
function expectPermitted(game: Play, intent: Recorded & { readonly event: EventOf<'attemptIntended'> }): void {
  const { event } = intent;
  const before = game.events().filter((each) => each.seq < intent.seq);
  const state = fold(RUN, before);
  expect(state.ended ?? state.cancel ?? state.paused ?? state.trouble).toBeUndefined();
  expect(state.hold?.status.kind).not.toBe('open');
  const step = steps.find((each) => each.id === event.step);
  if (step?.kind === 'command' && step.safety.kind === 'safe') return;
  const request = of(before, 'approvalRequested').find((each) => each.event.request === event.approval);
  const yes = [...of(before, 'approvalGiven'), ...of(before, 'glassBroken')].find((each) => each.event.request === event.approval);
  if (request === undefined || yes === undefined) throw new Error(`${event.step} began without an approval`);
  const ends = [...of(before, 'approvalVoided'), ...of(before, 'approvalRejected'), ...of(before, 'approvalExpired')];
  expect(ends.filter((each) => each.event.request === event.approval)).toEqual([]);
  const { subject, digest } = request.event;
  expect([event.digest, subjectDigest(RUN, state, subject)]).toEqual([digest, digest]);
  expect(subject.items).toContainEqual(expect.objectContaining({ step: event.step, host: event.host, attempt: event.attempt }));
  expectRightPeople(game, request.event, yes.event);
  // A newer question about the same start was not answered with no.
  const newer = of(before, 'approvalRequested').filter((each) => each.seq > request.seq && names(each.event, event));
  expect(newer.map((each) => each.event.request)).toEqual([]);
}

/** By what was known of them as they clicked, kept apart from the journal. */
function expectRightPeople(
  game: Play,
  { request, subject, needs, checks = [] }: EventOf<'approvalRequested'>,
  yes: EventOf<'approvalGiven' | 'glassBroken'>,
): void {
  const all = game.approvers.get(request) ?? [];
  const last = all.at(-1);
  if (last === undefined) throw new Error('nobody approved');
  expect(last.person).toEqual(yes.by);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  const ids = subject.items.map(({ step }) => step);
  const { cluster, procedure } = game.state();
  const about = { cluster, procedure, requester: dana, shapers: [], steps: procedure.steps.filter(({ id }) => ids.includes(id)) };
  if (yes.kind === 'glassBroken') {
    expect(authorise('breakGlass', last, about)).toEqual({ kind: 'allowed' });
    expectProved(game, [last], yes);
    return;
  }
  for (const who of all) expect(authorise(needs === 'gate' ? 'press' : 'approve', who, about)).toEqual({ kind: 'allowed' });
  if (needs === 'gate') return;
  for (const who of all) expect(isSame(who, dana)).toBe(false);
  const least = cluster.may.rule === undefined ? 1 : 2;
  expect(distinct(all)).toBeGreaterThanOrEqual(least);
  expectProved(game, all, yes);
}

/** How many people stand behind these accounts, as far as anybody knew. */
function distinct(all: readonly Standing[]): number {
  return all.filter((each, index) => !all.slice(0, index).some((before) => isSame(each, before.person) || isSame(before, each.person)))
    .length;
}

function expectProved(game: Play, all: readonly Standing[], { request }: { readonly request: string }): void {
  const { cluster, approvals } = game.state();
  if (cluster.secondFactor === undefined) return;
  for (const who of all) expect(who.proof?.about).toBe(approvals[request]?.digest);
}

function names(request: EventOf<'approvalRequested'>, { step, host, attempt }: EventOf<'attemptIntended'>): boolean {
  return request.subject.items.some((item) => item.step === step && item.host === host && item.attempt === attempt);
}

const many = { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) };
/** For what the checker, which the first property asks, sees too: a second look, from the events alone. */
const half = { numRuns: Math.ceil(many.numRuns / 2) };
const ops = historiesOf(op, 90);

test('no unsafe attempt is intended without its approval', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const game = await played(history);
      expect(violationsIn(RUN, game.events(), { stands: true })).toEqual([]);
      for (const intent of of(game.events(), 'attemptIntended')) expectPermitted(game, intent);
    }),
    many,
  );
}, 120_000);

test('every request, question and attempt is settled once', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const recorded = (await played(history)).events();
      const decided = [
        ...of(recorded, 'approvalGiven'),
        ...of(recorded, 'glassBroken'),
        ...of(recorded, 'approvalRejected'),
        ...of(recorded, 'approvalExpired'),
      ];
      expectUnique(decided.map((each) => each.event.request));
      expectUnique(of(recorded, 'approvalVoided').map((each) => each.event.request));
      expectUnique(of(recorded, 'approvalRequested').map((each) => each.event.request));
      expectUnique(of(recorded, 'troubleRaised').map((each) => each.event.trouble));
      expectUnique(of(recorded, 'troubleSettled').map((each) => each.event.trouble));
      expectUnique([...of(recorded, 'questionAnswered'), ...of(recorded, 'questionWithdrawn')].map((each) => each.event.question));
      expectUnique([...of(recorded, 'holdOverridden'), ...of(recorded, 'holdEnded')].map((each) => each.event.hold));
      expectUnique(of(recorded, 'attemptIntended').map(({ event }) => `${event.step} ${event.host} ${event.attempt}`));
      expect(of(recorded, 'runEnded').map((each) => each.seq)).toEqual(of(recorded, 'runEnded').length === 0 ? [] : [recorded.length]);
    }),
    half,
  );
}, 120_000);

function expectUnique(ids: readonly string[]): void {
  expect(ids).toEqual([...new Set(ids)]);
}

test('nothing goes past an unsafe step but by a second person', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const recorded = (await played(history)).events();
      const raised = new Map(of(recorded, 'troubleRaised').map((each) => [each.event.trouble, each.event.step]));
      for (const { event } of of(recorded, 'troubleSettled')) {
        const second = event.choice === 'settleDone' || event.choice === 'settleFailed';
        if (!second && !(event.choice === 'skip' && isUnsafe(raised.get(event.trouble)))) continue;
        expect([event.by.user, event.stands?.accounts]).not.toContain(dana.user);
        expect(event.stands?.accounts).not.toContain(dana.user);
      }
    }),
    half,
  );
}, 120_000);

function isUnsafe(id: string | undefined): boolean {
  const step = steps.find((each) => each.id === id);
  return step?.kind === 'person' ? step.second !== undefined : step?.kind === 'command' && step.safety.kind === 'unsafe';
}

test('an approval that was left lying opens nothing', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const recorded = (await played(history)).events();
      for (const { at, event } of of(recorded, 'attemptIntended').filter((each) => each.event.approval !== undefined)) {
        const items = of(recorded, 'approvalRequested').find((each) => each.event.request === event.approval)?.event.subject.items ?? [];
        const lively = recorded.filter((each) => each.at < at && isProgress(each.event, event, new Set(items.map(({ step }) => step))));
        expect(at - (lively.at(-1)?.at ?? 0)).toBeLessThanOrEqual(APPROVAL_MS);
      }
    }),
    half,
  );
}, 120_000);

function isProgress(event: RunEvent, { approval }: EventOf<'attemptIntended'>, mine: ReadonlySet<string>): boolean {
  if (event.kind === 'approvalGiven' || event.kind === 'glassBroken') return event.request === approval;
  // A person who settles a host as done stands there at that moment.
  return (event.kind === 'hostPassed' && mine.has(event.step)) || (event.kind === 'troubleSettled' && event.choice === 'settleDone');
}

test('somebody without rights cannot fill the journal', async () => {
  const refused: fc.Arbitrary<Op> = fc.record({
    kind: fc.constant('wish' as const),
    plan: plan.map((each) => ({ ...each, verb: 'cancel' as const, standing: member(eve) })),
  });
  const mixed = historiesOf(fc.oneof({ weight: 4, arbitrary: refused }, { weight: 1, arbitrary: op }), 120);
  await fc.assert(
    fc.asyncProperty(mixed, async (history) => {
      const recorded = (await played(history)).events();
      const mine = of(recorded, 'refused').filter((each) => each.event.person.user === eve.user);
      expect(mine.length).toBeLessThanOrEqual(20);
    }),
    many,
  );
}, 120_000);

const GOOD: Luck = { probe: 'node-1', command: 'good', cancel: 'fenced' };

test('whatever has happened, a cancelled run ends and leaves nothing open', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const game = await played(history);
      game.wish({ intent: { kind: 'cancel', reason: '' }, standing: member(dana) });
      for (let acts = 0; acts < 20 && game.state().ended === undefined; acts += 1) await game.work(GOOD, []);
      expect(game.state().ended).toBeDefined();
      expect(violationsIn(RUN, game.events(), { stands: true })).toEqual([]);
    }),
    many,
  );
}, 120_000);

/** Everybody who may says yes to everything, with a code, and chooses what lets the run go on. */
function agreed(game: Play): void {
  const { approvals, questions, hold } = game.state();
  const all: readonly Standing[] = [dana, sam, sue, alex, eve].map((person) => member(person, person === alex ? ['S1'] : []));
  const say = (intent: Intent): void => {
    for (const who of all) {
      const about = proofWanted(game.state(), intent);
      game.wish({ intent, standing: about === undefined ? who : { ...who, proof: { about } } });
    }
  };
  // Also where nothing is paused: from here on Slack knows everybody again.
  say({ kind: 'resume' });
  if (hold?.status.kind === 'open') say({ kind: 'override', hold: hold.hold, reason: 'it burns' });
  for (const { request, digest } of Object.values(approvals).filter(({ status }) => status.kind === 'open')) {
    say({ kind: 'approve', request, digest });
    say({ kind: 'checkAgain', request });
  }
  for (const { question } of Object.values(questions).filter(({ status }) => status.kind === 'open'))
    say({ kind: 'answer', question, answer: 'done', note: '' });
  for (const { trouble, choices, what } of openTroubles(game.state())) {
    // What the procedure cannot do (a role that nobody bound) is passed by.
    const wanted: readonly Choice[] = what.kind === 'blocked' ? ['skip'] : ['askAgain', 'lookAgain', 'retry', 'skip'];
    const choice = wanted.find((each) => choices.includes(each));
    if (choice !== undefined) say({ kind: 'settle', trouble, choice, reason: 'it is well again' });
  }
}

/** The last of a journal, one event a line. */
function told(game: Play): string {
  const lines = game.events().map(({ seq, event }) => `${seq} ${JSON.stringify(event)}`.slice(0, 200));
  return lines.slice(-30).join('\n');
}

test('whatever has happened, people who agree bring a run to its end', async () => {
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const game = await played(history);
      for (let acts = 0; acts < 120 && game.state().ended === undefined; acts += 1) {
        agreed(game);
        await game.work(GOOD, []);
        game.wait(3_000);
      }
      if (game.state().ended === undefined) throw new Error(`it does not end:\n${told(game)}`);
      ends.add(game.state().ended?.outcome ?? '');
      expect(violationsIn(RUN, game.events(), { stands: true })).toEqual([]);
    }),
    many,
  );
  expect(ends).toContain('succeeded');
}, 120_000);

test('the histories reach every kind of event', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      for (const { event } of (await played(history)).events()) seen.add(event.kind);
    }),
    { ...many, seed: 4 },
  );
  const missing = kinds.filter((kind) => !seen.has(kind));
  expect(missing).toEqual([]);
}, 120_000);

const kinds: readonly RunEvent['kind'][] = [
  'stepOpened',
  'stepSkipped',
  'announced',
  'rolesBound',
  'rolesConfirmed',
  'approvalRequested',
  'approvalBacked',
  'approvalGiven',
  'glassBroken',
  'approvalReminded',
  'approvalRejected',
  'approvalExpired',
  'approvalVoided',
  'hostMet',
  'planResolved',
  'hostsLookedAt',
  'hostSkipped',
  'questionAsked',
  'questionAnswered',
  'questionWithdrawn',
  'attemptIntended',
  'attemptEnded',
  'watchBegan',
  'hostPassed',
  'hostPassedOver',
  'troubleRaised',
  'choiceBacked',
  'troubleSettled',
  'paused',
  'resumed',
  'runHeld',
  'holdOverridden',
  'holdEnded',
  'cancelRequested',
  'refused',
  'runEnded',
];
