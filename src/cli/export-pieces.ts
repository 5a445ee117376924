/** What list of runs and register have of a period, proved as far as they prove; and the runs that the list has for it. */
import { createPieceFinder, entriesIn, type Piece } from '../journal/piece.ts';
import { createRegister } from '../journal/register.ts';
import { createRuns } from '../journal/runs.ts';
import { createWitness } from '../journal/witness.ts';
import type { RecordEntry } from '../record/model.ts';
import { createListReader, type RunList } from '../verify/list.ts';
import type { Span } from './export-period.ts';
import type { Store } from './store.ts';

export type Pieces = {
  readonly list: AsyncIterable<RecordEntry>;
  readonly register: readonly RecordEntry[];
  /** Both are what Keyturn wrote, from their beginning to their end. */
  readonly areWhole: boolean;
  /** Runs that the piece of the list names: they belong to the period, whatever their clocks say. Not those that were deleted. */
  readonly named: ReadonlySet<string>;
  /** Runs that the list names only later: their journals say whether they had begun. */
  readonly later: ReadonlySet<string>;
  /** Runs that began before it and had not ended: for their journals to say. */
  readonly spanning: readonly string[];
  /** Runs that the piece names and that were deleted since. */
  readonly deleted: readonly string[];
};

/** Held in memory: a line for each run of the list, and the register of the period. */
export async function piecesIn({ config, redis, keyFor }: Store, span: Span): Promise<Pieces> {
  const runs = createRuns({ redis, key: keyFor('runs'), folder: config.record, witness: createWitness(config.data, 'runs') });
  const register = createRegister({ redis, key: keyFor('register'), witness: createWitness(config.data, 'register') });
  const [reader, listed, registered] = [createListReader(), createPieceFinder(span), createPieceFinder(span)];
  const listFaults = await runs.verify({
    tell: (entry) => {
      reader.take(entry);
      listed.take(entry);
    },
  });
  const registerFaults = await register.verify({ tell: registered.take });
  const entries: RecordEntry[] = [];
  for await (const entry of entriesIn(register.texts(), registered.piece())) entries.push(entry);
  return {
    list: entriesIn(runs.texts(), listed.piece()),
    register: entries,
    areWhole: listFaults.length === 0 && registerFaults.length === 0,
    ...sorted(reader.list(), listed.piece(), span),
  };
}

function sorted({ runs }: RunList, piece: Piece | undefined, { from, to }: Span): Pick<Pieces, 'named' | 'later' | 'spanning' | 'deleted'> {
  const isIn = (noted: { readonly place: number } | undefined): boolean =>
    noted !== undefined && piece !== undefined && noted.place >= piece.first && noted.place <= piece.last;
  const [named, later, spanning, deleted] = [new Set<string>(), new Set<string>(), [] as string[], [] as string[]];
  for (const [run, { began, ended, isExpunged }] of runs) {
    const isNamed = isIn(began) || isIn(ended);
    if (isExpunged) {
      if (isNamed) deleted.push(run);
    } else if (isNamed) named.add(run);
    else if (began !== undefined && began.at >= to) later.add(run);
    else if (began !== undefined && began.at < from && (ended === undefined || ended.at >= from)) spanning.push(run);
  }
  return { named, later, spanning, deleted };
}
