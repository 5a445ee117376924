/** Says about blocks and views what Slack would say: fine (with the ids that it gives), or an error name with the places. */
import type { z } from 'zod';
import { BLOCKS, ONLY_IN_MESSAGES, ONLY_IN_VIEWS, VIEW } from './block-rules.ts';
import { blockText, isObject, list, str } from './find.ts';
import { blocksSchema, type Json, type JsonObject } from './model.ts';

/** Sum of all block text in one message; measured by others, not documented (bolt-js issues 2509 and 2867). */
const MAX_TOTAL_TEXT = 13_200;

export type Checked<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: string; readonly messages: readonly string[] };

type Surface = 'message' | 'view';

/** `raw` is what the caller sent under `blocks`; the result has a block_id and action_ids everywhere. */
export function checkBlocks(raw: unknown, surface: Surface, newId: () => string): Checked<readonly JsonObject[]> {
  const parsed = blocksSchema.safeParse(raw);
  if (!parsed.success) return refused('invalid_blocks_format', []);
  const max = surface === 'message' ? 50 : 100;
  if (parsed.data.length > max) return refused('invalid_blocks', [`no more than ${max} items allowed [json-pointer:/blocks]`]);
  const problems = [...parsed.data.flatMap((block, at) => blockProblems(block, at, surface)), ...repeatedIds(parsed.data)];
  if (problems.length > 0) return refused('invalid_blocks', problems);
  if (surface === 'message' && blockText(parsed.data).length > MAX_TOTAL_TEXT) return refused('msg_blocks_too_long', []);
  return { kind: 'ok', value: parsed.data.map((block) => withIds(block, newId)) };
}

/** Checks a modal or Home view with its blocks. */
export function checkView(raw: unknown, newId: () => string): Checked<JsonObject> {
  if (JSON.stringify(raw)?.length > 250_000) return refused('view_too_large', []);
  const frame = VIEW.safeParse(raw);
  if (!frame.success)
    return refused(
      'invalid_arguments',
      frame.error.issues.map((issue) => messageOf(issue, '/view')),
    );
  if (frame.data.type === 'modal' && frame.data.title === undefined)
    return refused('invalid_arguments', ['missing field: title [json-pointer:/view]']);
  const blocks = checkBlocks(frame.data.blocks, 'view', newId);
  if (blocks.kind === 'refused') return refused('invalid_arguments', blocks.messages);
  const needsSubmit =
    frame.data.type === 'modal' && blocks.value.some((block) => block.type === 'input') && frame.data.submit === undefined;
  if (needsSubmit) return refused('invalid_arguments', ['missing field: submit [json-pointer:/view]']);
  return { kind: 'ok', value: { ...asJson(raw), blocks: blocks.value } };
}

function asJson(raw: unknown): JsonObject {
  const parsed = blocksSchema.element.safeParse(raw);
  return parsed.success ? parsed.data : {};
}

function refused<T>(error: string, messages: readonly string[]): Checked<T> {
  return { kind: 'refused', error, messages: messages.map((each) => `[ERROR] ${each}`) };
}

function blockProblems(block: JsonObject, at: number, surface: Surface): readonly string[] {
  const type = str(block, 'type') ?? '(none)';
  const rule = BLOCKS[type];
  const elsewhere = surface === 'message' ? ONLY_IN_VIEWS : ONLY_IN_MESSAGES;
  if (rule === undefined || elsewhere.includes(type)) return [`unsupported type: ${type} [json-pointer:/blocks/${at}/type]`];
  const idTooLong =
    (str(block, 'block_id') ?? '').length > 255 ? [`must be less than 256 characters [json-pointer:/blocks/${at}/block_id]`] : [];
  const checked = rule.safeParse(block);
  return [...idTooLong, ...(checked.error?.issues ?? []).map((issue) => messageOf(issue, `/blocks/${at}`))];
}

function messageOf(issue: z.core.$ZodIssue, under: string): string {
  return `${issue.message} [json-pointer:${[under, ...issue.path.map(String)].join('/')}]`;
}

function repeatedIds(blocks: readonly JsonObject[]): readonly string[] {
  const ids = blocks.map((block) => str(block, 'block_id')).filter((id) => id !== undefined);
  const repeated = ids.filter((id, at) => ids.indexOf(id) !== at);
  return repeated.map((id) => `block_id "${id}" already exists [json-pointer:/blocks]`);
}

function withIds(block: JsonObject, newId: () => string): JsonObject {
  const elements = block.type === 'actions' ? { elements: list(block.elements).map((each) => withActionId(each, newId)) } : {};
  const accessory = block.accessory === undefined ? {} : { accessory: withActionId(block.accessory, newId) };
  const element = block.element === undefined ? {} : { element: withActionId(block.element, newId) };
  return { ...block, block_id: str(block, 'block_id') ?? newId(), ...elements, ...accessory, ...element };
}

function withActionId(element: Json | undefined, newId: () => string): Json {
  if (!isObject(element)) return element ?? null;
  return element.type === 'image' || element.action_id !== undefined ? element : { ...element, action_id: newId() };
}
