/** The timeline as drawings: a line for each step and host, bars by pattern, and the same in words beside them. Pure. */
import { escaped, inline, shown } from './html-escape.ts';
import { BAR_WORDS, type Bar, type BarKind, type Row } from './model.ts';
import { iso, took } from './words.ts';

const KINDS: readonly BarKind[] = ['work', 'check', 'approval', 'question', 'trouble', 'hold', 'pause'];

/** A bar is at least so wide, in percent, that it can be seen. */
const LEAST = 0.6;

/** Once in a page: what the bars are filled with. */
export const PATTERNS = `<svg class="hidden" aria-hidden="true" width="0" height="0"><defs>${[
  pattern('approval', 8, '<path class="mark" d="M-2 10 10 -2M-2 2 2 -2M6 10 10 6"/>'),
  pattern('question', 8, '<circle class="dot" cx="4" cy="4" r="2"/>'),
  pattern('trouble', 8, '<path class="mark" d="M0 0 8 8M8 0 0 8"/>'),
  pattern('hold', 6, '<path class="mark" d="M0 3H6"/>'),
  pattern('pause', 6, '<path class="mark" d="M3 0V6"/>'),
].join('')}</defs></svg>`;

function pattern(kind: string, size: number, mark: string): string {
  return `<pattern id="p-${kind}" width="${size}" height="${size}" patternUnits="userSpaceOnUse"><rect class="ground" width="${size}" height="${size}"/>${mark}</pattern>`;
}

type Span = { readonly from: number; readonly to: number };

export function timelineHtml(rows: readonly Row[], span: Span): string {
  const used = KINDS.filter((kind) => rows.some(({ bars }) => bars.some((bar) => bar.kind === kind)));
  const legend = used.map((kind) => `<span><svg aria-hidden="true">${rect(kind, 1, 32, 1, 14, '')}</svg>${BAR_WORDS[kind]}</span>`);
  return `<figure class="timeline">${axis(span)}${rows.map((row) => rowHtml(row, span)).join('\n')}<figcaption class="legend">${legend.join('')}</figcaption></figure>`;
}

function axis({ from, to }: Span): string {
  const ticks = [from, from + (to - from) / 2, to].map((at) => `<span>${inline({ time: at }).replace(/>\d{4}-\d\d-\d\dT/, '>')}</span>`);
  const whole = escaped(took(to - from));
  return `<div class="row axis"><div>${iso(from).slice(0, 10)}, UTC</div><div class="ticks">${ticks.join('')}</div><div>in all ${whole}</div></div>`;
}

function rowHtml({ step, host, bars }: Row, span: Span): string {
  const words = barWords(bars);
  const name = `${shown(step)}${host === undefined ? '' : ` on <code>${shown(host)}</code>`}`;
  const rects = bars.map((bar) => barHtml(bar, span)).join('');
  return `<div class="row"><div>${name}</div><svg class="bars" role="img" aria-label="${escaped(words)}">${rects}</svg><div>${escaped(words)}</div></div>`;
}

/** `waited for approval 3 min 5 s; ran 4 s`, in their order; the same kinds together. */
export function barWords(bars: readonly Bar[]): string {
  const kinds = [...new Set(bars.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const all = bars.filter((bar) => bar.kind === kind);
      const ms = all.reduce((sum, { from, to }) => sum + to - from, 0);
      const times = all.length === 1 ? '' : ` (${all.length} times)`;
      return `${BAR_WORDS[kind]} ${took(ms)}${times}${all.some(({ open }) => open) ? ', not over' : ''}`;
    })
    .join('; ');
}

function barHtml({ kind, from, to }: Bar, span: Span): string {
  const whole = span.to - span.from;
  const at = (ms: number): number => (Math.min(Math.max(ms, span.from), span.to) - span.from) / whole;
  const width = Math.max((at(to) - at(from)) * 100, LEAST);
  const left = Math.min(at(from) * 100, 100 - width);
  return rect(kind, round(left), round(width), 3, 16, '%');
}

function rect(kind: BarKind, x: number, width: number, y: number, height: number, unit: '%' | ''): string {
  const fill = kind === 'work' || kind === 'check' ? '' : ` fill="url(#p-${kind})"`;
  return `<rect class="bar ${kind}"${fill} x="${x}${unit}" y="${y}" width="${width}${unit}" height="${height}"/>`;
}

function round(percent: number): number {
  return Math.round(percent * 100) / 100;
}
