/** `/ha help`: the commands, and what one procedure is to be given. Pure. */
import type { Cluster } from '../../inventory/model.ts';
import type { Input, Procedure } from '../../procedure/model.ts';
import { kindOf } from '../../procedure/params.ts';
import type { Action } from '../../run/authorise.ts';
import { content, say } from './compose.ts';
import { code } from './escape.ts';
import type { Content } from './message.ts';
import { inGroups, procedureLine } from './private.ts';
import { counted, name, words } from './words.ts';

/** A command, what it does, and what one must be allowed to do somewhere to be shown it. */
const COMMANDS: readonly (readonly [string, string, Action])[] = [
  ['/ha help [procedure]', 'this, or what a procedure is to be given, with an example', 'read'],
  ['/ha list', 'procedures and clusters', 'read'],
  ['/ha plan <procedure> <cluster> [name=value …]', 'what a run would do; starts nothing', 'plan'],
  ['/ha <procedure> <cluster> [name=value …]', 'starts a run; a form asks for what is needed and left out', 'start'],
  ['/ha run <procedure> <cluster> …', 'the same, where a procedure is called like one of these words, as status is', 'start'],
  ['/ha status [cluster or run]', 'runs that go on, and whom they wait for', 'read'],
  ['/ha show <run>', 'one run: what went otherwise, troubles, approvals, each step and host with its time, notes', 'read'],
  ['/ha approvals [page:2]', 'what waits for your word as a second person, and what you approved lately', 'read'],
  ['/ha history [filters] [words]', 'runs of the past, by `cluster:`, `by:me`, `outcome:`, `since:7d` … and words', 'read'],
  ['/ha pause <run> [reason]', 'starts nothing more until it is resumed', 'stop'],
  ['/ha resume <run>', 'goes on', 'settle'],
  ['/ha cancel <run> [reason]', 'ends what runs on its host, and the run', 'stop'],
  ['/ha export <run> [json|md|html]', 'puts the record of a run into its thread as a file; a page to read and print, unless told', 'read'],
  ['/ha reviews', 'what was done in an emergency, and nobody has looked at since', 'read'],
  ['/ha review <run> <words>', 'records that you have looked at it, and what you found', 'approve'],
];

/** Commands and procedures, as far as the reader may use them. */
export function helpView(procedures: readonly Procedure[], may: (action: Action) => boolean): Content {
  const commands = COMMANDS.filter(([, , action]) => action === 'read' || may(action)).map(
    ([command, what]) => `• ${command.replace(/</g, '&lt;').replace(/>/g, '&gt;')}: ${what}`,
  );
  return inGroups([['*Commands*', ...commands]], 'Procedures', procedures.map(procedureLine), 'There is no procedure that you may run.');
}

/** Of every product that has a procedure of this name. */
export function procedureHelpView(procedures: readonly Procedure[], clusters: readonly Cluster[]): Content {
  const groups = procedures.flatMap((procedure) => aboutOne(procedure, clusters)).slice(0, MOST_GROUPS);
  return content(groups, groups.map(say));
}

const MOST_GROUPS = 40;
const MOST_PARAMS = 40;

/** A group of its own for each parameter, so that a long one shortens no other. */
function aboutOne(procedure: Procedure, clusters: readonly Cluster[]): readonly string[] {
  const params = Object.entries(procedure.params);
  const mine = clusters.filter((cluster) => cluster.product === procedure.product);
  const head = [
    `*${name(procedure.name)}*: ${name(procedure.title)} (${name(procedure.product)}, ${counted(procedure.steps.length, 'step')})`,
    `Source: ${procedure.source === undefined ? 'none is named' : words(procedure.source, 300)}`,
    procedure.readOnly ? 'It changes nothing on any host, and can run beside another.' : 'It takes its cluster for itself while it runs.',
    mine.length === 0
      ? 'No cluster has its product.'
      : `Clusters: ${mine
          .slice(0, 20)
          .map((cluster) => code(cluster.name))
          .join(', ')}`,
    `Example: ${code(exampleOf(procedure, mine[0]))}`,
    ...(params.length === 0 ? ['It is given nothing.'] : []),
  ];
  const more = params.length > MOST_PARAMS ? [`… ${params.length - MOST_PARAMS} parameters more`] : [];
  return [head.join('\n'), ...params.slice(0, MOST_PARAMS).map(([param, input]) => aboutParam(param, input)), ...more];
}

function aboutParam(param: string, input: Input): string {
  const help = input.help === undefined ? '' : `. ${words(input.help, 300)}`;
  const fallback = input.default === undefined ? '' : `; if left out: ${words(input.default, 100)}`;
  const title = input.title === param ? '' : `: ${name(input.title)}`;
  return `• ${code(param)} (${input.required ? 'needed' : 'optional'})${title}${help}\n    Allowed: ${words(kindOf(input), 400)}${fallback}`;
}

/** A line to copy: whatever is needed, with a value that could be right. */
function exampleOf(procedure: Procedure, cluster: Cluster | undefined): string {
  const needed = Object.entries(procedure.params).filter(([, input]) => input.required);
  const given = needed.map(([param, input]) => `${param}=${quoted(valueFor(input, cluster))}`);
  return [`/ha ${procedure.name}`, cluster?.name ?? `<a cluster of ${procedure.product}>`, ...given].join(' ');
}

function valueFor({ value, default: fallback }: Input, cluster: Cluster | undefined): string {
  if (fallback !== undefined) return fallback;
  switch (value.type) {
    case 'text':
      return '…';
    case 'enum':
      return value.values[0] ?? '…';
    case 'host':
      return cluster?.hosts.find((host) => value.role === undefined || host.roles.includes(value.role))?.name ?? '…';
    case 'version':
      return '2024.1.3';
    case 'path':
      return '/path/to/file';
    case 'integer':
      return String(value.min ?? 0);
  }
}

function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
