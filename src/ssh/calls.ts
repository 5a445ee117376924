/** Short calls about an attempt, from outside it: cancel, look, forget. Each is one channel, and safe to make again. */
import type { AttemptId } from '../record/output.ts';
import type { Connections } from './connections.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import { addLeft, emptyLeft, type Left, lostBecause } from './replies.ts';
import { attemptText } from './shell-text.ts';
import type { Target } from './target.ts';

export type Refused = { readonly kind: 'refused'; readonly why: HostProblem };
export type Lost = { readonly kind: 'lost'; readonly why: string; readonly remaining: readonly string[] };

export type Cancelled =
  /** It had not begun, and now never will. */
  | { readonly kind: 'fenced' }
  /** It was ended. `remaining` (proof: empty) could not be; `detached` had left its session, as daemons do. */
  | { readonly kind: 'ended'; readonly remaining: readonly string[]; readonly detached: readonly string[] }
  /** It had come to its own end before. */
  | { readonly kind: 'over' }
  | Lost
  /** The host was not reached, or did not answer to the end: nothing is known, call again. */
  | Refused;

export type Looked = { readonly kind: 'none' | 'claimed' | 'fenced' | 'running' | 'done' } | Lost | Refused;
export type Forgotten = { readonly kind: 'forgotten' } | { readonly kind: 'running' } | Refused;

export async function cancelAttempt(
  connections: Connections,
  target: Target,
  id: AttemptId,
  { graceSeconds, anchor }: { readonly graceSeconds: number; readonly anchor?: string },
): Promise<Cancelled> {
  const answer = await call(connections, target, `${attemptText(id, anchor)}K_GRACE=${Math.ceil(graceSeconds)}\nk_more\nk_cancel\n`);
  if (answer.kind === 'refused') return answer;
  switch (answer.word) {
    case 'fenced':
    case 'over':
      return { kind: answer.word };
    case 'stopped':
      return { kind: 'ended', ...answer.left };
    case 'unwritable':
      return { kind: 'refused', why: problems.storeUnwritable(target, answer.detail) };
    default:
      return lost(target, answer);
  }
}

export async function lookAt(connections: Connections, target: Target, id: AttemptId, anchor: string | undefined): Promise<Looked> {
  const answer = await call(connections, target, `${attemptText(id, anchor)}k_more\nk_look\n`);
  if (answer.kind === 'refused') return answer;
  const state = answer.word === 'look' ? answer.detail : '';
  switch (state) {
    case 'none':
    case 'claimed':
    case 'fenced':
    case 'running':
    case 'done':
      return { kind: state };
    default:
      return lost(target, answer);
  }
}

export async function forgetAttempt(connections: Connections, target: Target, id: AttemptId): Promise<Forgotten> {
  const answer = await call(connections, target, `${attemptText(id, undefined)}k_more\nk_forget\n`);
  if (answer.kind === 'refused') return answer;
  return { kind: answer.word === 'forgotten' ? 'forgotten' : 'running' };
}

export type Answer = { readonly kind: 'answer'; readonly word: string; readonly detail: string; readonly left: Left };

export function lost(target: Target, { word, detail, left }: Answer): Lost {
  return {
    kind: 'lost',
    why: lostBecause(target, word === 'changed' ? 'changed' : detail, left),
    remaining: [...left.remaining, ...left.detached],
  };
}

/** One shell, one call, its last reply. An answer that did not come whole is none. */
export async function call(connections: Connections, target: Target, text: string): Promise<Answer | Refused> {
  const opened = await connections.shell(target, { urgent: true });
  if (opened.kind === 'refused') return opened;
  const { shell } = opened;
  const left = emptyLeft();
  return new Promise((resolve) => {
    let last: readonly string[] | null = null;
    shell.listen({
      reply: (words) => {
        if (words[0] === 'left') addLeft(left, words.slice(1));
        else last = words;
      },
      output: () => true,
      closed({ status }) {
        if (status !== null && last !== null)
          return resolve({ kind: 'answer', word: last[0] ?? '', detail: last.slice(1).join(' '), left });
        void shell.ready.then((ready) => {
          const gone = problems.unreachable(target, 'the connection was lost before it had answered');
          resolve({ kind: 'refused', why: status !== null && 'said' in ready ? problems.noShell(target, ready.said) : gone });
        });
      },
    });
    shell.finish(text);
  });
}
