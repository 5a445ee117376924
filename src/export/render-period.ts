/** A period in one of the forms of an export, piece by piece: only one run is held at a time. Pure but for what it is handed. */
import type { Piece } from '../journal/piece.ts';
import { registerEventSchema } from '../journal/register-events.ts';
import { jsonOf } from '../json.ts';
import type { RecordEntry, RunRecord } from '../record/model.ts';
import { periodStatement, type Signature } from '../signature.ts';
import { htmlArticle, htmlHead, htmlTail } from './html.ts';
import { markdownArticle, markdownTail } from './markdown.ts';
import { pageOf } from './page.ts';
import { PERIOD_FORMAT, periodPage, periodTitle, type RegisterLine, type Summary } from './period.ts';
import { type PeriodHead, periodDigest, pieceOf, type RunEnd, runEnd } from './period-head.ts';
import type { Format } from './render.ts';
import { isoMs } from './words.ts';

export type PeriodParts = {
  /** Milliseconds since 1970; `to` is not included. */
  readonly from: number;
  readonly to: number;
  /** In the order in which they are to stand. */
  readonly summaries: readonly Summary[];
  /** Called once for each of them, in that order; undefined: it is gone. */
  readonly recordOf: (run: string) => Promise<RunRecord | undefined>;
  readonly cluster: string | undefined;
  readonly deleted: readonly string[];
  /** A piece of each. The list may be long, and is read as it is written. */
  readonly list: AsyncIterable<RecordEntry>;
  readonly register: readonly RecordEntry[];
  /** Undefined where list or register did not prove: then nothing vouches for them. */
  readonly sign: ((statement: string) => Signature) | undefined;
};

export function renderPeriod(parts: PeriodParts, format: Format): AsyncGenerator<string> {
  return format === 'json' ? json(parts) : document(parts, format);
}

async function* json({ summaries, recordOf, cluster, deleted, list, register, sign, ...span }: PeriodParts): AsyncGenerator<string> {
  const [from, to] = [isoMs(span.from), isoMs(span.to)];
  const only = cluster === undefined ? '' : `"cluster":${JSON.stringify(cluster)},`;
  const gone = deleted.length === 0 ? '' : `"deleted":${JSON.stringify(deleted)},`;
  yield `{"format":${JSON.stringify(PERIOD_FORMAT)},"from":"${from}","to":"${to}",${only}${gone}\n"runs":[`;
  const runs: RunEnd[] = [];
  for (const { run } of summaries) {
    const record = await recordOf(run);
    if (record === undefined) continue;
    yield `${runs.length === 0 ? '\n' : ',\n'}${JSON.stringify(record)}`;
    runs.push(runEnd(record));
  }
  yield '],\n"list":[';
  let piece: Piece | undefined;
  for await (const entry of list) {
    yield `${piece === undefined ? '\n' : ',\n'}${JSON.stringify(entry)}`;
    piece = { first: piece?.first ?? entry.seq, last: entry.seq, hash: entry.hash };
  }
  yield `],\n"register":[${register.map((entry) => `\n${JSON.stringify(entry)}`).join(',')}]`;
  const head: PeriodHead = { from, to, cluster, deleted, runs, list: piece, register: pieceOf(register) };
  yield sign === undefined ? '}\n' : `,\n"signature":${JSON.stringify(sign(periodStatement(periodDigest(head))))}}\n`;
}

async function* document({ from, to, summaries, recordOf, register }: PeriodParts, format: 'md' | 'html'): AsyncGenerator<string> {
  const isHtml = format === 'html';
  const first = periodPage({ from, to }, summaries, register.map(registerLine));
  yield isHtml ? `${htmlHead(periodTitle({ from, to }))}${htmlArticle(first, 'period-')}` : markdownArticle(first);
  for (const { run } of summaries) {
    const record = await recordOf(run);
    if (record === undefined) continue;
    yield isHtml ? htmlArticle(pageOf(record), `${anchor(run)}-`) : `\n---\n\n${markdownArticle(pageOf(record))}`;
  }
  yield isHtml ? htmlTail() : markdownTail();
}

/** Whatever somebody wrote into a list of runs must stay inside an attribute. */
function anchor(run: string): string {
  return run.replace(/[^A-Za-z0-9]/g, '_');
}

function registerLine({ at, event, seq }: RecordEntry): RegisterLine {
  const { data: read } = registerEventSchema.safeParse(jsonOf(event));
  if (read === undefined) return { at: Number(at), words: `Entry ${seq} is nothing that this release of Keyturn can read: ${event}` };
  const who = 'person' in read ? read.person : 'by' in read && typeof read.by === 'object' ? read.by : undefined;
  const person = who === undefined ? '' : ` by ${who.name} (${who.user})`;
  return { at: Number(at), words: `${read.kind}${person}: ${plain(read)}` };
}

function plain(event: object): string {
  return Object.entries(event)
    .filter(([name, value]) => !['kind', 'by', 'person'].includes(name) || typeof value === 'string')
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('; ');
}
