/** Records of a small run as Keyturn writes them: chained, sealed and signed by an installation that is made up for the test. */
import { createHash } from 'node:crypto';
import { canonical } from '../../src/canonical.ts';
import { keysFrom } from '../../src/installation-key.ts';
import { createSealer, type Sealer } from '../../src/journal/seal.ts';
import { chainAfter, genesis, type Head } from '../../src/journal/stored.ts';
import type { KeptOutput, RecordEntry, RunRecord } from '../../src/record/model.ts';
import type { Actor, Output, RunEvent } from '../../src/run/events.ts';
import { createSigner, headStatement } from '../../src/signature.ts';
import { actorOf, approved, begun, ended, intended, over, passed, RUN } from '../run/histories.ts';

export const SECRET = Buffer.alloc(32, 'installation');
export const keyFor = keysFrom(SECRET);
export const signer = createSigner(keyFor('signature'));

/** Longer than what the journal keeps of it. */
export const LONG = 'a line that was printed\n'.repeat(1_000);
export const PATH = `output/${RUN}/S1.node-1.1.log.gz`;

export function outputOf(content: string, path?: string): Output {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const common = { bytes: Buffer.byteLength(content), lines: content.split('\n').length - 1, sha256 };
  const edges = { head: content.slice(0, 4096), tail: content.slice(-4096) };
  return { ...common, ...edges, ...(path === undefined ? {} : { path }) };
}

export const events = (output: Output = outputOf(LONG, PATH)): readonly RunEvent[] => [
  begun(),
  ...approved,
  intended(),
  ended({ output }),
  passed(),
  over(),
];

export function entriesOf(run: string, all: readonly RunEvent[]): readonly RecordEntry[] {
  return chained(run, all, actorOf, createSealer(keyFor('journal')));
}

/** Of the list of runs or the register. */
export function logOf(name: 'runs' | 'register', all: readonly object[]): readonly RecordEntry[] {
  return chained(name, all, () => ({ kind: 'keyturn' }), createSealer(keyFor(name)));
}

function chained<E>(run: string, all: readonly E[], by: (event: E) => Actor, sealer: Sealer): readonly RecordEntry[] {
  let head: Head = { seq: 0, hash: genesis(run) };
  return all.flatMap((event, index) => {
    const { stored } = chainAfter(run, head, [event], { at: 1_000 + index * 1_000, actor: by(event), id: `e${index}` }, sealer);
    head = stored[0] ?? head;
    return stored.map(({ at, actor, event: each, ...rest }) => ({
      ...rest,
      at: canonical(at),
      actor: canonical(actor),
      event: canonical(each),
    }));
  });
}

export function recordOf(all: readonly RunEvent[] = events()): RunRecord {
  const entries = entriesOf(RUN, all);
  const last = entries.at(-1);
  const output: KeptOutput = { path: PATH, sha256: outputOf(LONG).sha256, bytes: LONG.length, content: { kind: 'text', text: LONG } };
  const isOver = all.at(-1)?.kind === 'runEnded' && last !== undefined;
  return {
    ...{ format: 'keyturn-record/1', run: RUN, entries: [...entries], posted: [], outputs: [output] },
    ...(isOver ? { signature: signer.sign(headStatement(RUN, last)) } : {}),
  };
}
