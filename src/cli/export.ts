/** `keyturn export`: records of runs or of a period as files. Works without Slack and while bot and workers run; changes nothing. */
import { createArchive } from '../archive/files.ts';
import { extname } from 'node:path';
import { FORMATS, type Format, formatNamed, render } from '../export/render.ts';
import { renderPeriod } from '../export/render-period.ts';
import { type Summary, summaryOf } from '../export/period.ts';
import { createJournal } from '../journal/journal.ts';
import { createNotes } from '../journal/notes.ts';
import type { Raw } from '../journal/raw.ts';
import { createRegister, registerTexts } from '../journal/register.ts';
import { createRuns } from '../journal/runs.ts';
import { KeyturnError } from '../errors.ts';
import type { RecordEntry } from '../record/model.ts';
import { runsSince } from '../record/period-runs.ts';
import { createAfterwards } from '../record/afterwards.ts';
import { createRecords, type Records } from '../record/records.ts';
import { counted } from '../slack/views/words.ts';
import { type Span, spanOf } from './export-period.ts';
import { writeOut } from './out-file.ts';
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
    const afterwardsOf = createAfterwards({ texts: () => registerTexts(store.redis), ...registerOf(store) });
    const records = createRecords({ journal, notes, ...keysOf(store), afterwardsOf, folder: store.config.record });
    if (span === undefined) return exportRuns(world, records, [...new Set(runs)], order);
    const summaries = await summariesIn(world, records, runsSince(journal, span.from), span, options.cluster);
    return exportPeriod(world, store, records, { span, summaries, order });
  });
}

function keysOf({ keyFor }: Store) {
  return { signing: keyFor('signature'), sealing: keyFor('journal') };
}

function registerOf({ redis, keyFor }: Store) {
  const sealing = keyFor('register');
  return { head: createRegister({ redis, key: sealing }).head, sealing };
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
      world.complain(`${run}  nobody knows this run. Check: its id, and that REDIS_URL is the Redis it was made on.`);
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

/** In the order in which they began; what is held of each is a line. */
async function summariesIn(
  world: CliWorld,
  records: Records,
  runs: AsyncIterable<string>,
  { to }: Span,
  cluster: string | undefined,
): Promise<readonly Summary[]> {
  const found: Summary[] = [];
  let looked = 0;
  for await (const run of runs) {
    const record = await records.withoutOutputs(run);
    looked += 1;
    if (looked % 500 === 0) world.complain(`${looked} runs looked at …`);
    const summary = record === undefined ? undefined : summaryOf(record);
    if (summary === undefined || (summary.from ?? 0) >= to) continue;
    // What cannot be read may be of any cluster, and must not vanish.
    if (cluster === undefined || summary.cluster === cluster || summary.outcome === 'DAMAGED') found.push(summary);
  }
  return found.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0) || (a.run < b.run ? -1 : 1));
}

type PeriodWork = { readonly span: Span; readonly summaries: readonly Summary[]; readonly order: Order };

async function exportPeriod(world: CliWorld, store: Store, records: Records, { span, summaries, order }: PeriodWork): Promise<Exit> {
  let done = 0;
  const recordOf = async (run: string) => {
    done += 1;
    if (done % 100 === 0) world.complain(`${done} of ${counted(summaries.length, 'run')} written …`);
    return records.of(run);
  };
  const register = await registerIn(store, span);
  const pieces = renderPeriod({ ...span, summaries, recordOf, list: await listIn(store, span), register }, order.format);
  const [from, to] = [span.from, span.to - 1].map((ms) => new Date(ms).toISOString().slice(0, 10));
  await put(world, order, `keyturn-${from}-to-${to}.${order.format}`, pieces);
  for (const summary of summaries) tell(world, summary);
  world.complain(`${counted(summaries.length, 'run')}, ${counted(register.length, 'entry', 'entries')} of the register.`);
  return summaries.some(({ outcome }) => outcome === 'DAMAGED') ? EXIT.found : EXIT.ok;
}

async function registerIn({ redis }: Store, span: Span): Promise<readonly RecordEntry[]> {
  return entriesIn(await registerTexts(redis), span);
}

async function listIn({ redis, keyFor, config }: Store, span: Span): Promise<readonly RecordEntry[]> {
  return entriesIn(await createRuns({ redis, key: keyFor('runs'), folder: config.record }).texts(), span);
}

function entriesIn(entries: readonly (Raw | undefined)[], { from, to }: Span): readonly RecordEntry[] {
  return entries.flatMap((raw) => {
    if (raw === undefined || Number(raw.at) < from || Number(raw.at) >= to) return [];
    const { seal, ...entry } = raw;
    return [seal === undefined ? entry : { ...entry, seal }];
  });
}

async function put(world: CliWorld, { out, force }: Order, name: string, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  if (out === '-') {
    for await (const piece of pieces) await world.print(piece);
    return;
  }
  await writeOut(out ?? name, pieces, force);
  world.complain(`${out ?? name}  written.`);
}
