/**
 * Plays one case: the desk, the driver and every act of the worker as they are, over hosts, people and a clock that the test makes up.
 *
 * Invariants
 * R1 Nothing here decides what a run does: what is asked, started, judged and written comes from run/ and worker/.
 * R2 Whatever a host is asked without the test's having an answer ends the case, as does a deed that does not fit what is asked.
 */
import { explain, KeyturnError } from '../errors.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Standing } from '../run/authorise.ts';
import type { Recorded } from '../run/events.ts';
import type { Decided } from '../run/decided.ts';
import type { Plan } from '../run/plan.ts';
import type { RunState } from '../run/state.ts';
import { createDesk } from '../worker/desk.ts';
import { NO_LATE_NOTES } from '../worker/late-notes.ts';
import type { Hands } from '../worker/hands.ts';
import { UNNOTED } from '../worker/refusals.ts';
import type { Answers } from './answers.ts';
import { Broken, type Failure } from './failure.ts';
import type { FileWorld } from './files.ts';
import type { Case } from './model.ts';
import { type Act, type Asked, askedIn, createPeople, type People, requester } from './people.ts';
import { createStage, RUN, type Stage } from './stage.ts';
import { createWorker } from './worker-loop.ts';

/** What came of a case. */
export type Played = {
  readonly end: /** The run is over, or waits for people who do nothing. */
    | { readonly kind: 'rested'; readonly state: RunState; readonly waiting: readonly Asked[] }
    | { readonly kind: 'refused'; readonly why: readonly string[] }
    | { readonly kind: 'broken'; readonly failure: Failure };
  readonly recorded: readonly Recorded[];
  readonly answers: Answers;
  readonly people: People;
  readonly files: FileWorld;
  /** Made before the run, from the same answers; undefined where the case asks for none. */
  readonly plan: Plan | undefined;
  /** The whole text of a kept output. */
  readonly outputText: Hands['outputText'];
  /** What the worker would have logged as a warning. */
  readonly warnings: readonly string[];
};

export async function rehearse(whole: Procedure, wanted: Case): Promise<Played> {
  const procedure = forRehearsal(whole);
  const stage = createStage(procedure, wanted, 'run');
  const people = createPeople(wanted.people, procedure);
  const planned = wanted.expected.plan === undefined ? undefined : await attempted(() => planFor(procedure, wanted));
  const played = planned?.kind === 'broken' ? planned : await attempted(() => toTheEnd(stage, people, procedure, wanted));
  await stage.hands.stager.close();
  const { notebook, answers, files, hands, warnings } = stage;
  return {
    end: played.kind === 'made' ? played.value : played,
    recorded: notebook.recorded(),
    answers,
    people,
    files,
    plan: planned?.kind === 'made' ? planned.value : undefined,
    outputText: hands.outputText,
    warnings,
  };
}

/** Whoever may start, settle or stop it, in a rehearsal it is the requester; how many must approve stays. */
function forRehearsal({ may, ...procedure }: Procedure): Procedure {
  return may?.approve === undefined ? procedure : { ...procedure, may: { approve: may.approve } };
}

type Attempted<T> = { readonly kind: 'made'; readonly value: T } | { readonly kind: 'broken'; readonly failure: Failure };

async function attempted<T>(work: () => Promise<T>): Promise<Attempted<T>> {
  try {
    return { kind: 'made', value: await work() };
  } catch (error) {
    return { kind: 'broken', failure: failureOf(error) };
  }
}

/** Everything happens in turn: the worker works until it waits, then people act, then the clock goes on to whatever comes next. */
async function toTheEnd(stage: Stage, people: People, procedure: Procedure, wanted: Case): Promise<Played['end']> {
  const { clock, notebook } = stage;
  const worker = createWorker(stage);
  const desk = deskOf(stage, procedure, wanted, worker.nudge);
  const started = await desk.start({ ...requestOf(procedure, wanted), channel: CHANNEL, requestId: 'rehearsal' });
  if (started.kind === 'refused') return started;
  try {
    for (;;) {
      await settled();
      worker.check();
      const state = notebook.state();
      if (state === undefined) throw new Error('the run began without an event');
      const asked = askedIn(state);
      const act = state.ended === undefined ? people.next(asked) : undefined;
      if (act !== undefined) {
        await saidBy(act, (standing) => desk.act(RUN, act.intent, standing));
      } else if (!clock.goOn()) {
        if (state.ended === undefined && asked.length === 0) throw new Broken(STANDS_STILL);
        return { kind: 'rested', state, waiting: asked };
      }
    }
  } finally {
    worker.stop();
  }
}

/** Nobody counts for a group whose places are taken: whoever changes nothing is passed over. */
async function saidBy({ intent, by }: Act, say: (standing: Standing) => Promise<Decided>): Promise<void> {
  let last = await say(by[0] ?? requester);
  if (last.kind !== 'taken') throw new Broken(notTaken(intent.kind, last.told));
  for (const standing of by.slice(1)) {
    if (last.kind === 'taken' && !last.events.some(({ kind }) => kind === 'approvalBacked' || kind === 'choiceBacked')) return;
    const next = await say(standing);
    if (next.kind === 'taken') last = next;
  }
}

const CHANNEL = { team: 'T0REHEARSAL', id: 'C0REHEARSAL' };

function deskOf({ notebook, hands, clock }: Stage, procedure: Procedure, wanted: Case, nudge: () => Promise<void>) {
  return createDesk({
    journal: notebook.journal,
    library: () => ({ procedures: [procedure], clusters: [wanted.cluster], findings: [], broken: [] }),
    nudge,
    hands,
    noteRefusal: UNNOTED,
    keepLateNote: NO_LATE_NOTES,
    now: clock.now,
    log: hands.log,
    runId: () => RUN,
  });
}

function requestOf(procedure: Procedure, { cluster, params }: Case) {
  return { procedure: procedure.name, cluster: cluster.name, params, standing: requester };
}

/** A plan made beforehand takes none of the answers away from the run. */
async function planFor(procedure: Procedure, wanted: Case): Promise<Plan | undefined> {
  const stage = createStage(procedure, wanted, 'plan');
  const desk = deskOf(stage, procedure, wanted, async () => undefined);
  const planning = desk.plan(requestOf(procedure, wanted));
  // It may fail while the clock is looked after; that is told below.
  planning.catch(() => undefined);
  do await settled();
  while (stage.clock.goOn());
  const planned = await planning;
  return planned.kind === 'planned' ? planned.plan : undefined;
}

/** Until nothing goes on but what waits for the clock or for people: everything else is promises. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function notTaken(what: string, told: string): Failure {
  return { expected: `people ${what}`, happened: told, check: '`people` of the test' };
}

const STANDS_STILL: Failure = {
  expected: 'the run goes on, ends or asks people',
  happened: 'it stands still: nothing is due and nobody is asked',
  check: 'that this is told to whoever maintains Keyturn; it should not be possible',
};

function failureOf(error: unknown): Failure {
  if (error instanceof Broken) return error.failure;
  const expected = 'the case can be played to its end';
  if (error instanceof KeyturnError) return { expected, happened: error.message, check: error.check };
  return { expected, happened: explain(error), check: 'the case; a run would have failed in the same way' };
}
