/**
 * Attempts: one command, once, on one host, under the supervisor.
 *
 * Owns: which attempts this process follows. Leaves the protocol with a host to `session.ts` and `calls.ts`.
 *
 * Invariants:
 * A1. Calling `carryOut` again, from any worker, after anything, never starts a command a second time.
 * A2. `ended` is only said of what the host itself told; anything else is `running`: call again.
 * A3. The digest of an `ended` covers the whole masked output, from its first byte, also when several calls took part, and when a later one
 *     names more secrets: then the output is read again.
 * A4. An answer reaches the command at most once, whoever gives it, how often, and whatever dies in between; one that is held to a prompt
 *     does not reach a command that has printed more since.
 */
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import type { AttemptId, OutputStore } from '../record/output.ts';
import { MAX_OUTPUT_BYTES } from '../record/output.ts';
import { type Answer, type Given, giveAnswer, type Held, holdClock, type Released, releaseClock } from './answers.ts';
import type { AttemptSpec, Ended, StillRunning, Watch } from './attempt-spec.ts';
import { type Cancelled, cancelAttempt, type Forgotten, forgetAttempt, type Looked, lookAt } from './calls.ts';
import type { Connections } from './connections.ts';
import type { HostProblem } from './outcome.ts';
import { createSession, type Pumped, type Session } from './session.ts';
import { checkCommand, idText } from './shell-text.ts';
import type { Target } from './target.ts';

export type { AttemptId } from '../record/output.ts';
export type { AttemptSpec, Ended, StillRunning, Watch } from './attempt-spec.ts';

export interface Attempts {
  /** Starts the command, or follows on if it was started: safe to call again at any time. Throws only for a spec that no host could carry out,
   * and when the output cannot be kept on this machine. */
  carryOut(target: Target, spec: AttemptSpec, watch: Watch): Promise<Ended | StillRunning>;
  /** Has the host end the attempt's processes and prove that none is left; one that has not begun is forbidden to. Safe to call again. */
  cancel(target: Target, id: AttemptId, options: { readonly graceSeconds: number; readonly anchor?: string }): Promise<Cancelled>;
  /** What the host knows of the attempt. Changes nothing. */
  look(target: Target, id: AttemptId, options?: { readonly anchor?: string }): Promise<Looked>;
  /** One line for the standard input of an interactive attempt, at most once whatever dies and however often it is called. Throws only for a
   * text that is not one line. */
  give(target: Target, id: AttemptId, answer: Answer): Promise<Given>;
  /** Stops the clock of the attempt's time limit, on the host, until `release`. Safe to call again. */
  hold(target: Target, id: AttemptId, options?: { readonly anchor?: string }): Promise<Held>;
  /** Lets the clock go on. Safe to call again. */
  release(target: Target, id: AttemptId, options?: { readonly anchor?: string }): Promise<Released>;
  /** Clears output from the host once the journal holds the result. The marks stay: the attempt can never start again. */
  forget(target: Target, id: AttemptId): Promise<Forgotten>;
  /** Leaves everything that runs, running. */
  close(): Promise<void>;
}

type Options = { readonly connections: Connections; readonly outputs: OutputStore; readonly log: Logger; readonly maxOutputBytes?: number };
type Followed = {
  readonly secrets: ReadonlySet<string>;
  readonly onlyFollow: boolean;
  readonly session: Session;
  failure: Promise<never>;
  drop: NodeJS.Timeout | undefined;
};

/** A session that nobody called for is left after this long: another worker may have taken over. */
const UNCALLED_MS = 5 * 60_000;

export function createAttempts(options: Options): Attempts {
  const { connections, outputs, log, maxOutputBytes = MAX_OUTPUT_BYTES } = options;
  const followed = new Map<string, Followed>();

  const drop = (key: string): void => {
    const entry = followed.get(key);
    if (entry === undefined) return;
    clearTimeout(entry.drop);
    followed.delete(key);
    entry.session.detach();
    void entry.session.sink.discard();
  };
  const obtain = (key: string, target: Target, spec: AttemptSpec): Followed => {
    const there = followed.get(key);
    const isAsked = there?.onlyFollow === true || spec.onlyFollow !== true;
    if (there !== undefined && isAsked && spec.secrets.every((secret) => there.secrets.has(secret))) return there;
    drop(key);
    const sink = outputs.open(spec.id, { maxBytes: maxOutputBytes });
    const session = createSession(connections, target, spec, sink);
    const entry: Followed = {
      secrets: new Set(spec.secrets),
      onlyFollow: spec.onlyFollow === true,
      session,
      failure: failureOf(sink.stream),
      drop: undefined,
    };
    followed.set(key, entry);
    return entry;
  };

  const carryOut = async (target: Target, spec: AttemptSpec, watch: Watch): Promise<Ended | StillRunning> => {
    checkCommand(spec.script, spec.env);
    const key = idText(spec.id);
    const entry = obtain(key, target, spec);
    clearTimeout(entry.drop);
    entry.session.watch(watch.onOutput);
    try {
      const result = await race(entry, watch);
      entry.drop = setTimeout(drop, UNCALLED_MS, key).unref();
      if (result === 'aborted') drop(key);
      if (typeof result === 'string') return running(entry.session, result);
      if (result.kind === 'ended') return await conclude(key, entry.session, result);
      if (result.kind === 'cut') return running(entry.session, 'cut');
      log.debug({ ...spec.id, code: result.why.code }, 'no channel for an attempt');
      return refusedOrRunning(key, entry.session, spec, result.why);
    } catch (error) {
      drop(key);
      throw error;
    }
  };
  const conclude = async (key: string, session: Session, { kind, ...end }: Pumped & { kind: 'ended' }): Promise<Ended> => {
    const { anchor } = session.state;
    const known = anchor === undefined ? {} : { anchor };
    if (end.outcome.kind === 'refused') {
      drop(key);
      return { kind, ...end, ...known, output: null };
    }
    session.flush();
    const output = await session.sink.finish().catch(unwritable);
    clearTimeout(followed.get(key)?.drop);
    followed.delete(key);
    return { kind, ...end, ...known, output };
  };
  /** What no channel could be had for never began, unless an earlier call may have begun it. */
  const refusedOrRunning = (key: string, session: Session, spec: AttemptSpec, why: HostProblem): Ended | StillRunning => {
    if (spec.mayHaveBegun || session.state.sent) return { ...running(session, 'unreachable'), problem: why };
    drop(key);
    return { kind: 'ended', outcome: { kind: 'refused', why }, output: null };
  };

  return {
    carryOut,
    cancel: (target, id, how) => cancelAttempt(connections, target, id, how),
    look: (target, id, how) => lookAt(connections, target, id, how?.anchor),
    give: (target, id, answer) => giveAnswer(connections, target, id, answer),
    hold: (target, id, how) => holdClock(connections, target, id, how?.anchor),
    release: (target, id, how) => releaseClock(connections, target, id, how?.anchor),
    forget: (target, id) => forgetAttempt(connections, target, id),
    async close() {
      for (const key of [...followed.keys()]) drop(key);
    },
  };
}

/** The first of: it ended or no channel is left, the budget is used up, we are told to stop, the output cannot be kept. */
async function race({ session, failure }: Followed, watch: Watch): Promise<Pumped | 'budget' | 'aborted'> {
  if (watch.signal?.aborted) return 'aborted';
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const early = new Promise<'budget' | 'aborted'>((resolve) => {
    timer = setTimeout(resolve, watch.budgetMs, 'budget');
    stop = () => resolve('aborted');
    watch.signal?.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([session.pump(watch.onAnchor ?? (async () => undefined)), early, failure]);
  } finally {
    clearTimeout(timer);
    watch.signal?.removeEventListener('abort', stop);
  }
}

function failureOf(stream: NodeJS.EventEmitter): Promise<never> {
  const failure = new Promise<never>((_resolve, reject) => {
    stream.once('error', (cause: Error) => unwritable(cause).catch(reject));
  });
  // Nobody may be waiting when it happens; the next call hears of it.
  failure.catch(() => undefined);
  return failure;
}

/** The command is not touched by it: it is followed again until its output can be kept. */
async function unwritable(cause: unknown): Promise<never> {
  const message = 'The output of a command cannot be kept on this machine; its run goes on when it can.';
  throw new KeyturnError('OUTPUT_UNWRITABLE', message, 'free space and rights of the folder of the record (KEYTURN_RECORD)', { cause });
}

function running(session: Session, why: StillRunning['why']): StillRunning {
  const { bytes, anchor, pid, startedAt } = session.state;
  const known = {
    ...(anchor === undefined ? {} : { anchor }),
    ...(pid === undefined ? {} : { pid }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
  return { kind: 'running', why, bytes, ...known };
}
