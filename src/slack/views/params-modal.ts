/** The form that asks for what a procedure has to be given. Pure. */
import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import type { Cluster } from '../../inventory/model.ts';
import type { Input, Procedure, ValueType } from '../../procedure/model.ts';
import { findNamed } from '../../procedure/names.ts';
import { type Given, kindOf } from '../../procedure/params.ts';
import { CALLBACK } from './actions.ts';
import { plainText } from './buttons.ts';
import { code } from './escape.ts';
import { name, words } from './words.ts';

export type ParamsAsk = {
  readonly what: 'start' | 'plan';
  readonly procedure: Procedure;
  readonly cluster: Cluster;
  /** What the command gave; each of them is right. */
  readonly given: Given;
  readonly privateMetadata: string;
};

/** More fields than this are no form that anybody fills in. */
const MOST_FIELDS = 20;
/** What a field of text takes (block kit reference, plain-text input). */
const LONGEST_TEXT = 3_000;
/** What a list takes, and each of its values and texts (static select, option). */
const MOST_OPTIONS = 100;
const LONGEST_OPTION = 75;

const PREFIX = 'param:';

/** Block and action of a parameter's field. */
export function fieldOf(param: string): string {
  return `${PREFIX}${param}`;
}

/** Why no form can ask for them, or nothing. */
export function whyNoForm({ procedure, given }: Pick<ParamsAsk, 'procedure' | 'given'>): string | undefined {
  const count = Object.keys(procedure.params).length;
  if (count > MOST_FIELDS)
    return `${procedure.name} has ${count} parameters, and a form asks for ${MOST_FIELDS} at most: give them with the command.`;
  const long = Object.entries(given).find(([, value]) => value.length > LONGEST_TEXT);
  return long === undefined ? undefined : `${long[0]} is longer than a field of a form: give the others with the command too.`;
}

export function paramsModal(ask: ParamsAsk): ModalView {
  const { procedure, cluster, what } = ask;
  const source = procedure.source === undefined ? '' : ` Source: ${words(procedure.source, 300)}.`;
  const intro = `${code(procedure.name)} on ${code(cluster.name)}: ${name(procedure.title)}.${source}`;
  const then = what === 'start' ? 'Nothing begins before you send this.' : 'Nothing is changed on any host: the plan follows.';
  return {
    type: 'modal',
    callback_id: CALLBACK.params,
    private_metadata: ask.privateMetadata,
    title: plainText(procedure.name, 24),
    submit: plainText(what === 'start' ? 'Start' : 'Show Plan', 24),
    close: plainText('Go Back', 24),
    blocks: [
      { type: 'section', block_id: 'about', text: { type: 'mrkdwn', text: `${intro} ${then}`, verbatim: true } },
      ...Object.entries(procedure.params).map(([param, input]) => field(ask, param, input)),
    ],
  };
}

function field(ask: ParamsAsk, param: string, input: Input): InputBlock {
  const given = Object.hasOwn(ask.given, param) ? ask.given[param] : undefined;
  return {
    type: 'input',
    block_id: fieldOf(param),
    optional: !input.required,
    label: plainText(input.title === param ? param : `${input.title} (${param})`, 2_000),
    hint: plainText(hintOf(input), 2_000),
    element: elementOf(ask.cluster, param, input.value, given ?? input.default),
  };
}

function hintOf(input: Input): string {
  const help = input.help === undefined ? '' : `${input.help.replace(/[.\s]*$/, '')}. `;
  const empty = input.default === undefined ? '' : `; if left empty: ${input.default}`;
  return `${help}Allowed: ${kindOf(input)}${empty}.`;
}

function elementOf(cluster: Cluster, param: string, type: ValueType, initial: string | undefined): InputBlock['element'] {
  const options = optionsOf(cluster, type);
  if (options === undefined) return textField(param, type, initial);
  const wanted = type.type === 'host' && initial !== undefined ? findNamed(cluster.hosts, initial)?.name : initial;
  const chosen = options.find((option) => option.value === wanted);
  return {
    type: 'static_select',
    action_id: fieldOf(param),
    options,
    ...(chosen === undefined ? {} : { initial_option: chosen }),
  };
}

/** Undefined where a list cannot hold them: none, too many, or one that is too long for it. */
function optionsOf(cluster: Cluster, type: ValueType): PlainTextOption[] | undefined {
  const choices = choicesOf(cluster, type);
  const fits = choices.length > 0 && choices.length <= MOST_OPTIONS && choices.every(({ value }) => value.length <= LONGEST_OPTION);
  return fits ? choices.map(({ text, value }) => ({ text: plainText(text, LONGEST_OPTION), value })) : undefined;
}

function choicesOf(cluster: Cluster, type: ValueType): readonly { readonly text: string; readonly value: string }[] {
  if (type.type === 'enum') return type.values.map((value) => ({ text: value, value }));
  if (type.type !== 'host') return [];
  const fitting = cluster.hosts.filter((host) => type.role === undefined || host.roles.includes(type.role));
  return fitting.map((host) => ({ text: `${host.name} (${host.roles.join(', ')})`, value: host.name }));
}

function textField(param: string, type: ValueType, initial: string | undefined): InputBlock['element'] {
  const longest = type.type === 'text' ? Math.min(type.maxLength, LONGEST_TEXT) : LONGEST_TEXT;
  return {
    type: 'plain_text_input',
    action_id: fieldOf(param),
    max_length: Math.max(longest, 1),
    ...(initial === undefined || initial === '' ? {} : { initial_value: initial }),
  };
}

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What was filled in, by parameter: an empty field gives nothing. */
export function givenIn(values: Values): Given {
  const fields = Object.entries(values).flatMap(([block, actions]): [string, string][] =>
    block.startsWith(PREFIX) ? [[block.slice(PREFIX.length), (actions[block] ?? '').trim()]] : [],
  );
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}
