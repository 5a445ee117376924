/** Overriding a freeze window and breaking the glass: who may, when, and what is written. */
import type { Cluster } from '../../src/inventory/model.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Emergency } from '../../src/run/emergency.ts';
import type { Recorded, RunEvent } from '../../src/run/events.ts';
import { evolve, fold } from '../../src/run/evolve.ts';
import type { Decided } from '../../src/run/decided.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import { next } from '../../src/run/next.ts';
import type { RunState } from '../../src/run/state.ts';
import { alex, command, dana, journal, member, requested, sam } from './samples.ts';

const emergencies: Partial<Cluster> = {
  freeze: {
    timeZone: 'UTC',
    override: { users: ['U2', 'U1'], groups: ['S7'] },
    windows: [{ title: 'Trading hours', hours: { from: '00:00', to: '01:00' } }],
  },
  breakGlass: { people: { users: ['U1', 'U2'], groups: ['S7'] }, channel: 'C0LOUD' },
};
const step = command('A', { safety: { kind: 'unsafe', why: 'it stops things' } });
const opened: RunEvent = { kind: 'stepOpened', step: 'A', hosts: ['main-1'] };
const held: RunEvent = { kind: 'runHeld', hold: 'h2', window: 'Trading hours', expiresAt: 600_000 };
const stands = { memberOf: [], accounts: ['U2'] };
const overridden: RunEvent = { kind: 'holdOverridden', hold: 'h2', by: sam, reason: 'now or never', stands };
const ended: RunEvent = { kind: 'holdEnded', hold: 'h2', why: 'no window is on any more' };
const cancelled: RunEvent = { kind: 'cancelRequested', by: dana, reason: '' };
const broken: RunEvent = { kind: 'glassBroken', request: 'q1', by: sam, reason: 'nobody is awake', stands, channel: 'C0LOUD' };
const asked = requested('A', 'main-1');
const red: RunEvent =
  asked.kind === 'approvalRequested' ? { ...asked, checks: [{ host: 'main-1', what: 'lag is low', ok: false, seen: 'lag 90' }] } : asked;
const gate: RunEvent = asked.kind === 'approvalRequested' ? { ...asked, needs: 'gate' } : asked;

const override: Emergency = { kind: 'override', hold: 'h2', reason: 'now or never' };
const glass: Emergency = { kind: 'breakGlass', request: 'q1', digest: 'd1', reason: 'nobody is awake' };
const otherAccount: Standing = { ...member({ ...alex, user: 'U9' }, ['S7']), identity: { name: 'Dana', accounts: ['U1', 'U9'] } };
const guest: Standing = { person: sam, kind: { kind: 'barred', why: 'guests of this workspace cannot use Keyturn.' }, memberOf: ['S7'] };
const silent: Standing = { person: sam, kind: { kind: 'unverified', why: 'timeout' }, memberOf: [] };
const proved = (about: string): Standing => ({ ...member(sam), proof: { about } });

function recorded(events: readonly RunEvent[], cluster: Partial<Cluster>): readonly Recorded[] {
  return journal([step], events).map((each) =>
    each.event.kind === 'runRequested' ? { ...each, event: { ...each.event, cluster: { ...each.event.cluster, ...cluster } } } : each,
  );
}

function state(events: readonly RunEvent[], cluster = emergencies): RunState {
  return fold('run2', recorded(events, cluster));
}

function outcome(decided: Decided): string {
  return decided.kind === 'moot' ? `moot ${decided.told}` : `${decided.kind} ${decided.events.map((event) => event.kind).join('+')}`;
}

test.each<[string, readonly RunEvent[], Intent, Standing, RegExp]>([
  ['somebody who is named overrides', [held], override, member(sam), /^taken holdOverridden$/],
  ['a member of a named group overrides', [held], override, member(alex, ['S7']), /^taken holdOverridden$/],
  ['the requester never overrides, though named', [held], override, member(dana), /^refused refused$/],
  ['the requester’s other account never overrides', [held], override, otherAccount, /^refused refused$/],
  ['somebody who is not named does not override', [held], override, member(alex), /^refused refused$/],
  ['a guest does not override', [held], override, guest, /^refused refused$/],
  ['without an answer of Slack nobody overrides', [held], override, silent, /^refused refused$/],
  ['an override without a reason is refused', [held], { ...override, reason: '  ' }, member(sam), /^refused refused$/],
  ['a second override is told of the first', [held, overridden], override, member(sam), /^moot Already overridden by Sam at 00:00:03/],
  ['an override after the window is told so', [held, ended], override, member(sam), /^moot The run is not held any more since 00:00:03/],
  ['an override of another hold does nothing', [held], { ...override, hold: 'h9' }, member(sam), /^moot This button does not belong/],
  ['an override where nothing holds does nothing', [opened], override, member(sam), /^moot This button does not belong/],
  ['an override of a run that is cancelled does nothing', [held, cancelled], override, member(sam), /^moot run2 is being cancelled/],
  ['somebody who is named breaks the glass', [opened, asked], glass, member(sam), /^taken glassBroken$/],
  ['the requester may break the glass if named', [opened, asked], glass, member(dana), /^taken glassBroken$/],
  ['somebody who is not named does not break it', [opened, asked], glass, member(alex), /^refused refused$/],
  ['a guest does not break the glass', [opened, asked], glass, guest, /^refused refused$/],
  ['no glass is broken without a reason', [opened, asked], { ...glass, reason: ' ' }, member(sam), /^refused refused$/],
  [
    'no glass is broken for another version',
    [opened, asked],
    { ...glass, digest: 'd2' },
    member(sam),
    /^moot This button was made for another/,
  ],
  [
    'no glass is broken where checks are red',
    [opened, red],
    glass,
    member(sam),
    /^moot A broken glass changes nothing about this.*lag is low: not so on main-1 \(lag 90\)/,
  ],
  ['a gate has no glass', [opened, gate], glass, member(sam), /^moot This request needs no second person/],
  ['a broken glass is not broken again', [opened, asked, broken], glass, member(dana), /^moot Sam broke the glass for it at 00:00:04/],
  ['a request of another run has no glass', [opened, asked], { ...glass, request: 'q7' }, member(sam), /^moot This card does not belong/],
  ['a cancelled run has no glass', [opened, asked, cancelled], glass, member(sam), /^moot run2 is being cancelled/],
])('%s', (_title, events, intent, standing, expected) => {
  expect(outcome(decide(state(events), intent, standing, 5_000))).toMatch(expected);
});

test.each<[string, Intent, number]>([
  ['an override comes too late', override, 600_000],
  ['a broken glass comes too late', glass, 1_000_000],
])('%s with its time limit', (_title, intent, now) => {
  expect(outcome(decide(state([held, opened, asked]), intent, member(sam), now))).toMatch(/^moot .*(over|expired)/);
});

test.each<[string, Intent]>([
  ['overrides', override],
  ['breaks the glass', glass],
])('where the cluster file names nobody, nobody %s', (_title, intent) => {
  const decided = decide(state([held, opened, asked], {}), intent, member(sam), 5_000);
  expect(decided).toMatchObject({ kind: 'refused', told: expect.stringMatching(/Nobody may .*lists no one/) });
});

test.each<[string, Emergency, string]>([
  ['override', override, 'h2'],
  ['break-glass', glass, 'd1'],
])('a cluster with a second factor wants a code for exactly this %s', (_title, intent, about) => {
  const run = state([held, opened, asked], { ...emergencies, secondFactor: 'totp' });
  const others = [member(sam), proved('d9')];
  for (const standing of others) expect(outcome(decide(run, intent, standing, 5_000))).toBe('refused refused');
  const decided = decide(run, intent, proved(about), 5_000);
  expect(decided).toMatchObject({ kind: 'taken', events: [{ stands: { factor: 'totp', accounts: ['U2'] }, reason: intent.reason }] });
});

test('a broken glass lets exactly what was asked for start', () => {
  const run = state([{ kind: 'planResolved', digest: 'p' }, opened, asked], { breakGlass: emergencies.breakGlass });
  const decided = decide(run, glass, member(dana), 5_000);
  if (decided.kind !== 'taken') throw new Error(decided.told);
  expect(decided.events).toEqual([
    {
      kind: 'glassBroken',
      request: 'q1',
      by: dana,
      reason: 'nobody is awake',
      stands: { memberOf: [], accounts: ['U1'] },
      channel: 'C0LOUD',
    },
  ]);
  const after = decided.events.reduce((at, event) => evolve(at, { seq: at.seq + 1, at: 5_000, actor: { kind: 'keyturn' }, event }), run);
  expect(next(after, 6_000)).toMatchObject({ kind: 'start', start: { host: 'main-1', attempt: 1 }, approval: { request: 'q1' } });
});
