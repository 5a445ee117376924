/** The steps of a plan, in the thread and in private. Pure. */
import { shownValue } from '../../procedure/secret-mark.ts';
import { assertNever } from '../../run/assert-never.ts';
import type { Plan, PlannedStep } from '../../run/plan.ts';
import { fits, type Part, say, sayLines, show } from './compose.ts';
import { quorums } from './people.ts';
import { duration } from './times.ts';
import { listed, name, words } from './words.ts';

/** A step in one line each, where not everything fits into one message. */
const LINES = 40;
const MOST_PAGES = 12;

/** What a plan shows of its steps: all in the first message, or lines there and pages of scripts after it. */
export type StepsShown = { readonly first: readonly Part[]; readonly pages: readonly Page[] };
export type Page = { readonly steps: readonly PlannedStep[]; readonly parts: readonly Part[] };

/** `head` stands before them in the first message. */
export function stepsShown(plan: Plan, head: Part): StepsShown {
  const all = plan.steps.map((step) => ({ step, parts: partsOf(step, plan.last?.steps[step.id]) }));
  const together = all.flatMap(({ parts }) => parts);
  if (fits([head, ...together])) return { first: together, pages: [] };
  const rest = plan.steps.length - LINES;
  const lines = plan.steps.slice(0, LINES).map((step) => say(headOf(step)));
  const more = `${rest > 0 ? `… ${rest} more steps. ` : ''}The scripts and their values follow in messages of their own.`;
  return { first: [...lines, say(more)], pages: pagesOf(all.filter(({ step }) => step.kind === 'command' && step.skipped === undefined)) };
}

/** As many steps to a page as fit without a cut; one that is too long for any stands alone, cut. */
function pagesOf(all: readonly { readonly step: PlannedStep; readonly parts: readonly Part[] }[]): readonly Page[] {
  const title = say('x'.repeat(300));
  const pages: Page[] = [];
  for (const { step, parts } of all) {
    const last = pages.at(-1);
    const both = [...(last?.parts ?? []), ...parts];
    if (last === undefined || !fits([title, ...both])) pages.push({ steps: [step], parts });
    else pages.splice(-1, 1, { steps: [...last.steps, step], parts: both });
  }
  const left = pages.slice(MOST_PAGES).flatMap(({ steps }) => steps);
  if (left.length === 0) return pages;
  return [...pages.slice(0, MOST_PAGES), { steps: left, parts: [say(`The scripts of ${left.length} more steps are left out here.`)] }];
}

/** `, 2 of 3`; nothing where there is one page. */
export function placeOf(at: number, count: number): string {
  return count === 1 ? '' : `, ${at + 1} of ${count}`;
}

/** A step in one line. */
export function headOf(step: PlannedStep): string {
  const title = `*${name(step.id)}* ${name(step.title)}`;
  const skipped = step.skipped === undefined ? '' : `; skipped: ${words(step.skipped, 200)}`;
  switch (step.kind) {
    case 'announce':
      return `${title}: announces “${words(step.why ?? '', 300)}”${skipped}`;
    case 'person':
      return `${title}: ${asksWords(step)}: “${words(step.why ?? '', 300)}”${skipped}`;
    case 'command':
      return `${title}: ${riskOf(step)}${skipped === '' ? `; ${whereOf(step)}` : skipped}`;
    default:
      return assertNever(step.kind);
  }
}

function asksWords({ asks, besides, together }: PlannedStep): string {
  switch (asks) {
    case 'nobody':
      return 'asks nobody';
    case 'press':
      return 'asks the requester, or whoever may start or approve';
    case 'second':
      return `asks a second person${besides === undefined ? '' : `, and besides ${quorums(besides)}`}${together === undefined ? '' : `, in one request with its neighbours of the phase ${name(together)}`}`;
    default:
      return assertNever(asks);
  }
}

function riskOf(step: PlannedStep): string {
  const why = step.why === undefined ? '' : `: ${words(step.why, 300).replace(/\.$/, '')}`;
  const asks = step.asks === 'nobody' ? '' : `; ${asksWords(step)}`;
  switch (step.safety) {
    case 'safe':
      return `safe${why}${asks}`;
    case 'gated':
      return `gate${why}${asks}`;
    case 'unsafe':
      return `UNSAFE${why}${asks}`;
    default:
      return assertNever(step.safety);
  }
}

function whereOf({ hosts, atOnce }: PlannedStep): string {
  if (hosts.length === 0) return 'hosts known later';
  return `on ${listed(hosts.map(name), 10)}${atOnce && hosts.length > 1 ? ', all at once' : ''}`;
}

function partsOf(step: PlannedStep, lastMs: number | undefined): readonly Part[] {
  if (step.skipped !== undefined) return [say(headOf(step))];
  const took = lastMs === undefined ? [] : [`last time it took ${duration(lastMs)}`];
  const most = step.seconds === undefined ? [] : [`at most ${duration(step.seconds * 1000)}`];
  const times = [...took, ...most].join('; ');
  const shown = shownText(step);
  return [
    sayLines([
      headOf(step),
      ...(step.within === undefined ? [] : [`Runs ${words(step.within, 300)}`]),
      ...(step.files === undefined ? [] : [`It ${words(step.files, 400)}`]),
      ...(step.unless === undefined ? [] : [`Looked at first; not needed where: ${words(step.unless, 200)}`]),
      ...(step.requires ?? []).map((what) => `Must be so beforehand: ${words(what, 200)}`),
      ...(step.until === undefined ? [] : [`Then waits for: ${words(step.until, 200)}`]),
      ...undoLines(step),
      ...(times === '' ? [] : [`${times.charAt(0).toUpperCase()}${times.slice(1)}`]),
    ]),
    ...(shown === '' ? [] : [show(shown)]),
  ];
}

function undoLines({ kind, safety, undo }: PlannedStep): readonly string[] {
  if (undo !== undefined) return [`Undo: ${words(undo, 200)}`];
  return kind === 'command' && safety === 'unsafe' ? ['No undo.'] : [];
}

/** The scripts as they are, with what goes with them as comments. */
function shownText(step: PlannedStep): string {
  const check =
    step.check === undefined ? [] : [`${step.script === undefined ? '# until it holds' : '# then, until it holds'}:`, step.check];
  const answers = step.answers.map(({ prompt, answer }) => `# when it prints ${prompt} it is told ${shownValue(answer)}`);
  const script = step.script === undefined ? [] : [step.script];
  return [...script, ...check, ...valueLines(step), ...answers].map((text) => text.replace(/\n$/, '')).join('\n');
}

/** Values as comments under the scripts; once where every host gets the same. */
function valueLines(step: PlannedStep): readonly string[] {
  const lines = step.values.map(({ host, env }) => ({
    host,
    text: Object.entries(env)
      .map(([key, value]) => `${key}=${shownValue(value)}`)
      .join(' '),
  }));
  if (lines.every(({ text }) => text === '')) return [];
  const [first] = lines;
  if (first !== undefined && lines.every(({ text }) => text === first.text)) return [`# with ${first.text}`];
  return lines.map(({ host, text }) => `# on ${host} with ${text}`);
}
