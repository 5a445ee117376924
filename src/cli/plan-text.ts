/** A plan as plain text for a terminal. Pure. */
import { shownValue } from '../procedure/secret-mark.ts';
import { assertNever } from '../run/assert-never.ts';
import type { LastTime, Plan, PlannedStep } from '../run/plan.ts';
import { duration } from '../slack/views/times.ts';
import { utcMinute } from '../utc.ts';

const INDENT = ' '.repeat(10);

export function planLines(plan: Plan): readonly string[] {
  const given = Object.entries(plan.params).map(([name, value]) => `${name}=${value}`);
  const roles = Object.entries(plan.roles).map(([role, host]) => `${role} ${host}`);
  return [
    `Plan of ${plan.procedure} (${plan.title}) on ${plan.cluster}: nothing was started.`,
    ...(given.length === 0 ? [] : [`Given: ${given.join(', ')}`]),
    ...(roles.length === 0 ? [] : [`Roles as found now: ${roles.join(', ')}`]),
    `Who may approve (Slack ids): ${idsOf(plan.approvers)}`,
    ...(plan.last === undefined ? [] : [lastLine(plan.last)]),
    `Digest ${plan.digest}: a run notes the same as long as nothing changes.`,
    ...plan.steps.flatMap((step) => ['', ...stepLines(step, plan.last?.steps[step.id])]),
  ];
}

function idsOf(wanted: Plan['approvers']): string {
  const one = ({ people, count }: Plan['approvers'][number]): string =>
    `${count === 1 ? '' : `${count} of `}${[...people.users, ...people.groups].join(', ') || 'nobody'}`;
  return wanted.map(one).join('; and ');
}

function lastLine({ run, ms, endedAt }: LastTime): string {
  return `Last time it took ${duration(ms)} (${run}, ended ${utcMinute(endedAt)}).`;
}

function stepLines(step: PlannedStep, lastMs: number | undefined): readonly string[] {
  const said = step.skipped === undefined ? lines(step, lastMs) : [`skipped: ${step.skipped}`];
  return [headOf(step), ...said.map((line) => INDENT + line)];
}

function headOf(step: PlannedStep): string {
  const id = step.id.length < INDENT.length ? step.id.padEnd(INDENT.length) : `${step.id}  `;
  return `${id}${labelOf(step).padEnd(8)}  ${step.title}${whereOf(step)}`;
}

function labelOf({ kind, safety }: PlannedStep): string {
  switch (kind) {
    case 'announce':
      return 'announce';
    case 'person':
      return 'asks';
    case 'command':
      return safety === 'unsafe' ? 'UNSAFE' : safety;
    default:
      return assertNever(kind);
  }
}

function whereOf({ kind, hosts, atOnce, skipped }: PlannedStep): string {
  if (kind !== 'command' || skipped !== undefined) return '';
  if (hosts.length === 0) return ' (its host is not known yet)';
  return ` (on ${hosts.join(', ')}${atOnce && hosts.length > 1 ? ', all at once' : ''})`;
}

function lines(step: PlannedStep, lastMs: number | undefined): readonly string[] {
  const { why, within, files, unless, until, undo, seconds } = step;
  return [
    ...(why === undefined ? [] : [why]),
    ...asksLine(step),
    ...(unless === undefined ? [] : [`looked at first; not needed where: ${unless}`]),
    ...(step.requires ?? []).map((what) => `must be so beforehand: ${what}`),
    ...(files === undefined ? [] : [files]),
    ...(within === undefined ? [] : [`runs ${within}`]),
    ...scriptLines(step.script),
    ...valueLines(step),
    ...step.answers.map(({ prompt, answer }) => `when it prints ${prompt} it is told ${shownValue(answer)}`),
    ...(until === undefined ? [] : [`then waits for: ${until}`]),
    ...scriptLines(step.check),
    ...(undo === undefined ? (step.kind === 'command' && step.safety === 'unsafe' ? ['no undo'] : []) : [`undo: ${undo}`]),
    ...(seconds === undefined
      ? []
      : [`at most ${duration(seconds * 1000)}${lastMs === undefined ? '' : `; last time it took ${duration(lastMs)}`}`]),
  ];
}

function asksLine({ asks, besides, together }: PlannedStep): readonly string[] {
  switch (asks) {
    case 'nobody':
      return [];
    case 'press':
      return ['asks the requester, or whoever may start or approve'];
    case 'second':
      return [
        'asks a second person, never the requester',
        ...(besides === undefined ? [] : [`and besides: ${idsOf(besides)}`]),
        ...(together === undefined ? [] : [`in one request with its neighbours of the phase ${together}`]),
      ];
    default:
      return assertNever(asks);
  }
}

/** What a file step runs is its own, and said in words. */
function scriptLines(script: string | undefined): readonly string[] {
  return (script ?? '')
    .trimEnd()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [`$ ${line}`]));
}

/** Once where every host gets the same. */
function valueLines({ values }: PlannedStep): readonly string[] {
  const all = values.map(({ host, env }) => ({ host, text: pairs(env) }));
  const [first] = all;
  if (first === undefined || all.every(({ text }) => text === '')) return [];
  if (all.every(({ text }) => text === first.text)) return [`with ${first.text}`];
  return all.map(({ host, text }) => `on ${host} with ${text || 'no values'}`);
}

function pairs(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${shownValue(value)}`)
    .join('  ');
}
