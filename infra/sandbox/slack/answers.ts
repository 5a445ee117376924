/**
 * What a person gets to see of the bot's answer to a command or a click: the acknowledgement's content, posts to the response URL, and
 * Slack's own words when there was no acknowledgement in time.
 */
import { checkBlocks } from './check-blocks.ts';
import type { Core } from './core.ts';
import type { Receipt } from './delivery.ts';
import { str } from './find.ts';
import type { Ephemeral, JsonObject } from './model.ts';
import type { ResponseChain } from './tickets.ts';
import { asBot } from './web-api/chat.ts';

export type ResponseOutcome = { readonly status: number; readonly body: string };

/** One POST to a response URL (docs.slack.dev/interactivity/handling-user-interaction). */
export function useResponseUrl(core: Core, id: string, body: JsonObject): ResponseOutcome {
  const chain = core.tickets.useChain(id);
  if (chain === undefined) return { status: 404, body: 'used_url' };
  return showAnswer(core, chain, body);
}

/** Shows an acknowledgement's content; an empty one shows nothing. */
export function showAck(core: Core, chain: ResponseChain, body: JsonObject): ResponseOutcome {
  const empty = str(body, 'text') === undefined && body.blocks === undefined && body.delete_original === undefined;
  return empty ? { status: 200, body: 'ok' } : showAnswer(core, chain, body);
}

function showAnswer(core: Core, chain: ResponseChain, body: JsonObject): ResponseOutcome {
  if (body.delete_original === true) return deleteOriginal(core, chain);
  const blocks = body.blocks === undefined ? undefined : checkBlocks(body.blocks, 'message', () => core.world.nextId('b'));
  if (blocks?.kind === 'refused') return { status: 400, body: blocks.error };
  const content = { text: str(body, 'text') ?? '', ...(blocks === undefined ? {} : { blocks: blocks.value }) };
  if (content.text === '' && content.blocks === undefined) return { status: 400, body: 'no_text' };
  if (body.replace_original === true && replaceOriginal(core, chain, content)) return { status: 200, body: 'ok' };
  if (str(body, 'response_type') === 'in_channel') postInChannel(core, chain, content, str(body, 'thread_ts'));
  else showEphemeral(core, chain, content, str(body, 'thread_ts') ?? chain.thread_ts);
  return { status: 200, body: 'ok' };
}

type Content = Pick<Ephemeral, 'text' | 'blocks'>;

function showEphemeral(core: Core, chain: ResponseChain, content: Content, thread: string | undefined): void {
  const where = { channel: chain.channel, user: chain.user, ...(thread === undefined ? {} : { thread_ts: thread }) };
  const id = core.world.nextId('E');
  chain.ephemeral = id;
  chain.shown.push(id);
  core.world.ephemeral({ id, ...where, ...content, from: 'app' });
}

function postInChannel(core: Core, chain: ResponseChain, content: Content, thread: string | undefined): void {
  core.world.post(chain.channel, { ...asBot(core), ...content, ...(thread === undefined ? {} : { thread_ts: thread }) });
}

/** False when this chain has nothing of its own to replace yet; then the answer is simply shown. */
function replaceOriginal(core: Core, chain: ResponseChain, content: Content): boolean {
  const old = core.world.ephemerals(chain.user).find((each) => each.id === chain.ephemeral);
  if (old !== undefined) {
    const { blocks: _old, ...kept } = old;
    core.world.replaceEphemeral({ ...kept, ...content });
    return true;
  }
  const message = core.world.all(chain.channel).find((each) => each.ts === chain.source);
  if (message === undefined) return false;
  const { blocks: _old, ...kept } = message;
  return core.world.replace(chain.channel, { ...kept, ...content });
}

function deleteOriginal(core: Core, chain: ResponseChain): ResponseOutcome {
  if (chain.ephemeral !== undefined) core.world.dismissEphemeral(chain.ephemeral);
  else if (chain.source !== undefined) core.world.remove(chain.channel, chain.source);
  return { status: 200, body: 'ok' };
}

/** Slack's own note to the person when the app failed to take what was sent; undefined when it was taken. */
export function failureNote(command: string, receipt: Receipt): string | undefined {
  switch (receipt.kind) {
    case 'acked':
      return undefined;
    case 'timeout':
      return `${command} failed with the error "operation_timeout": the app did not answer in time.`;
    case 'refused':
      return `${command} failed with the error "http_service_error" (status ${receipt.status}).`;
    case 'unreachable':
      return `${command} failed because the app did not respond. It is not connected.`;
  }
}
