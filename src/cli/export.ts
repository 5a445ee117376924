/** `keyturn export`: records of runs or of a period as files. Works without Slack and while bot and workers run; changes nothing. */
import { createArchive } from '../archive/files.ts';
import { beganAt } from '../archive/peek.ts';
import { extname } from 'node:path';
import { FORMATS, type Format, formatNamed, render } from '../export/render.ts';
import { renderPeriod } from '../export/render-period.ts';
import { type Summary, summaryOf } from '../export/period.ts';
import { createJournal } from '../journal/journal.ts';
import { createNotes } from '../journal/notes.ts';
import { KeyturnError } from '../errors.ts';
import { runsSince } from '../record/period-runs.ts';
import { createRecords, type Records } from '../record/records.ts';
import { createSigner } from '../signature.ts';
import { counted } from '../slack/views/words.ts';
import { MOST_BYTES } from '../verify/file.ts';
import { type Span, spanOf } from './export-period.ts';
import { type Pieces, piecesIn } from './export-pieces.ts';
import { afterwardsIn } from './looking.ts';
import { writeOut } from './out-file.ts';
import { progressTo } from './progress.ts';
import { unknownRun } from './unknown-run.ts';
import { type Store, withStore } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type ExportOptions = {
  readonly from?: string;
  readonly to?: string;
  readonly cluster?: string;
  readonly format?: string;
  readonly out?: string;
  readonly force: boolean;
};

type Order = { readonly format: Format; readonly out: string | undefined; readonly force: boolean };

/** Throws KeyturnError for what was typed wrongly, for a configuration, a key or a Redis that cannot be used, and for a file that exists. */
export async function exportRecords(world: CliWorld, runs: readonly string[], options: ExportOptions, now = Date.now()): Promise<Exit> {
  const order = orderOf(options);
  const span = wanted(runs, options, now);
  return withStore(world.env, async (store) => {
    const archive = createArchive(store.config.record);
    const journal = createJournal<unknown>({ redis: store.redis, decode: (event) => event, key: store.keyFor('journal'), archive });
    const notes = createNotes(store.redis, archive);
    const afterwardsOf = afterwardsIn(store);
    const records = createRecords({ journal, notes, ...keysOf(store), afterwardsOf, folder: store.config.record });
    if (span === undefined) return exportRuns(world, records, [...new Set(runs)], order);
    world.complain('The list of runs and the register are proved …');
    const pieces = await piecesIn(store, span);
    const wantedRuns = runsSince(journal, span.from, [...pieces.named, ...pieces.spanning]);
    const summaries = await summariesIn(world, records, wantedRuns, {
      span,
      cluster: options.cluster,
      pieces,
      folder: store.config.record,
    });
    return exportPeriod(world, store, records, { span, summaries, order, pieces, cluster: options.cluster });
  });
}

function keysOf({ keyFor }: Store) {
  return { signing: keyFor('signature'), sealing: keyFor('journal') };
}

function usage(message: string, check: string): KeyturnError {
  return new KeyturnError('EXPORT_WRONG', message, check);
}

/** Undefined: the named runs. */
function wanted(runs: readonly string[], { from, to, cluster, out }: ExportOptions, now: number): Span | undefined {
  const how = 'keyturn export --help shows both ways, with examples.';
  if (runs.length > 0 && (from !== undefined || to !== undefined || cluster !== undefined))
    throw usage('Runs are named, and a period or a cluster as well.', `either runs, or --from with --to and --cluster. ${how}`);
  if (runs.length > 1 && out !== undefined)
    throw usage(`${runs.length} runs are named, and one file (--out ${out}).`, 'leave --out away: each run gets a file of its own.');
  if (runs.length > 0) return undefined;
  if (from === undefined)
    throw usage('Neither a run nor a period is named.', `name a run by the id in its thread, or a period with --from. ${how}`);
  return spanOf(from, to, now);
}

function orderOf({ format, out, force }: ExportOptions): Order {
  const named = format ?? (out === undefined || out === '-' ? 'json' : extname(out).slice(1) || 'json');
  const known = formatNamed(named);
  if (known === undefined) throw usage(`“${named}” is no format.`, `that --format is one of ${FORMATS.join(', ')}.`);
  return { format: known, out, force };
}

async function exportRuns(world: CliWorld, records: Records, runs: readonly string[], order: Order): Promise<Exit> {
  let exit: Exit = EXIT.ok;
  for (const run of runs) {
    const record = await records.of(run);
    if (record === undefined) {
      world.complain(unknownRun(run));
      exit = EXIT.usage;
      continue;
    }
    const summary = summaryOf(record);
    await put(world, order, `${run}.${order.format}`, [render(record, order.format)]);
    tell(world, summary);
    if (summary.outcome === 'DAMAGED' && exit === EXIT.ok) exit = EXIT.found;
  }
  return exit;
}

function tell(world: CliWorld, { run, outcome }: Summary): void {
  if (outcome === 'not finished')
    world.complain(`${run}  is NOT FINISHED: the file says so, and ends with what has happened so far. It bears no signature.`);
  if (outcome === 'DAMAGED') world.complain(`${run}  its record is DAMAGED: the file says so. keyturn verify ${run} says what is wrong.`);
}

type Wanted = { readonly span: Span; readonly cluster: string | undefined; readonly pieces: Pieces; readonly folder: string };

/** In the order in which they began; what is held of each is a line. */
async function summariesIn(
  world: CliWorld,
  records: Records,
  runs: AsyncIterable<string>,
  { span: { from, to }, cluster, pieces: { named, later }, folder }: Wanted,
): Promise<readonly Summary[]> {
  const found: Summary[] = [];
  const progress = progressTo(world.complain);
  let looked = 0;
  for await (const run of runs) {
    looked += 1;
    progress(() => `${looked} runs looked at …`);
    if (later.has(run) && ((await beganAt(folder, run)) ?? 0) >= to) continue;
    const record = await records.withoutOutputs(run);
    if (record === undefined && named.has(run))
      world.complain(`${run}  is in the list of runs and nowhere else. keyturn verify ${run} says what is known of it.`);
    const summary = record === undefined ? undefined : summaryOf(record);
    if (summary === undefined || !(named.has(run) || isOpenIn(summary, from, to))) continue;
    // What cannot be read may be of any cluster, and must not vanish.
    if (cluster === undefined || summary.cluster === cluster || summary.outcome === 'DAMAGED') found.push(summary);
  }
  return found.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0) || (a.run < b.run ? -1 : 1));
}

/** What cannot be read may have been. */
function isOpenIn(summary: Summary, from: number, to: number): boolean {
  return (summary.from ?? 0) < to && (summary.to === undefined || summary.to >= from);
}

type PeriodWork = {
  readonly span: Span;
  readonly summaries: readonly Summary[];
  readonly order: Order;
  readonly pieces: Pieces;
  readonly cluster: string | undefined;
};

async function exportPeriod(world: CliWorld, { keyFor }: Store, records: Records, work: PeriodWork): Promise<Exit> {
  const { span, summaries, order, pieces, cluster } = work;
  const progress = progressTo(world.complain);
  let done = 0;
  const recordOf = async (run: string) => {
    done += 1;
    progress(() => `${done} of ${counted(summaries.length, 'run')} written …`);
    return records.of(run);
  };
  const { list, register, deleted, areWhole } = pieces;
  const sign = areWhole ? createSigner(keyFor('signature')).sign : undefined;
  if (sign === undefined)
    world.complain(
      'The list of runs or the register is NOT SOUND: nothing in the file vouches that no run is left out. keyturn verify says more.',
    );
  const texts = renderPeriod({ ...span, summaries, recordOf, cluster, deleted, list, register, sign }, order.format);
  const [from, to] = [span.from, span.to - 1].map((ms) => new Date(ms).toISOString().slice(0, 10));
  let bytes = 0;
  const measured = async function* () {
    for await (const text of texts) {
      bytes += Buffer.byteLength(text);
      yield text;
    }
  };
  await put(world, order, `keyturn-${from}-to-${to}.${order.format}`, measured());
  if (order.format === 'json' && bytes > MOST_BYTES)
    world.complain(
      `It has ${bytes} bytes, more than the ${MOST_BYTES} that keyturn verify reads: export shorter periods, each into a file of its own.`,
    );
  for (const summary of summaries) tell(world, summary);
  world.complain(`${counted(summaries.length, 'run')}, ${counted(register.length, 'entry', 'entries')} of the register.`);
  return !areWhole || summaries.some(({ outcome }) => outcome === 'DAMAGED') ? EXIT.found : EXIT.ok;
}

async function put(world: CliWorld, { out, force }: Order, name: string, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  if (out === '-') {
    for await (const piece of pieces) await world.print(piece);
    return;
  }
  await writeOut(out ?? name, pieces, force);
  world.complain(`${out ?? name}  written.`);
}
