/**
 * Random interleavings of what people, time and failures can do to a run at once, over the real Bolt, desk, journal, driver and queue. Of each run:
 * it ends, nothing began that was not approved, nothing began twice, no request has two outcomes, and its journal is sound.
 *
 * INTERLEAVINGS: how many (1000 unless told). INTERLEAVINGS_SEED: the seed that a failure printed; with INTERLEAVINGS_ONLY: that one alone.
 */
import type { Cluster } from '../../src/inventory/model.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Recorded } from '../../src/run/events.ts';
import { violationsIn } from '../../src/run/invariants.ts';
import type { Approval, RunState } from '../../src/run/state.ts';
import { cluster as sampleCluster, command, procedure } from '../run/samples.ts';
import { ALEX, buttons, DANA, EVE, type Hands, SAM } from './clicks.ts';
import { dice } from './dice.ts';
import { type Hall, openHall } from './hall.ts';

const COUNT = Number(process.env.INTERLEAVINGS ?? 1_000);
const SEED = Number(process.env.INTERLEAVINGS_SEED ?? Math.floor(Math.random() * 1e9));
const ONLY = process.env.INTERLEAVINGS_ONLY;
/** Runs side by side, each on a cluster of its own. */
const LANES = 24;

const unsafe = { kind: 'unsafe', why: 'it stops things' } as const;
const one = command('S1', { on: { kind: 'one', role: 'main' }, safety: unsafe });
const each = command('S2', { on: { kind: 'each', role: 'node' }, safety: unsafe });
const gate = command('S3', { on: { kind: 'one', role: 'main' }, safety: { kind: 'gated', ask: 'Go on?' } });
const all = command('S4', { on: { kind: 'all', role: 'node' }, safety: unsafe });
const procedures = [
  procedure([one, each], { name: 'patient', hash: 'a'.repeat(64) }),
  procedure([gate, all], { name: 'hurried', approvalSeconds: 0.4, hash: 'b'.repeat(64) }),
  procedure([one, all], { name: 'two', hash: 'd'.repeat(64), may: { approve: [[{ count: 2 }]] } }),
];
const clusters = Array.from({ length: LANES }, (_, lane): Cluster => {
  const may = { start: { users: [DANA], groups: [] }, approve: { users: [SAM, ALEX], groups: [] } };
  return { ...sampleCluster, name: `c${lane}`, may, announce: [], hash: String(lane).padStart(64, '0') };
});

let hall: Hall;
const lastMs = dice(SEED);
beforeAll(async () => {
  hall = await openHall({ procedures, clusters, lasts: () => lastMs(8) });
}, 30_000);
afterAll(() => hall.close(), 60_000);

test(`${COUNT} interleavings, seed ${SEED}`, async () => {
  const numbers = ONLY === undefined ? Array.from({ length: COUNT }, (_, index) => index) : [Number(ONLY)];
  const earlier: string[] = [];
  const lane = async (cluster: string): Promise<void> => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) await played(number, cluster, earlier);
  };
  await Promise.all(clusters.map(({ name }) => lane(name)));
  expect(hall.errors).toEqual([]);
}, 600_000);

async function played(number: number, cluster: string, earlier: string[]): Promise<void> {
  const done: string[] = [];
  try {
    const run = await oneRun(number, cluster, earlier, done);
    earlier.push(run);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`INTERLEAVINGS_SEED=${SEED} INTERLEAVINGS_ONLY=${number}: ${what}\nDone: ${done.join(', ')}`, { cause: error });
  }
}

const dana: Standing = { person: { team: 'T0SANDBOX1', user: DANA, name: 'Dana' }, kind: { kind: 'member' }, memberOf: [] };

async function oneRun(number: number, cluster: string, earlier: readonly string[], done: string[]): Promise<string> {
  const roll = dice(SEED + number * 7_919);
  const name = ['patient', 'hurried', 'two'][roll(3)] ?? 'patient';
  const started = await hall.desk.start({
    ...{ procedure: name, cluster, params: {}, standing: dana, channel: { team: 'T0SANDBOX1', id: 'C0OPS00001' } },
    requestId: `i${SEED}-${number}`,
  });
  if (started.kind !== 'started') throw new Error(JSON.stringify(started));
  const { run } = started;
  const hands = buttons(hall.slack);
  const pending: Promise<unknown>[] = [];
  for (let step = 3 + roll(6); step > 0; step -= 1) {
    const state = await (roll(3) === 0 ? hall.state(run) : hall.until(run, isForPeople, 'something for people'));
    if (state.ended !== undefined) break;
    const act = ACTS[roll(ACTS.length)] ?? ACTS[0];
    done.push(act?.name ?? '');
    if (act !== undefined) pending.push(act({ hands, state, roll, earlier }));
  }
  await Promise.all(pending);
  await toTheEnd(run, hands, done);
  await expectRight(run);
  return run;
}

/** Somebody has to press something before the run goes on. */
function isForPeople(state: RunState): boolean {
  return state.ended !== undefined || state.paused !== undefined || state.trouble !== undefined || openRequest(state) !== undefined;
}

function openRequest(state: RunState): Approval | undefined {
  return Object.values(state.approvals).find(({ status }) => status.kind === 'open');
}

type Turn = {
  readonly hands: Hands;
  readonly state: RunState;
  readonly roll: (max: number) => number;
  readonly earlier: readonly string[];
};
type Act = (turn: Turn) => Promise<unknown>;

/** The newest request; none: one that was never made. */
function newest({ approvals }: RunState): Pick<Approval, 'request' | 'digest'> {
  return Object.values(approvals).at(-1) ?? { request: 'q0', digest: 'd0' };
}

const ACTS: readonly Act[] = [
  function click({ hands, state }) {
    return hands.approve(SAM, state.run, newest(state));
  },
  function clickOfAnother({ hands, state }) {
    return hands.approve(ALEX, state.run, newest(state));
  },
  function doubleClick({ hands, state }) {
    return hands.twice(() => hands.approve(SAM, state.run, newest(state)));
  },
  function bothButtons({ hands, state }) {
    return Promise.all([hands.approve(SAM, state.run, newest(state)), hands.reject(SAM, state.run, newest(state))]);
  },
  function twoPeople({ hands, state }) {
    return Promise.all([hands.approve(ALEX, state.run, newest(state)), hands.approve(SAM, state.run, newest(state))]);
  },
  function yesAndNo({ hands, state }) {
    return Promise.all([hands.reject(ALEX, state.run, newest(state)), hands.approve(SAM, state.run, newest(state))]);
  },
  function own({ hands, state }) {
    return hands.approve(DANA, state.run, newest(state));
  },
  function stranger({ hands, state }) {
    return hands.approve(EVE, state.run, newest(state));
  },
  function oldCard({ hands, state, roll }) {
    const old = Object.values(state.approvals);
    return hands.approve(SAM, state.run, old[roll(Math.max(1, old.length))] ?? newest(state));
  },
  function anotherRunsCard({ hands, state, roll, earlier }) {
    return hands.approve(SAM, earlier[roll(Math.max(1, earlier.length))] ?? 'runnobody', newest(state));
  },
  function otherDigest({ hands, state }) {
    return hands.approve(SAM, state.run, { ...newest(state), digest: 'd0' });
  },
  function reject({ hands, state }) {
    return hands.reject(SAM, state.run, newest(state));
  },
  function pause({ hands, state }) {
    return hands.pause(DANA, state.run);
  },
  function resume({ hands, state }) {
    return hands.resume(DANA, state.run);
  },
  function pauseAndClick({ hands, state }) {
    return Promise.all([hands.pause(DANA, state.run), hands.approve(SAM, state.run, newest(state))]);
  },
  function cancelAndClick({ hands, state, roll }) {
    const clicked = hands.approve(SAM, state.run, newest(state));
    // A cancel ends a run: often, and the others would hardly be seen.
    return roll(3) === 0 ? Promise.all([hands.cancel(DANA, state.run), clicked]) : clicked;
  },
  function settle({ hands, state, roll }) {
    const { trouble } = state;
    const choice = trouble?.choices[roll(trouble.choices.length)];
    if (trouble === undefined || choice === undefined) return hands.approve(SAM, state.run, newest(state));
    return Promise.all([hands.settle(SAM, state.run, trouble.trouble, choice), hands.settle(ALEX, state.run, trouble.trouble, 'askAgain')]);
  },
  function expiry({ state }) {
    const open = openRequest(state);
    if (open === undefined || state.procedure.name !== 'hurried') return Promise.resolve();
    return hall.until(
      state.run,
      ({ approvals, ended, paused }) => ended !== undefined || paused !== undefined || approvals[open.request]?.status.kind !== 'open',
      'the expiry of a request',
    );
  },
  function restart({ roll, state, hands }) {
    return roll(3) === 0 ? hall.restartWorker() : hands.approve(SAM, state.run, newest(state));
  },
];

/** Whatever it stands in, people help it to its end. */
async function toTheEnd(run: string, hands: Hands, done: string[]): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const state = await hall.until(run, isForPeople, 'the end, or something for people');
    if (state.ended !== undefined) return;
    const { paused, trouble, seq } = state;
    done.push(paused !== undefined ? 'resumed' : trouble !== undefined ? `settled ${trouble.what.kind}` : 'approved');
    if (paused !== undefined) await hands.resume(DANA, run);
    else if (trouble !== undefined) await hands.settle(SAM, run, trouble.trouble, trouble.choices[0] ?? 'abort');
    else
      await Promise.all((state.procedure.name === 'two' ? [SAM, ALEX] : [SAM]).map((person) => hands.approve(person, run, newest(state))));
    await hall.until(run, (later) => later.seq > seq || later.ended !== undefined, 'what was pressed');
  }
  throw new Error(`${run} does not come to its end`);
}

async function expectRight(run: string): Promise<void> {
  const recorded = (await hall.desk.journal(run))?.recorded ?? [];
  const violations = violationsIn(run, recorded, { stands: true });
  if (violations.length > 0) throw new Error(`${JSON.stringify(violations, null, 1)}\n${recorded.map(lineOf).join('\n')}`);
  expectOneOutcome(recorded);
  const intended = recorded.flatMap(({ event }) => (event.kind === 'attemptIntended' ? [event] : []));
  for (const begun of hall.hosts.begunIn(run)) {
    const intent = intended.find(({ step, host, attempt }) => step === begun.step && host === begun.host && attempt === begun.attempt);
    expect(intent).toBeDefined();
    expect(begun.script).toBe(scriptOf(recorded, intent?.approval, begun));
  }
}

function lineOf({ seq, event }: Recorded): string {
  const { procedure: _p, cluster: _c, subject: _s, ...rest } = { procedure: 0, cluster: 0, subject: 0, ...event };
  return `${seq} ${JSON.stringify(rest)}`;
}

/** What the approvers were shown. */
function scriptOf(recorded: readonly Recorded[], approval: string | undefined, place: { readonly step: string; readonly host: string }) {
  const request = recorded.find(({ event }) => event.kind === 'approvalRequested' && event.request === approval)?.event;
  if (request?.kind !== 'approvalRequested') return undefined;
  return request.subject.items.find(({ step, host }) => step === place.step && host === place.host)?.script;
}

function expectOneOutcome(recorded: readonly Recorded[]): void {
  const outcomes = recorded.flatMap(({ event }) =>
    event.kind === 'approvalGiven' || event.kind === 'approvalRejected' || event.kind === 'approvalExpired' ? [event.request] : [],
  );
  expect(outcomes).toEqual([...new Set(outcomes)]);
}
