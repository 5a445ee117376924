/** What a run needs of the world, made up: hosts, files, secrets, clock and journal of one case. */
import { pino, stdSerializers } from 'pino';
import { z } from 'zod';
import type { Procedure } from '../procedure/model.ts';
import { evolve } from '../run/evolve.ts';
import { isFinished, next } from '../run/next.ts';
import type { RunState } from '../run/state.ts';
import { DEFERRED } from '../worker/drive.ts';
import { NO_EMERGENCIES } from '../worker/emergencies.ts';
import { NO_LISTING } from '../worker/listing.ts';
import type { Hands } from '../worker/hands.ts';
import { createStager } from '../worker/stage.ts';
import { createTalks } from '../worker/talk.ts';
import { createAnswers } from './answers.ts';
import { createClock } from './clock.ts';
import { createFileWorld } from './files.ts';
import { createHosts } from './hosts.ts';
import { createNotebook } from './journal.ts';
import type { Case } from './model.ts';

/** The one run that a case has. */
export const RUN = 'runrehearsal';

export type Stage = ReturnType<typeof createStage>;

/** For a run or for a plan, which has no state that would tell the step at hand. */
export function createStage(procedure: Procedure, wanted: Case, what: 'run' | 'plan') {
  const clock = createClock();
  const notebook = createNotebook();
  const answers = createAnswers(wanted.answers, clock.now);
  const warnings: string[] = [];
  const stepNow = (): string | undefined => stepAt(notebook.state(), clock.now());
  const stepOf = (script: string): string | undefined => (what === 'run' ? stepNow() : stepWith(procedure, script));
  const files = createFileWorld(wanted.files, ({ kind, host, path }, isMeant) =>
    answers.take({ host, step: stepNow(), work: { kind, path }, last: undefined }, isMeant),
  );
  const hosts = createHosts({ clock, answers, files, stepOf });
  let ids = 0;
  const hands: Hands = {
    journal: notebook.journal,
    attempts: hosts.attempts,
    probe: hosts.probe,
    files: files.files,
    stager: createStager(files.files),
    talks: createTalks(),
    secrets: (_cluster, name) => secretIn(wanted, name),
    ownFile: files.ownFile,
    forget: hosts.forget,
    approvers: async () => ({ kind: 'good' }),
    emergencies: NO_EMERGENCIES,
    listing: NO_LISTING,
    lastTime: async () => undefined,
    lastSteps: async () => new Map(),
    live: { set: async () => undefined },
    outputText: hosts.outputText,
    login: { key: undefined, passphrase: undefined, agent: 'rehearsal' },
    now: clock.now,
    after: clock.after,
    id: () => {
      ids += 1;
      return `request-${ids}`;
    },
    log: warningsTo(warnings),
  };
  return { clock, notebook, answers, files, hands, warnings };
}

/** The step that the run is at. The worker is ahead of its journal by what it defers: a step that it has left out may not stand there yet. */
function stepAt(written: RunState | undefined, now: number): string | undefined {
  const state = written && withDeferred(written, now);
  return state?.procedure.steps.find((step) => !isFinished(step, state.steps[step.id] ?? { kind: 'pending' }))?.id;
}

function withDeferred(state: RunState, now: number): RunState {
  const decision = next(state, now);
  if (decision.kind !== 'record' || !decision.events.every(({ kind }) => DEFERRED.has(kind))) return state;
  const ahead = decision.events.reduce(
    (before, event) => evolve(before, { seq: before.seq + 1, at: now, actor: { kind: 'keyturn' }, event }),
    state,
  );
  return withDeferred(ahead, now);
}

/** A plan has no state: the step whose script it is. */
function stepWith({ steps }: Procedure, script: string): string | undefined {
  return steps.find((step) => step.kind === 'command' && (step.run === script || step.unless?.run === script))?.id;
}

function secretIn({ secrets }: Case, name: string): ReturnType<Hands['secrets']> {
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  return value === undefined
    ? { kind: 'missing', why: `the secret ${name} is not there: the test gives it no value` }
    : { kind: 'value', value };
}

const warningSchema = z.object({ msg: z.string(), error: z.object({ message: z.string() }).optional() });

/** Everything that a worker would warn of, in a sentence. */
function warningsTo(warnings: string[]): Hands['log'] {
  const write = (line: string): void => {
    const { msg, error } = warningSchema.parse(JSON.parse(line));
    warnings.push(error === undefined ? msg : `${msg}: ${error.message}`);
  };
  return pino({ level: 'warn', serializers: { error: stdSerializers.err } }, { write });
}
