/** Whatever people and hosts do, in any order: nothing unsafe is intended without the second person, and nothing happens twice. */
import fc from 'fast-check';
import type { CommandStep } from '../../src/procedure/model.ts';
import { authorise, type Standing } from '../../src/run/authorise.ts';
import type { Choice, EventOf, Person, Recorded, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import { violationsIn } from '../../src/run/invariants.ts';
import type { Intent } from '../../src/run/intents.ts';
import { next } from '../../src/run/next.ts';
import type { RunState } from '../../src/run/state.ts';
import { subjectDigest } from '../../src/run/subject.ts';
import { alex, cluster, command, dana, journal, sam } from './samples.ts';
import { type Luck, type Play, play, RUN, type Wish } from './world.ts';

const APPROVAL_MS = 600_000;
const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const steps = [
  command('A', { on: { kind: 'any', role: 'node' }, bind: { lead: 'stdout == "" ? "node-1" : stdout' } }),
  command('B', { on: { kind: 'each', role: 'node' }, safety: unsafe }),
  command('C', { on: { kind: 'one', role: 'lead' }, safety: unsafe, recheck: ['lead'], env: { LEAD: 'roles.lead' } }),
  command('D', { on: { kind: 'each', role: 'node' }, safety: unsafe, recheck: ['lead'] }),
  command('E', { safety: { kind: 'gated', ask: 'Go on?' } }),
  command('F', {
    on: { kind: 'any', role: 'node' },
    safety: unsafe,
    retry: { kind: 'forbidden', instead: 'call somebody' },
    until: { run: 'look', read: 'text', expect: 'stdout == "node-1"', waiting: 'it', everySeconds: 1, withinSeconds: 60 },
  }),
  command('G', {
    on: { kind: 'all', role: 'node' },
    safety: unsafe,
    unless: { run: 'look', read: 'text', expect: 'stdout == "node-2"', saying: 'It is so' },
  }),
];

const eve: Person = { team: 'T1', user: 'U4', name: 'Eve' };
const people = [dana, sam, alex, eve];

const standing: fc.Arbitrary<Standing> = fc.record({
  person: fc.constantFrom(...people),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant({ kind: 'member' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'barred', why: 'guests cannot use Keyturn.' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'unverified', why: 'timeout' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'proved', why: 'timeout' } as const) },
  ),
  // Alex comes and goes in the approving group, and so does the requester.
  memberOf: fc.constantFrom([], ['S1'], ['S9']),
});

/** Made against the run as it is when it comes, so that most wishes hit something; `old` takes an id of the past. */
type Plan = { readonly verb: Intent['kind']; readonly old: number; readonly choice: Choice; readonly standing: Standing };
const plan: fc.Arbitrary<Plan> = fc.record({
  verb: fc.oneof(
    { weight: 8, arbitrary: fc.constant('approve' as const) },
    { weight: 5, arbitrary: fc.constant('settle' as const) },
    { weight: 1, arbitrary: fc.constantFrom('reject' as const, 'pause' as const, 'resume' as const) },
    { weight: 1, arbitrary: fc.constantFrom('resume' as const, 'cancel' as const) },
  ),
  old: fc.nat({ max: 12 }),
  choice: fc.constantFrom<Choice>('retry', 'retry', 'askAgain', 'askAgain', 'lookAgain', 'skip', 'settleDone', 'settleFailed', 'abort'),
  standing,
});

const luck: fc.Arbitrary<Luck> = fc.record({
  probe: fc.constantFrom('node-1', 'node-1', 'node-1', 'node-1', 'node-2', 'silent'),
  command: fc.constantFrom('good', 'good', 'good', 'good', 'bad', 'lost', 'timedOut', 'refused', 'unreachable'),
  cancel: fc.constantFrom('fenced', 'over', 'lost', 'refused'),
});

type Op =
  | { readonly kind: 'work'; readonly luck: Luck; readonly between: readonly Plan[] }
  | { readonly kind: 'wish'; readonly plan: Plan }
  | { readonly kind: 'wait'; readonly ms: number };
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('work' as const), luck, between: fc.array(plan, { maxLength: 2 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wish' as const), plan }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: APPROVAL_MS * 1.2 }) }) },
);

function wishOf(state: RunState, { verb, old, choice, standing: who }: Plan): Wish {
  const known = [...Object.keys(state.approvals).reverse(), 'constructor', '__proto__', ''];
  const request = known[old % known.length] ?? '';
  const trouble = old > 9 ? `t${old}` : (state.trouble?.trouble ?? 't1');
  const digest = Object.hasOwn(state.approvals, request) && old !== 3 ? (state.approvals[request]?.digest ?? '') : 'another';
  return { standing: who, intent: intentOf(verb, { request, digest }, trouble, choice, `i${old}`) };
}

type Target = { readonly request: string; readonly digest: string };

function intentOf(verb: Intent['kind'], { request, digest }: Target, trouble: string, choice: Choice, asked: string): Intent {
  switch (verb) {
    case 'approve':
      return { kind: 'approve', request, digest };
    case 'checkAgain':
      return { kind: 'checkAgain', request };
    case 'reject':
      return { kind: 'reject', request, reason: 'no' };
    case 'answer':
      return { kind: 'answer', question: request, answer: 'done', note: '' };
    case 'settle':
      return { kind: 'settle', trouble, choice, reason: 'because' };
    case 'pause':
      return { kind: 'pause', reason: '', asked };
    case 'resume':
      return { kind: 'resume', asked };
    case 'cancel':
      return { kind: 'cancel', reason: '' };
    case 'override':
      return { kind: 'override', hold: request, reason: 'because' };
    case 'breakGlass':
      return { kind: 'breakGlass', request, digest, reason: 'because' };
  }
}

/** Some of the steps, so that the later ones are reached too. */
type History = { readonly chosen: readonly CommandStep[]; readonly ops: readonly Op[] };

async function played({ chosen, ops }: History): Promise<Play> {
  const game = play(journal([...chosen], [])[0]?.event ?? fail());
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

/** Nobody is waited for in silence: a pause or an open question says whom. */
function expectNotStuck(game: Play): void {
  const state = game.state();
  const decision = next(state, game.now());
  if (decision.kind !== 'wait' || decision.until !== undefined) return;
  expect([state.paused, state.trouble]).not.toEqual([undefined, undefined]);
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
  const step = steps.find((each) => each.id === event.step);
  if (step?.safety.kind === 'safe') return;
  const request = of(before, 'approvalRequested').find((each) => each.event.request === event.approval);
  const given = of(before, 'approvalGiven').find((each) => each.event.request === event.approval);
  if (request === undefined || given === undefined) throw new Error(`${event.step} began without an approval`);
  const ends = [...of(before, 'approvalVoided'), ...of(before, 'approvalRejected'), ...of(before, 'approvalExpired')];
  expect(ends.filter((each) => each.event.request === event.approval)).toEqual([]);
  const { subject, digest } = request.event;
  expect([event.digest, subjectDigest(RUN, state, subject)]).toEqual([digest, digest]);
  expect(subject.items).toContainEqual(expect.objectContaining({ step: event.step, host: event.host, attempt: event.attempt }));
  expectRightPerson(game, event, given.event.by);
  // A newer question about the same start was not answered with no.
  const newer = of(before, 'approvalRequested').filter((each) => each.seq > request.seq && names(each.event, event));
  expect(newer.map((each) => each.event.request)).toEqual([]);
}

function expectRightPerson(game: Play, event: EventOf<'attemptIntended'>, by: Person): void {
  const who = game.approvers.get(event.approval ?? '');
  if (who === undefined) throw new Error('nobody approved');
  expect(who.person).toEqual(by);
  const action = event.step === 'E' ? 'press' : 'approve';
  expect(authorise(action, who, { cluster, procedure: undefined, requester: dana, shapers: [], steps: [] })).toEqual({ kind: 'allowed' });
  if (action === 'approve') expect(by.user).not.toBe(dana.user);
}

function names(request: EventOf<'approvalRequested'>, { step, host, attempt }: EventOf<'attemptIntended'>): boolean {
  return request.subject.items.some((item) => item.step === step && item.host === host && item.attempt === attempt);
}

const many = { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) };
const histories = (ops: fc.Arbitrary<Op>, length: number): fc.Arbitrary<History> =>
  fc.record({ chosen: fc.subarray(steps, { minLength: 1 }), ops: fc.array(ops, { minLength: 20, maxLength: length }) });
const ops = histories(op, 90);

test('no unsafe attempt is intended without its approval', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const game = await played(history);
      expect(violationsIn(RUN, game.events())).toEqual([]);
      for (const intent of of(game.events(), 'attemptIntended')) expectPermitted(game, intent);
    }),
    many,
  );
}, 120_000);

test('every request, question and attempt is settled once', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const recorded = (await played(history)).events();
      const decided = [...of(recorded, 'approvalGiven'), ...of(recorded, 'approvalRejected'), ...of(recorded, 'approvalExpired')];
      expectUnique(decided.map((each) => each.event.request));
      expectUnique(of(recorded, 'approvalVoided').map((each) => each.event.request));
      expectUnique(of(recorded, 'approvalRequested').map((each) => each.event.request));
      expectUnique(of(recorded, 'troubleRaised').map((each) => each.event.trouble));
      expectUnique(of(recorded, 'troubleSettled').map((each) => each.event.trouble));
      expectUnique(of(recorded, 'attemptIntended').map(({ event }) => `${event.step} ${event.host} ${event.attempt}`));
      expect(of(recorded, 'runEnded').map((each) => each.seq)).toEqual(of(recorded, 'runEnded').length === 0 ? [] : [recorded.length]);
    }),
    many,
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
        const skipped = event.choice === 'skip' && ['B', 'C', 'D', 'F'].includes(raised.get(event.trouble) ?? '');
        if (second || skipped) expect(event.by.user).not.toBe(dana.user);
      }
    }),
    many,
  );
}, 120_000);

test('an approval that was left lying opens nothing', async () => {
  await fc.assert(
    fc.asyncProperty(ops, async (history) => {
      const recorded = (await played(history)).events();
      for (const { at, event } of of(recorded, 'attemptIntended').filter((each) => each.event.approval !== undefined)) {
        const lively = recorded.filter((each) => each.at < at && isProgress(each.event, event));
        expect(at - (lively.at(-1)?.at ?? 0)).toBeLessThanOrEqual(APPROVAL_MS);
      }
    }),
    many,
  );
}, 120_000);

function isProgress(event: RunEvent, { step, approval }: EventOf<'attemptIntended'>): boolean {
  if (event.kind === 'approvalGiven') return event.request === approval;
  // A person who settles a host as done stands there at that moment.
  return (event.kind === 'hostPassed' && event.step === step) || (event.kind === 'troubleSettled' && event.choice === 'settleDone');
}

test('somebody without rights cannot fill the journal', async () => {
  const refused: fc.Arbitrary<Op> = fc.record({
    kind: fc.constant('wish' as const),
    plan: plan.map((each) => ({
      ...each,
      verb: 'cancel' as const,
      standing: { person: eve, kind: { kind: 'member' as const }, memberOf: [] },
    })),
  });
  await fc.assert(
    fc.asyncProperty(histories(fc.oneof({ weight: 4, arbitrary: refused }, { weight: 1, arbitrary: op }), 120), async (history) => {
      const recorded = (await played(history)).events();
      const mine = of(recorded, 'refused').filter((each) => each.event.person.user === eve.user);
      expect(mine.length).toBeLessThanOrEqual(20);
    }),
    many,
  );
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
  'rolesBound',
  'rolesConfirmed',
  'approvalRequested',
  'approvalGiven',
  'approvalRejected',
  'approvalExpired',
  'approvalVoided',
  'attemptIntended',
  'attemptEnded',
  'watchBegan',
  'hostPassed',
  'hostPassedOver',
  'troubleRaised',
  'troubleSettled',
  'paused',
  'resumed',
  'cancelRequested',
  'refused',
  'runEnded',
];

function fail(): never {
  throw new Error('a journal begins with its request');
}
