/**
 * One attempt as this process follows it, over any number of channels and connections.
 *
 * Owns: the output sink and the byte where the attempt stands, the channels open on it now, and how it ended. Leaves when to call
 * and when to stop to `attempt.ts`.
 *
 * Invariants:
 * F1. The launch text is sent at most once while nothing is known of the attempt; once it is known to have begun, only `k_watch` is sent.
 * F2. A byte of output is taken exactly once, whichever channel brings it: every chunk comes with its place.
 * F3. An ending counts only when the far end closed the channel with status 0 and every byte up to the end has come.
 * F4. Losing all channels is not an ending.
 */
import { createMasker, type Masker } from '../record/mask.ts';
import type { OutputSink } from '../record/output.ts';
import { learnAnchor } from './anchor.ts';
import type { AttemptSpec } from './attempt-spec.ts';
import { type Attended, attend, type Pumped, type SessionState } from './attend.ts';
import type { Connections } from './connections.ts';
import * as problems from './problems.ts';
import type { Shell, ShellEnd } from './shell.ts';
import { attemptText, commandText } from './shell-text.ts';
import { answersText } from './supervisor-answers.ts';
import type { Target } from './target.ts';

export type { Pumped } from './attend.ts';

export interface Session {
  readonly state: Readonly<SessionState>;
  readonly sink: OutputSink;
  /** Where masked output goes as it comes. */
  watch(onOutput: ((chunk: Buffer, position: number, bytes: number) => void) | undefined): void;
  /** Launches or follows on until the attempt ends or no channel is left. A second call joins the first. */
  pump(onAnchor: (anchor: string) => Promise<void>): Promise<Pumped>;
  /** Masks what was held back; call it once, before the sink is finished. */
  flush(): void;
  /** Leaves all channels; nothing more is sent. The command goes on. */
  detach(): void;
}

/** While output streams, a follower will see the end by itself; after so long without any, a new one is quicker. */
const QUIET_MS = 50;
const LIVE_AFTER_MS = 250;
/** After this long the follower is enough, and the launching channel is given back. */
const LAUNCHER_LEAVES_MS = 10_000;

/** All that is in motion for one attempt. */
type Going = {
  readonly connections: Connections;
  readonly target: Target;
  readonly spec: AttemptSpec;
  readonly sink: OutputSink;
  readonly masker: Masker;
  readonly state: SessionState;
  readonly shells: Set<Shell>;
  readonly timers: Set<NodeJS.Timeout>;
  /** Channels that are being opened. */
  opening: number;
  detached: boolean;
  pumping: Promise<Pumped> | null;
  settle(pumped: Pumped): void;
  onOutput: ((chunk: Buffer, position: number, bytes: number) => void) | undefined;
  /** Bytes of masked output handed on so far. */
  emitted: number;
  /** When output came last, in the clock of `performance.now()`. */
  lastByte: number;
};

export function createSession(connections: Connections, target: Target, spec: AttemptSpec, sink: OutputSink): Session {
  const state: SessionState = { bytes: 0, began: false, sent: false, ...(spec.anchor === undefined ? {} : { anchor: spec.anchor }) };
  const going: Going = {
    ...{ connections, target, spec, sink, state, masker: createMasker(spec.secrets), shells: new Set(), timers: new Set() },
    ...{ opening: 0, detached: false, pumping: null, settle: () => undefined, onOutput: undefined, emitted: 0, lastByte: 0 },
  };
  sink.stream.on('drain', () => {
    for (const shell of going.shells) shell.resume();
  });
  return {
    state,
    sink,
    watch(onOutput) {
      going.onOutput = onOutput;
    },
    pump: (onAnchor) => pump(going, onAnchor),
    flush: () => void emit(going, going.masker.end()),
    detach() {
      going.detached = true;
      going.settle({ kind: 'cut' });
      leave(going);
    },
  };
}

function pump(going: Going, onAnchor: (anchor: string) => Promise<void>): Promise<Pumped> {
  going.pumping ??= run(going, onAnchor).finally(() => {
    going.pumping = null;
    leave(going);
  });
  return going.pumping;
}

async function run(going: Going, onAnchor: (anchor: string) => Promise<void>): Promise<Pumped> {
  const { connections, target, state, shells } = going;
  const ended = new Promise<Pumped>((resolve) => {
    going.settle = resolve;
  });
  const opened = await connections.shell(target);
  if (opened.kind === 'refused') return opened;
  if (going.detached) return abandon(opened.shell);
  shells.add(opened.shell);
  if (state.anchor === undefined) {
    const problem = await learnAnchor(opened.shell, target, state, going.spec.secrets, onAnchor);
    if (problem !== null) return problem;
    if (going.detached) return abandon(opened.shell);
  }
  if (state.began || going.spec.onlyFollow === true) follow(going, opened.shell);
  else launch(going, opened.shell);
  return ended;
}

function abandon(shell: Shell): Pumped {
  shell.close();
  return { kind: 'cut' };
}

function launch(going: Going, shell: Shell): void {
  going.state.sent = true;
  attend(shell, attended(going));
  shell.write(launchText(going.spec, going.state));
}

function follow(going: Going, shell: Shell): void {
  attend(shell, attended(going));
  const fence = going.spec.onlyFollow === true ? 'k_same_store && k_fence 2>/dev/null\n' : '';
  shell.finish(`${attemptText(going.spec.id, going.state.anchor)}K_FROM=${going.state.bytes}\nk_more\n${fence}k_watch\n`);
}

/** One more channel that streams from where we stand. */
async function followToo(going: Going): Promise<void> {
  const { connections, target, shells } = going;
  going.opening += 1;
  const opened = await connections.shell(target);
  going.opening -= 1;
  if (opened.kind === 'refused') return shells.size + going.opening === 0 ? going.settle({ kind: 'cut' }) : undefined;
  if (going.detached || going.pumping === null) return opened.shell.close();
  shells.add(opened.shell);
  follow(going, opened.shell);
}

function attended(going: Going): Attended {
  const { target, spec, state, shells } = going;
  return {
    target,
    spec,
    state,
    take: (chunk, position) => take(going, chunk, position),
    begun: (shell, words) => begun(going, shell, words),
    overtaken() {
      if (shells.size + going.opening < 2 || performance.now() - going.lastByte > QUIET_MS) void followToo(going);
    },
    freed(shell, pumped) {
      shells.delete(shell);
      shell.release();
      going.settle(pumped);
    },
    closed: (shell, end, pumped) => closed(going, shell, end, pumped),
  };
}

function begun(going: Going, shell: Shell, [word, pid, now]: readonly string[]): void {
  const { state, shells } = going;
  state.began = true;
  state.pid = Number(pid);
  state.startedAt = Number(now);
  if (word === 'running') return;
  later(going, LIVE_AFTER_MS, () => void followToo(going));
  later(going, LAUNCHER_LEAVES_MS, () => shells.size > 1 && shell.close());
}

function closed(going: Going, shell: Shell, end: ShellEnd, pumped: Pumped | null): void {
  const { target, shells } = going;
  if (!shells.delete(shell)) return;
  if (pumped !== null) going.settle(pumped);
  else if (shells.size + going.opening === 0 && going.pumping !== null) {
    void shell.ready.then((ready) => {
      if ('said' in ready && end.status !== null)
        going.settle({ kind: 'refused', why: problems.noShell(target, ready.said, going.spec.secrets) });
      else going.settle({ kind: 'cut' });
    });
  }
}

function take(going: Going, chunk: Buffer, position: number): boolean {
  const fresh = chunk.subarray(Math.max(0, going.state.bytes - position));
  if (fresh.length === 0) return true;
  going.state.bytes += fresh.length;
  going.lastByte = performance.now();
  return emit(going, going.masker.push(fresh));
}

function emit(going: Going, masked: Buffer): boolean {
  going.onOutput?.(masked, going.emitted, going.state.bytes);
  if (masked.length === 0) return true;
  going.emitted += masked.length;
  return going.sink.stream.write(masked);
}

function later(going: Going, ms: number, act: () => void): void {
  going.timers.add(setTimeout(act, ms).unref());
}

function leave({ timers, shells }: Going): void {
  for (const timer of timers) clearTimeout(timer);
  for (const shell of shells) shell.close();
  timers.clear();
  shells.clear();
}

function launchText(spec: AttemptSpec, state: SessionState): string {
  const numbers = `K_SEQ=${spec.sequence} K_TIMEOUT=${Math.ceil(spec.timeoutSeconds)} K_GRACE=${Math.ceil(spec.graceSeconds ?? 10)}`;
  const asks = spec.interactive === true;
  const rest = `${numbers} K_NOW=${Date.now()} K_FROM=${state.bytes} K_ASK=${asks ? 1 : ''}\n${asks ? answersText : ''}`;
  return `${attemptText(spec.id, state.anchor)}${rest}${commandText(spec.script, spec.env, spec.id)}K_AGAIN=\nk_launch\n[ -n "$K_AGAIN" ] || exit 0\n`;
}
