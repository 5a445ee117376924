/** Finds people, channels and visible text the way a test writes them: by id or by name. */
import type { Channel, Ephemeral, Json, JsonObject, Message, User } from './model.ts';
import type { World } from './world.ts';

/** The user with this id or name; an unknown one is a mistake of the test. */
export function userOf(world: World, idOrName: string): User {
  const found = world.users.get(idOrName) ?? [...world.users.values()].find((each) => each.name === idOrName);
  if (found === undefined) throw new Error(`no user "${idOrName}" in the sandbox; there are: ${names([...world.users.values()])}`);
  return found;
}

/** The channel with this id or name, with or without #. */
export function channelOf(world: World, idOrName: string): Channel {
  const name = idOrName.replace(/^#/, '');
  const found = world.channels.get(name) ?? [...world.channels.values()].find((each) => each.name === name);
  if (found === undefined) throw new Error(`no channel "${idOrName}" in the sandbox; there are: ${names([...world.channels.values()])}`);
  return found;
}

function names(list: readonly { readonly id: string; readonly name: string }[]): string {
  return list.map((each) => `${each.name} (${each.id})`).join(', ');
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string under a key, or undefined. */
export function str(value: Json | undefined, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** A button, select or other element that a person can use, with the block that it stands in. */
export interface Control {
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  readonly label: string;
  readonly value?: string;
  readonly style?: string;
  readonly element: JsonObject;
}

const CONTROL_TYPES = /^(button|static_select|radio_buttons|checkboxes|datepicker|overflow|plain_text_input|users_select|workflow_button)$/;

/** Every control of these blocks, in order of appearance. */
export function controlsOf(blocks: readonly JsonObject[] | undefined): readonly Control[] {
  return (blocks ?? []).flatMap((block) =>
    [...list(block.elements), block.accessory, block.element].flatMap((each) => controlOf(block, each)),
  );
}

function controlOf(block: JsonObject, element: Json | undefined): readonly Control[] {
  const type = str(element, 'type');
  if (!isObject(element) || type === undefined || !CONTROL_TYPES.test(type)) return [];
  const value = str(element, 'value');
  const style = str(element, 'style');
  const label = str(element.text, 'text') ?? str(element.placeholder, 'text') ?? str(block.label, 'text') ?? '';
  const base = { blockId: str(block, 'block_id') ?? '', actionId: str(element, 'action_id') ?? '', type, label, element };
  return [{ ...base, ...(value === undefined ? {} : { value }), ...(style === undefined ? {} : { style }) }];
}

/** All text that these blocks show, one piece per line. */
export function blockText(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map(blockText).filter(Boolean).join('\n');
  if (!isObject(value)) return '';
  const own = typeof value.text === 'string' ? value.text : '';
  const parts = [
    'text',
    'title',
    'label',
    'fields',
    'elements',
    'rows',
    'details',
    'output',
    'tasks',
    'accessory',
    'element',
    'placeholder',
  ];
  return [own, ...parts.map((key) => (typeof value[key] === 'string' && key === 'text' ? '' : textUnder(value[key])))]
    .filter(Boolean)
    .join('\n');
}

function textUnder(value: Json | undefined): string {
  return typeof value === 'string' ? value : blockText(value);
}

/** What a reader of this message sees: its blocks where there are any, else its text. */
export function visibleText(message: Message | Ephemeral): string {
  return message.blocks === undefined || message.blocks.length === 0 ? message.text : blockText(message.blocks);
}
