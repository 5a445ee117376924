/** The steps of a plan, in the thread and in private. Pure. */
import { shownValue } from '../../procedure/secret-mark.ts';
import { assertNever } from '../../run/assert-never.ts';
import type { Plan, PlannedStep } from '../../run/plan.ts';
import { type Part, say, sayLines, show } from './compose.ts';
import { duration } from './times.ts';
import { listed, name, words } from './words.ts';

/** A step takes up to two blocks, and a message 50. */
const WITH_SCRIPTS = 22;
/** A step in one line, when scripts do not fit. */
const LINES = 40;

export function stepParts({ steps, last }: Plan): readonly Part[] {
  if (steps.length <= WITH_SCRIPTS) return steps.flatMap((step) => partsOf(step, last?.steps[step.id]));
  const shown = steps.slice(0, LINES).map((step) => say(headOf(step)));
  const rest = steps.length - shown.length;
  return [...shown, say(`${rest > 0 ? `… ${rest} more steps. ` : ''}The scripts are left out here: too many steps for one message.`)];
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

function asksWords({ asks }: PlannedStep): string {
  switch (asks) {
    case 'nobody':
      return 'asks nobody';
    case 'press':
      return 'asks the requester, or whoever may start or approve';
    case 'second':
      return 'asks a second person';
    default:
      return assertNever(asks);
  }
}

function riskOf(step: PlannedStep): string {
  const why = step.why === undefined ? '' : `: ${words(step.why, 300)}`;
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
