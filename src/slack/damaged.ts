/** Runs whose journal is damaged: told wherever open runs are told, for they hold their clusters and answer to nobody. */
import { note } from './note.ts';
import type { Damaged } from './ports.ts';
import { isRunId } from './targets.ts';
import type { Content } from './views/index.ts';

const SHOWN = 5;

/** Adds them to an answer; which cluster they are of cannot be known any more. */
export function withDamaged(content: Content, damaged: readonly Damaged[]): Content {
  if (damaged.length === 0) return content;
  const rest = damaged.length > SHOWN ? [`… ${damaged.length - SHOWN} more; the log of Keyturn names all.`] : [];
  const more = note([
    damaged.length === 1
      ? '*The journal of one open run is damaged.* It holds its cluster:'
      : `*The journals of ${damaged.length} open runs are damaged.* They hold their clusters:`,
    // Whoever writes to Redis can have any text listed as a run: it is not repeated to people.
    ...damaged.slice(0, SHOWN).map(({ run, why }) => (isRunId(run) ? why : 'A run under a name that Keyturn gives to none.')),
    ...rest,
    'Check: who can write to Redis, and the hosts; docs/troubleshooting.md says how to go on.',
  ]);
  return { text: `${content.text}\n${more.text}`, blocks: [...content.blocks, ...more.blocks] };
}
