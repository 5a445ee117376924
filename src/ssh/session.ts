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
import { createMasker } from '../record/mask.ts';
import type { OutputSink } from '../record/output.ts';
import type { AttemptSpec } from './attempt.ts';
import type { Connections } from './connections.ts';
import type { HostProblem, Outcome } from './outcome.ts';
import * as problems from './problems.ts';
import { addLeft, emptyLeft, lostBecause, outcomeOf, refusalOf, timesOf } from './replies.ts';
import type { Shell, ShellEnd } from './shell.ts';
import { attemptText, commandText } from './shell-text.ts';
import type { Target } from './target.ts';

export type Pumped =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly startedAt?: number; readonly endedAt?: number }
  | { readonly kind: 'cut' }
  /** No channel could be had. */
  | { readonly kind: 'refused'; readonly why: HostProblem };

export type SessionState = { bytes: number; anchor?: string; pid?: number; startedAt?: number; began: boolean; sent: boolean };

export interface Session {
  readonly state: Readonly<SessionState>;
  readonly sink: OutputSink;
  onOutput: ((chunk: Buffer) => void) | undefined;
  /** Launches or follows on until the attempt ends or no channel is left. A second call joins the first. */
  pump(onAnchor: (anchor: string) => Promise<void>): Promise<Pumped>;
  /** Masks what was held back; call it once, before the sink is finished. */
  flush(): void;
  /** Leaves all channels; nothing more is sent. The command goes on. */
  detach(): void;
}

const QUIET_MS = 50;

/** What a channel said of the ending, and how many bytes of output must have come with it before it counts. */
type Ending = { readonly pumped: Pumped; readonly bytes: number | 'all' | 'none' };

const LIVE_AFTER_MS = 250;
/** After this long the follower is enough, and the launching channel is given back. */
const LAUNCHER_LEAVES_MS = 10_000;

export function createSession(connections: Connections, target: Target, spec: AttemptSpec, sink: OutputSink): Session {
  const state: SessionState = { bytes: 0, began: false, sent: false, ...(spec.anchor === undefined ? {} : { anchor: spec.anchor }) };
  const masker = createMasker(spec.secrets);
  const shells = new Set<Shell>();
  const timers = new Set<NodeJS.Timeout>();
  let pumping: Promise<Pumped> | null = null;
  let settle: (pumped: Pumped) => void = () => undefined;
  let detached = false;
  let opening = 0;
  let lastByte = 0;
  sink.stream.on('drain', () => {
    for (const shell of shells) shell.resume();
  });

  const session: Session = {
    state,
    sink,
    onOutput: undefined,
    pump(onAnchor) {
      pumping ??= run(onAnchor).finally(() => {
        pumping = null;
        leave();
      });
      return pumping;
    },
    flush: () => void emit(masker.end()),
    detach() {
      detached = true;
      settle({ kind: 'cut' });
      leave();
    },
  };

  const leave = (): void => {
    for (const timer of timers) clearTimeout(timer);
    for (const shell of shells) shell.close();
    timers.clear();
    shells.clear();
  };
  const later = (ms: number, act: () => void): void => {
    timers.add(setTimeout(act, ms).unref());
  };
  const emit = (masked: Buffer): boolean => {
    if (masked.length === 0) return true;
    session.onOutput?.(masked);
    return sink.stream.write(masked);
  };
  const take = (chunk: Buffer, position: number): boolean => {
    const fresh = chunk.subarray(Math.max(0, state.bytes - position));
    if (fresh.length === 0) return true;
    state.bytes += fresh.length;
    lastByte = performance.now();
    return emit(masker.push(fresh));
  };

  const run = async (onAnchor: (anchor: string) => Promise<void>): Promise<Pumped> => {
    const ended = new Promise<Pumped>((resolve) => {
      settle = resolve;
    });
    const opened = await connections.shell(target);
    if (opened.kind === 'refused') return opened;
    if (detached) return abandon(opened.shell);
    shells.add(opened.shell);
    if (state.anchor === undefined) {
      const problem = await learnAnchor(opened.shell, target, state, onAnchor);
      if (problem !== null) return problem;
      if (detached) return abandon(opened.shell);
    }
    if (state.began) watch(opened.shell);
    else launch(opened.shell);
    return ended;
  };
  const launch = (shell: Shell): void => {
    state.sent = true;
    attach(shell);
    shell.write(launchText(spec, state));
  };
  const watch = (shell: Shell): void => {
    attach(shell);
    shell.finish(`${attemptText(spec.id, state.anchor)}K_FROM=${state.bytes}\nk_more\nk_watch\n`);
  };
  /** One more channel that streams from where we stand. */
  const follow = async (): Promise<void> => {
    opening += 1;
    const opened = await connections.shell(target);
    opening -= 1;
    if (opened.kind === 'refused') return shells.size + opening === 0 ? settle({ kind: 'cut' }) : undefined;
    if (detached || pumping === null) return opened.shell.close();
    shells.add(opened.shell);
    watch(opened.shell);
  };

  /** It has ended, and a follower will find out at its next look; while output streams it needs no help, otherwise a new one is quicker. */
  const hurry = (): void => {
    if (shells.size + opening < 2 || performance.now() - lastByte > QUIET_MS) void follow();
  };

  const attach = (shell: Shell): void => {
    const left = emptyLeft();
    let ending: Ending | null = null;
    let whole = false;
    /** The launching shell has said how it ended and shown everything: it can carry out the next attempt. */
    const free = (): void => {
      if (!whole || ending?.bytes !== 'all') return;
      shells.delete(shell);
      shell.release();
      settle(ending.pumped);
    };
    const reply = (words: readonly string[]): void => {
      const [word, ...rest] = words;
      const refused = refusalOf(target, words);
      if (refused !== null) ending = { pumped: { kind: 'ended', outcome: refused }, bytes: 'none' };
      else if (word === 'began' || word === 'running') begin(word, rest);
      else if (word === 'left') addLeft(left, rest);
      else if (word === 'end' && rest[5] === 'live') hurry();
      else if (word === 'end') {
        const pumped: Pumped = { kind: 'ended', outcome: outcomeOf(rest[0], rest[1], left), ...timesOf(rest[2], rest[3], rest[4]) };
        ending = { pumped, bytes: rest[5] === 'all' ? 'all' : Number(rest[5]) };
        free();
      } else if (word === 'lost' || word === 'forgotten' || word === 'none' || word === 'changed')
        ending = { pumped: gone(word, rest[0]), bytes: 'none' };
    };
    const gone = (word: string, reason: string | undefined): Pumped => {
      if (word === 'changed' && !state.began && !spec.mayHaveBegun) {
        return { kind: 'ended', outcome: { kind: 'refused', why: problems.storeChanged(target) } };
      }
      return { kind: 'ended', outcome: { kind: 'lost', why: lostBecause(target, word === 'lost' ? reason : word, left) } };
    };
    const begin = (word: string, [pid, now]: readonly string[]): void => {
      state.began = true;
      state.pid = Number(pid);
      state.startedAt = Number(now);
      if (word === 'running') return;
      later(LIVE_AFTER_MS, () => void follow());
      later(LAUNCHER_LEAVES_MS, () => shells.size > 1 && shell.close());
    };
    shell.listen({
      reply,
      output: take,
      whole() {
        whole = true;
        free();
      },
      closed(end) {
        if (!shells.delete(shell)) return;
        if (ending !== null && complete(ending, end)) return settle(ending.pumped);
        if (shells.size + opening > 0 || pumping === null) return;
        void shell.ready.then((ready) => {
          if ('said' in ready && end.status !== null) settle({ kind: 'refused', why: problems.noShell(target, ready.said) });
          else settle({ kind: 'cut' });
        });
      },
    });
  };
  const complete = (ending: Ending, end: ShellEnd): boolean => {
    if (ending.bytes === 'none') return true;
    return end.status === 0 && ending.bytes === state.bytes;
  };
  const abandon = (shell: Shell): Pumped => {
    shell.close();
    return { kind: 'cut' };
  };
  return session;
}

function launchText(spec: AttemptSpec, state: SessionState): string {
  const numbers = `K_SEQ=${spec.sequence} K_TIMEOUT=${Math.ceil(spec.timeoutSeconds)} K_GRACE=${Math.ceil(spec.graceSeconds ?? 10)}`;
  const rest = `${numbers} K_NOW=${Date.now()} K_FROM=${state.bytes}\n`;
  return `${attemptText(spec.id, state.anchor)}${rest}${commandText(spec.script, spec.env, spec.id)}K_AGAIN=\nk_launch\n[ -n "$K_AGAIN" ] || exit 0\n`;
}

/** Asks the host for the id of its store, making one if there is none, and has it written down before anything starts there. */
async function learnAnchor(
  shell: Shell,
  target: Target,
  state: SessionState,
  onAnchor: (anchor: string) => Promise<void>,
): Promise<Pumped | null> {
  const ready = await shell.ready;
  if ('said' in ready) return { kind: 'refused', why: problems.noShell(target, ready.said) };
  const anchor = await makeAnchor(shell);
  if (anchor === null) return { kind: 'cut' };
  if (typeof anchor === 'object') return { kind: 'ended', outcome: refusalOf(target, anchor.words) ?? { kind: 'lost', why: 'unreadable' } };
  await onAnchor(anchor);
  state.anchor = anchor;
  return null;
}

function makeAnchor(shell: Shell): Promise<string | { readonly words: readonly string[] } | null> {
  return new Promise((resolve) => {
    shell.listen({
      reply: (words) => resolve(words[0] === 'anchor' && words[1] !== undefined ? words[1] : { words }),
      output: () => true,
      closed: () => resolve(null),
    });
    shell.write('k_make_anchor\n');
  });
}
