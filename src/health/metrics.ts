/**
 * Every metric that Keyturn has, by its name, and where its values come from. The table in docs/operations.md, the dashboard and the alerts are held
 * to the names in here by a test.
 *
 * Labels are names out of procedure and cluster files and words of ours: never a person, a host, a run or a secret; and finitely many.
 *
 * Counters are there at 0 before they count: Prometheus sees no rise in one that begins at 1, and the first failure would be shown nowhere.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { ATTEMPT_WORDS, type AttemptWord } from '../run/outcome-word.ts';
import type { RunOutcome } from '../run/state.ts';
import type { HostProblemCode } from '../ssh/outcome.ts';
import { createLabels, type Named, type NamedStep } from './labels.ts';
import { SLACK_ANSWERS, SLACK_CALLS, type Tally } from './tally.ts';

/** Values of the moment. Absent where this process does not know them (a worker has no thread) or cannot know them now (Redis is away). */
const GAUGES = {
  runsOpen: ['keyturn_runs_open', 'Runs that are not over.', []],
  runsWaitingApproval: ['keyturn_runs_waiting_approval', 'Runs that wait for an approval.', []],
  approvalWait: [
    'keyturn_approval_wait_seconds',
    'How long the oldest open request for an approval has been waiting; 0 where none is.',
    [],
  ],
  questions: ['keyturn_questions_open', 'Questions to people that wait for an answer.', []],
  troubles: ['keyturn_troubles_open', 'Troubles that wait for the decision of a person.', []],
  runsHeld: ['keyturn_runs_held', 'Runs that a freeze window holds.', []],
  runsPaused: ['keyturn_runs_paused', 'Runs that somebody has paused.', []],
  damaged: ['keyturn_journals_damaged', 'Journals, the register included, that were found damaged and are not whole yet.', []],
  archiveAge: [
    'keyturn_archive_kept_seconds',
    'Seconds since the archive was last kept up without a failure, by this process or another one.',
    [],
  ],
  stateSeen: ['keyturn_state_seen', '1 where the open runs could be read for this answer, 0 where not.', []],
  queueJobs: ['keyturn_queue_jobs', 'Jobs in the queue of nudges, by state.', ['state']],
  threadsBehind: ['keyturn_slack_threads_behind', 'Threads that do not show their journal yet.', []],
  threadLag: ['keyturn_slack_thread_lag_seconds', 'How long the thread that is longest behind its journal has been; 0 where none is.', []],
  parked: ['keyturn_slack_messages_parked', 'Messages that Slack refuses for a reason that an administrator can put right.', []],
  leads: ['keyturn_slack_leads', '1 where this process is the one that writes to Slack.', []],
  linkUp: ['keyturn_slack_link_up', '1 where this way from Slack to Keyturn is open.', ['link']],
  ready: ['keyturn_ready', '1 where /readyz would answer 200.', []],
  checkOk: ['keyturn_check_ok', '1 where this check of /readyz is good.', ['check']],
  healthy: ['keyturn_healthy', '1 where /healthz would answer 200.', []],
  loopAge: ['keyturn_loop_age_seconds', 'Seconds since this loop of the process was last through.', ['loop']],
} as const satisfies Record<string, readonly [name: string, help: string, labels: readonly string[]]>;

type GaugeKey = keyof typeof GAUGES;

/** What may be run; with the steps once it is. */
export type Runnable = Named & { readonly cluster: string; readonly steps: readonly string[] };
export type RunEnd = Named & { readonly cluster: string; readonly outcome: RunOutcome };
export type AttemptEnd = NamedStep & {
  readonly outcome: AttemptWord;
  /** Undefined where nobody knows when it began. */
  readonly seconds: number | undefined;
};

const OUTCOMES: readonly RunOutcome[] = ['succeeded', 'failed', 'aborted', 'cancelled'];
/** What a dial can come to. */
const DIALS: readonly ('connected' | HostProblemCode)[] = [
  'connected',
  'UNREACHABLE',
  'AUTH_REFUSED',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_CHANGED',
  'IDENTITY_UNREADABLE',
  'KNOWN_HOSTS_UNREADABLE',
  'NO_COMMON_ALGORITHM',
];

export interface Metrics {
  readonly tally: Tally;
  /** Its counters begin at 0 now, where they are not there yet. */
  expect(run: Runnable): void;
  /** There is a bot in this process: the counters of its calls begin at 0. */
  expectSlack(): void;
  runEnded(end: RunEnd): void;
  attemptEnded(end: AttemptEnd): void;
  /** Undefined: not known now, so nothing is told. */
  set(gauge: GaugeKey, value: number | undefined): void;
  setBy(gauge: GaugeKey, values: Readonly<Record<string, number>> | undefined): void;
  /** Names of Keyturn's own, without those of the process. */
  names(): readonly string[];
  text(): Promise<string>;
  readonly contentType: string;
  stop(): void;
}

/** From a second to half a day. */
const SECONDS = [1, 5, 15, 60, 300, 900, 1_800, 3_600, 10_800, 43_200];

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const labels = createLabels();
  const gauges = new Map(Object.entries(GAUGES).map(([key, row]) => [key, gaugeOf(row, registers)]));
  const runsEnded = new Counter({
    name: 'keyturn_runs_ended_total',
    help: 'Runs that ended since this process began, by outcome.',
    labelNames: ['product', 'procedure', 'cluster', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'keyturn_step_duration_seconds',
    help: 'How long the command of a step ran on one host, by how it ended.',
    labelNames: ['product', 'procedure', 'step', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  const dials = new Counter({
    name: 'keyturn_ssh_dials_total',
    help: 'SSH connections that were opened (result connected), or could not be, by the code of the problem.',
    labelNames: ['result'],
    registers,
  });
  const calls = new Counter({
    name: 'keyturn_slack_calls_total',
    help: 'Calls of the outbox to Slack, by what was called and what became of it; later and unknown are tried again.',
    labelNames: ['call', 'answer'],
    registers,
  });
  const retries = new Counter({
    name: 'keyturn_slack_retries_total',
    help: 'Calls of the outbox that have to be made again.',
    labelNames: ['call'],
    registers,
  });
  const waits = new Counter({
    name: 'keyturn_slack_rate_limited_seconds_total',
    help: 'Seconds that Slack told us to wait.',
    labelNames: ['call'],
    registers,
  });
  const archived = new Counter({
    name: 'keyturn_archived_runs_total',
    help: 'Runs that this process has moved from Redis into the archive.',
    registers,
  });
  const attempts = new Counter({
    name: 'keyturn_attempts_ended_total',
    help: 'Commands that ended on one host since this process began, by how they ended.',
    labelNames: ['product', 'procedure', 'outcome'],
    registers,
  });
  for (const result of DIALS) dials.inc({ result }, 0);
  const timed = new Set<string>();
  /** Whether a step's durations are not there yet; they are from now on. */
  const isNew = (of: NamedStep & { readonly outcome: string }): boolean => {
    const before = timed.size;
    return timed.add(Object.values(of).join('/')).size > before;
  };
  let keptAt = performance.now();
  const own = registry.getMetricsAsArray().map(({ name }) => name);
  collectDefaultMetrics({ register: registry });
  // Gauges that are named like counters; the same numbers by type are there as well.
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);

  return {
    tally: {
      dialled: (result) => dials.inc({ result }),
      slackAnswered(call, answer, waitMs) {
        calls.inc({ call, answer });
        if (answer === 'later' || answer === 'unknown') retries.inc({ call });
        if (waitMs > 0) waits.inc({ call }, waitMs / 1000);
      },
      archived: (runs) => archived.inc(runs),
      archiveKept() {
        keptAt = performance.now();
      },
    },
    expect(run) {
      for (const outcome of OUTCOMES) runsEnded.inc({ ...labels.ofCluster(run), outcome }, 0);
      for (const outcome of ATTEMPT_WORDS) attempts.inc({ ...labels.ofProcedure(run), outcome }, 0);
      for (const step of run.steps) {
        const of = { ...labels.ofStep({ ...run, step }), outcome: 'succeeded' };
        if (isNew(of)) durations.zero(of);
      }
    },
    expectSlack() {
      for (const call of SLACK_CALLS) {
        for (const answer of SLACK_ANSWERS) calls.inc({ call, answer }, 0);
        retries.inc({ call }, 0);
        waits.inc({ call }, 0);
      }
    },
    runEnded: (run) => runsEnded.inc({ ...labels.ofCluster(run), outcome: run.outcome }),
    attemptEnded(attempt) {
      const { outcome, seconds } = attempt;
      attempts.inc({ ...labels.ofProcedure(attempt), outcome });
      if (seconds === undefined) return;
      const of = { ...labels.ofStep(attempt), outcome };
      isNew(of);
      durations.observe(of, seconds);
    },
    set(key, value) {
      const gauge = gauges.get(key);
      if (value === undefined) gauge?.remove();
      else gauge?.set(value);
    },
    setBy(key, values) {
      const gauge = gauges.get(key);
      gauge?.reset();
      const [label] = GAUGES[key][2];
      if (label === undefined) return;
      for (const [name, value] of Object.entries(values ?? {})) gauge?.set({ [label]: name }, value);
    },
    names: () => own,
    text() {
      gauges.get('archiveAge')?.set((performance.now() - keptAt) / 1000);
      return registry.metrics();
    },
    contentType: registry.contentType,
    stop: () => registry.clear(),
  };
}

/** Without a value until it is set: 0 would be a claim. */
function gaugeOf([name, help, labelNames]: readonly [string, string, readonly string[]], registers: Registry[]): Gauge {
  const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers });
  if (labelNames.length === 0) gauge.remove();
  return gauge;
}
