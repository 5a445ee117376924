/** What random histories are made of: clusters with every kind of policy, steps of every kind, and what people and hosts do. */
import fc from 'fast-check';
import type { Cluster } from '../../src/inventory/model.ts';
import type { CommandStep, Procedure, Step } from '../../src/procedure/model.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Choice, Person, RunEvent } from '../../src/run/events.ts';
import type { Intent } from '../../src/run/intents.ts';
import { proofWanted } from '../../src/run/proof.ts';
import { openTroubles, type RunState } from '../../src/run/state.ts';
import { alex, cluster, command, dana, procedure, sam } from './samples.ts';
import type { HostLuck, Luck, Wish } from './world.ts';

export const APPROVAL_MS = 600_000;

export const eve: Person = { team: 'T1', user: 'U4', name: 'Eve' };
/** The requester's other account, and the approver's. */
export const dora: Person = { team: 'T2', user: 'U5', name: 'Dora' };
export const sue: Person = { team: 'T2', user: 'U6', name: 'Sue' };
const IDENTITIES: Readonly<Record<string, NonNullable<Standing['identity']>>> = Object.fromEntries(
  [
    [dana, dora],
    [sam, sue],
  ].flatMap((both) => both.map(({ user }) => [user, { name: both[0]?.name ?? '', accounts: both.map((each) => each.user) }])),
);

const users = (...ids: readonly string[]) => ({ users: [...ids], groups: [] });
const unsafe: CommandStep['safety'] = { kind: 'unsafe', why: 'it stops things' };
const isFirst = { run: 'look', read: 'text', expect: 'stdout == "node-1"' } as const;
const isSecond = { run: 'look', read: 'text', expect: 'stdout == "node-2"' } as const;
const nodes = { kind: 'each', role: 'node' } as const;

export const steps: readonly Step[] = [
  command('A', { on: { kind: 'any', role: 'node' }, bind: { lead: 'stdout == "" ? "node-1" : stdout' } }),
  { kind: 'person', id: 'P', title: 'look', about: 'confirm', text: 'Is it so?', second: 'it goes live' },
  command('B', { on: nodes, safety: unsafe }),
  command('C', { on: { kind: 'one', role: 'lead' }, safety: unsafe, recheck: ['lead'], env: { LEAD: 'roles.lead' } }),
  command('D', { on: nodes, safety: unsafe, recheck: ['lead'] }),
  command('E', { safety: { kind: 'gated', ask: 'Go on?' } }),
  command('F', {
    on: { kind: 'any', role: 'node' },
    safety: unsafe,
    retry: { kind: 'forbidden', instead: 'call somebody' },
    until: { ...isFirst, waiting: 'it', everySeconds: 1, withinSeconds: 60 },
  }),
  command('G', { on: { kind: 'all', role: 'node' }, safety: unsafe, unless: { ...isSecond, saying: 'It is so' } }),
  command('H', { on: { kind: 'all', role: 'node' }, safety: unsafe, recheck: ['lead'] }),
  command('I', { on: { kind: 'all', role: 'node' } }),
  { kind: 'person', id: 'M', title: 'pull the cable', about: 'manual', text: 'Pull it' },
  command('J', { safety: unsafe, together: 'down', requires: [{ ...isFirst, says: 'it is in step', on: nodes }] }),
  command('K', { on: nodes, safety: unsafe, together: 'down', recheck: ['lead'] }),
  command('L', { safety: unsafe, together: 'down', requires: [{ ...isFirst, says: 'it is in step' }], approve: [[{ count: 1 }]] }),
  command('N', { safety: unsafe, approve: [[{ people: users('U3', 'U4'), count: 1 }]] }),
  command('Q', { when: 'false' }),
  { kind: 'announce', id: 'O', title: 'tell', text: 'It is done' },
];

const freeze = (from: string, to: string): Cluster['freeze'] => ({
  timeZone: 'Etc/UTC',
  windows: [{ title: 'quarter end', hours: { from, to } }],
  override: users('U2', 'U1'),
});

/** One of two alternatives: two of three, of whom two accounts are one person; or one of each of two lists. */
const quorum: Cluster['may']['rule'] = [
  [{ people: { users: ['U2', 'U6'], groups: ['S1'] }, count: 2 }],
  [
    { people: users('U3', 'U6'), count: 1 },
    { people: users('U2', 'U4'), count: 1 },
  ],
];

const plain = cluster.may;
export const clusters: fc.Arbitrary<Cluster> = fc
  .record({
    quorum: fc.constantFrom(false, false, true),
    factor: fc.constantFrom(false, false, true),
    glass: fc.constantFrom(true, true, false),
    freeze: fc.constantFrom(undefined, undefined, freeze('00:00', '00:05'), freeze('00:04', '00:30')),
    settle: fc.constantFrom(undefined, undefined, users('U1', 'U3')),
  })
  .map(
    (each): Cluster => ({
      ...cluster,
      may: {
        ...plain,
        approve: { users: ['U2', 'U6', ...(each.quorum ? ['U3', 'U4'] : [])], groups: ['S1'] },
        ...(each.quorum ? { rule: quorum } : {}),
        ...(each.settle === undefined ? {} : { settle: each.settle }),
      },
      ...(each.factor ? { secondFactor: 'totp' as const } : {}),
      ...(each.glass ? { breakGlass: { people: users('U1', 'U4'), channel: 'C7' } } : {}),
      ...(each.freeze === undefined ? {} : { freeze: each.freeze }),
    }),
  );

/** The first event of a run over these steps. */
export function begun(world: Cluster, chosen: Procedure['steps']): RunEvent {
  return {
    kind: 'runRequested',
    requester: dana,
    procedure: procedure(chosen),
    cluster: world,
    params: {},
    channel: { team: 'T1', id: 'C1' },
    requestId: 'r1',
  };
}

type Who = Omit<Standing, 'proof'>;

const standing: fc.Arbitrary<Who> = fc
  .record({
    person: fc.constantFrom(sam, dana, alex, sue, eve, dora),
    kind: fc.oneof(
      { weight: 10, arbitrary: fc.constant({ kind: 'member' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'barred', why: 'guests cannot use Keyturn.' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'unverified', why: 'timeout' } as const) },
      { weight: 1, arbitrary: fc.constant({ kind: 'proved', why: 'timeout' } as const) },
    ),
    // Alex comes and goes in the approving group, and so does the requester.
    memberOf: fc.constantFrom([], ['S1'], ['S9']),
    isKnown: fc.constantFrom(true, true, false),
  })
  .map(({ isKnown, ...who }) => {
    const identity = IDENTITIES[who.person.user];
    return isKnown && identity !== undefined ? { ...who, identity } : who;
  });

/** Made against the run as it is when it comes, so that most wishes hit something; `old` takes an id of the past. */
export type Plan = {
  readonly verb: Intent['kind'];
  readonly old: number;
  readonly choice: Choice;
  readonly proof: 'right' | 'other' | 'none';
  readonly standing: Who;
};
export const plan: fc.Arbitrary<Plan> = fc.record({
  verb: fc.oneof(
    { weight: 10, arbitrary: fc.constant('approve' as const) },
    { weight: 6, arbitrary: fc.constant('settle' as const) },
    { weight: 2, arbitrary: fc.constantFrom('answer' as const, 'override' as const) },
    { weight: 2, arbitrary: fc.constant('breakGlass' as const) },
    { weight: 1, arbitrary: fc.constant('reject' as const) },
    { weight: 1, arbitrary: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const) },
    { weight: 1, arbitrary: fc.constantFrom('cancel' as const, 'checkAgain' as const, 'checkAgain' as const) },
  ),
  old: fc.nat({ max: 12 }),
  choice: fc.constantFrom<Choice>('retry', 'retry', 'askAgain', 'askAgain', 'lookAgain', 'skip', 'settleDone', 'settleFailed', 'abort'),
  proof: fc.constantFrom('right', 'right', 'right', 'other', 'none'),
  standing,
});

const hostLuck: fc.Arbitrary<HostLuck> = fc.record({
  probe: fc.constantFrom('node-1', 'node-1', 'node-1', 'node-1', 'node-2', 'silent'),
  command: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'bad', 'lost', 'timedOut', 'refused', 'unreachable'),
  cancel: fc.constantFrom('fenced', 'over', 'lost', 'refused'),
});

/** Each host has its own, or shares the one. */
export const luck: fc.Arbitrary<Luck> = fc
  .record({
    all: hostLuck,
    second: fc.option(hostLuck, { nil: undefined }),
    slack: fc.constantFrom('same', 'same', 'same', 'same', 'gone', 'outOfGroups', 'silent'),
  })
  .map(({ all, second, slack }): Luck => ({ ...all, slack, ...(second === undefined ? {} : { hosts: { 'node-2': second } }) }));

export type Op =
  | { readonly kind: 'work'; readonly luck: Luck; readonly between: readonly Plan[] }
  | { readonly kind: 'wish'; readonly plan: Plan }
  | { readonly kind: 'wait'; readonly ms: number };
export const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('work' as const), luck, between: fc.array(plan, { maxLength: 2 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wish' as const), plan }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: APPROVAL_MS * 1.2 }) }) },
);

/** Some of the steps, so that the later ones are reached too; mostly with the one that finds the leader. */
export type History = { readonly world: Cluster; readonly chosen: readonly Step[]; readonly ops: readonly Op[] };

export function historiesOf(ops: fc.Arbitrary<Op>, length: number): fc.Arbitrary<History> {
  const [binds, ...others] = steps;
  const chosen = fc
    .record({ bound: fc.constantFrom(true, true, true, false), more: fc.subarray(others, { minLength: 1, maxLength: 6 }) })
    .map(({ bound, more }) => (bound && binds !== undefined ? [binds, ...more] : more));
  return fc.record({ world: clusters, chosen, ops: fc.array(ops, { minLength: 20, maxLength: length }) });
}

export function wishOf(state: RunState, { verb, old, choice, proof, standing: who }: Plan): Wish {
  const known = [...Object.keys(state.approvals).reverse(), 'constructor', '__proto__', ''];
  const request = known[old % known.length] ?? '';
  const troubles = openTroubles(state);
  const trouble = old > 9 ? `t${old}` : (troubles[old % Math.max(1, troubles.length)]?.trouble ?? 't1');
  const digest = Object.hasOwn(state.approvals, request) && old !== 3 ? (state.approvals[request]?.digest ?? '') : 'another';
  const question = [...Object.keys(state.questions).reverse(), 'constructor'][old > 9 ? 1 : 0] ?? '';
  const hold = old > 9 ? 'h1' : (state.hold?.hold ?? 'constructor');
  const intent = intentOf(verb, { request, digest, trouble, question, hold, choice, old });
  const about = proof === 'right' ? proofWanted(state, intent) : proof === 'other' ? 'something else' : undefined;
  return { intent, standing: about === undefined ? who : { ...who, proof: { about } } };
}

type Target = Readonly<Record<'request' | 'digest' | 'trouble' | 'question' | 'hold', string>> & Pick<Plan, 'choice' | 'old'>;

function intentOf(verb: Intent['kind'], { request, digest, trouble, question, hold, choice, old }: Target): Intent {
  const reason = old === 5 ? ' ' : 'because';
  const asked = `i${old}`;
  switch (verb) {
    case 'approve':
      return { kind: 'approve', request, digest };
    case 'checkAgain':
      return { kind: 'checkAgain', request };
    case 'reject':
      return { kind: 'reject', request, reason: 'no' };
    case 'answer':
      return { kind: 'answer', question, answer: ['done', 'done', 'declined', 'maybe'][old % 4] ?? '', note: '' };
    case 'settle':
      return { kind: 'settle', trouble, choice, reason };
    case 'pause':
      return { kind: 'pause', reason: '', asked };
    case 'resume':
      return { kind: 'resume', asked };
    case 'cancel':
      return { kind: 'cancel', reason: '' };
    case 'override':
      return { kind: 'override', hold, reason };
    case 'breakGlass':
      return { kind: 'breakGlass', request, digest, reason };
  }
}
