/** The id of a host's store, met for the first time. */
import type { Pumped, SessionState } from './attend.ts';
import * as problems from './problems.ts';
import { refusalOf } from './replies.ts';
import type { Shell } from './shell.ts';
import type { Target } from './target.ts';

/** Asks the host for the id of its store, making one if there is none, and has it written down before anything starts there. */
export async function learnAnchor(
  shell: Shell,
  target: Target,
  state: SessionState,
  secrets: readonly string[],
  onAnchor: (anchor: string) => Promise<void>,
): Promise<Pumped | null> {
  const ready = await shell.ready;
  if ('said' in ready) return { kind: 'refused', why: problems.noShell(target, ready.said, secrets) };
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
