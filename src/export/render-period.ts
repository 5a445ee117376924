/** A period in one of the forms of an export, piece by piece: only one run is held at a time. Pure but for what it is handed. */
import { registerEventSchema } from '../journal/register-events.ts';
import type { RecordEntry, RunRecord } from '../record/model.ts';
import { htmlArticle, htmlHead, htmlTail } from './html.ts';
import { markdownArticle, markdownTail } from './markdown.ts';
import { pageOf } from './page.ts';
import { PERIOD_FORMAT, periodPage, periodTitle, type RegisterLine, type Summary } from './period.ts';
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
  readonly list: readonly RecordEntry[];
  readonly register: readonly RecordEntry[];
};

export function renderPeriod(parts: PeriodParts, format: Format): AsyncGenerator<string> {
  return format === 'json' ? json(parts) : document(parts, format);
}

async function* json({ from, to, summaries, recordOf, list, register }: PeriodParts): AsyncGenerator<string> {
  yield `{"format":${JSON.stringify(PERIOD_FORMAT)},"from":"${isoMs(from)}","to":"${isoMs(to)}",\n"runs":[`;
  let separator = '\n';
  for (const { run } of summaries) {
    const record = await recordOf(run);
    if (record === undefined) continue;
    yield `${separator}${JSON.stringify(record)}`;
    separator = ',\n';
  }
  yield `],\n"list":${lines(list)},\n"register":${lines(register)}}\n`;
}

function lines(entries: readonly RecordEntry[]): string {
  return `[${entries.map((entry) => `\n${JSON.stringify(entry)}`).join(',')}]`;
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
  try {
    const read = registerEventSchema.parse(JSON.parse(event));
    const who = 'person' in read ? read.person : 'by' in read && typeof read.by === 'object' ? read.by : undefined;
    const person = who === undefined ? '' : ` by ${who.name} (${who.user})`;
    return { at: Number(at), words: `${read.kind}${person}: ${plain(read)}` };
  } catch {
    return { at: Number(at), words: `Entry ${seq} is nothing that this release of Keyturn can read: ${event}` };
  }
}

function plain(event: object): string {
  return Object.entries(event)
    .filter(([name, value]) => !['kind', 'by', 'person'].includes(name) || typeof value === 'string')
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('; ');
}
