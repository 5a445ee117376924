/** Runs whose journal is damaged: told wherever open runs are told, for they hold their clusters and answer to nobody. */
import { note } from './note.ts';
import type { Frozen } from './ports.ts';
import type { Content } from './views/index.ts';

const SHOWN = 5;
/** Whoever writes to Redis can have any text listed as a run: it is not repeated to people. */
const RUN_ID = /^run[a-z0-9]{1,40}$/;

/** Adds them to an answer; which cluster they are of cannot be known any more. */
export function withFrozen(content: Content, frozen: readonly Frozen[]): Content {
  if (frozen.length === 0) return content;
  const rest = frozen.length > SHOWN ? [`… ${frozen.length - SHOWN} more; the log of Keyturn names all.`] : [];
  const more = note([
    frozen.length === 1
      ? '*One open run is frozen.* It holds its cluster:'
      : `*${frozen.length} open runs are frozen.* They hold their clusters:`,
    ...frozen.slice(0, SHOWN).map(({ run, why }) => (RUN_ID.test(run) ? why : 'A run under a name that Keyturn gives to none.')),
    ...rest,
    'Check: who can write to Redis, and the hosts; docs/troubleshooting.md says how to go on.',
  ]);
  return { text: `${content.text}\n${more.text}`, blocks: [...content.blocks, ...more.blocks] };
}
