/** Listens to one channel of an attempt: what it says of the beginning and the ending, and when the ending counts (F3 in `session.ts`). */
import type { AttemptSpec } from './attempt-spec.ts';
import type { HostProblem, Outcome } from './outcome.ts';
import * as problems from './problems.ts';
import { addLeft, emptyLeft, type Left, lostBecause, outcomeOf, refusalOf, timesOf } from './replies.ts';
import type { Shell, ShellEnd } from './shell.ts';
import type { Target } from './target.ts';

export type Pumped =
  | { readonly kind: 'ended'; readonly outcome: Outcome; readonly startedAt?: number; readonly endedAt?: number }
  | { readonly kind: 'cut' }
  /** No channel could be had. */
  | { readonly kind: 'refused'; readonly why: HostProblem };

export type SessionState = { bytes: number; anchor?: string; pid?: number; startedAt?: number; began: boolean; sent: boolean };

/** What a channel said of the ending, and how many bytes of output must have come with it before it counts. */
type Ending = { readonly pumped: Pumped; readonly bytes: number | 'all' | 'none' };

/** Whom a channel belongs to, and what is told of it. */
export type Attended = {
  readonly target: Target;
  readonly spec: AttemptSpec;
  readonly state: Readonly<SessionState>;
  take(chunk: Buffer, position: number): boolean;
  /** It said `began` (it launched the attempt) or `running` (it follows). */
  begun(shell: Shell, words: readonly string[]): void;
  /** The launching shell is done, and leaves showing the output to the followers. */
  overtaken(): void;
  /** The launching shell has said how it ended and shown everything: it can carry out the next attempt. */
  freed(shell: Shell, pumped: Pumped): void;
  /** The channel is closed; `pumped` is the ending if it counts. */
  closed(shell: Shell, end: ShellEnd, pumped: Pumped | null): void;
};

export function attend(shell: Shell, by: Attended): void {
  const left = emptyLeft();
  let ending: Ending | null = null;
  let whole = false;
  const free = (): void => {
    if (whole && ending?.bytes === 'all') by.freed(shell, ending.pumped);
  };
  shell.listen({
    reply(words) {
      const [word] = words;
      if (word === 'began' || word === 'running') return by.begun(shell, words);
      if (word === 'left') return addLeft(left, words.slice(1));
      if (word === 'end' && words[6] === 'live') return by.overtaken();
      ending = endingOf(words, left, by) ?? ending;
      free();
    },
    output: by.take,
    whole() {
      whole = true;
      free();
    },
    closed: (end) => by.closed(shell, end, ending !== null && isComplete(ending, end, by.state.bytes) ? ending.pumped : null),
  });
}

function endingOf(words: readonly string[], left: Left, { target, spec, state }: Attended): Ending | null {
  const refused = refusalOf(target, words);
  if (refused !== null) return { pumped: { kind: 'ended', outcome: refused }, bytes: 'none' };
  const [word, ...rest] = words;
  switch (word) {
    case 'end': {
      const pumped: Pumped = { kind: 'ended', outcome: outcomeOf(rest[0], rest[1], left), ...timesOf(rest[2], rest[3], rest[4]) };
      return { pumped, bytes: rest[5] === 'all' ? 'all' : Number(rest[5]) };
    }
    case 'changed':
      if (state.began || spec.mayHaveBegun) return lost(target, word, left);
      return { pumped: { kind: 'ended', outcome: { kind: 'refused', why: problems.storeChanged(target) } }, bytes: 'none' };
    case 'lost':
      return lost(target, rest[0], left);
    case 'forgotten':
    case 'none':
      return lost(target, word, left);
    default:
      return null;
  }
}

function lost(target: Target, reason: string | undefined, left: Left): Ending {
  return { pumped: { kind: 'ended', outcome: { kind: 'lost', why: lostBecause(target, reason, left) } }, bytes: 'none' };
}

function isComplete(ending: Ending, end: ShellEnd, bytes: number): boolean {
  if (ending.bytes === 'none') return true;
  return end.status === 0 && ending.bytes === bytes;
}
