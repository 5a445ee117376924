/**
 * The page and the addresses under /sandbox/ that it uses: what one person sees, live changes, and what that person does.
 *
 * Invariants
 *  G1  only the page itself may act: the request is JSON and comes from this very origin, so no other site in the same browser can
 *  G2  a person is sent only what that person may see
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Core } from './core.ts';
import { userOf } from './find.ts';
import { parseJson, readBody, sendJson, sendText } from './http.ts';
import type { Json } from './model.ts';
import { perform } from './page-actions.ts';
import { servePage } from './page-files.ts';
import { changeFor, stateFor } from './page-state.ts';
import type { SandboxSlack } from './sandbox.ts';

/** False when the address is none of the page's. */
export async function pageRoute(
  slack: SandboxSlack,
  core: Core,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, room = '', name = ''] = url.pathname.split('/');
  if (room === 'files') return sendFile(core, name, response);
  if (room !== 'sandbox') return servePage(url.pathname, response);
  if (!sameOrigin(core, request)) sendText(response, 403, 'Only the sandbox page may use this address.');
  else if (request.method === 'POST') await act(slack, name, request, response);
  else if (name === 'stream') stream(core, url.searchParams.get('as') ?? '', request, response);
  else if (name === 'state') sendJson(response, 200, stateFor(core, userOf(core.world, url.searchParams.get('as') ?? '').id));
  else return false;
  return true;
}

/** G1. Programs on this machine send no Origin; a browser always does when it matters. */
function sameOrigin(core: Core, request: IncomingMessage): boolean {
  const own = new URL(core.origin);
  const hosts = [own.host, `localhost:${own.port}`];
  const { origin, host = '' } = request.headers;
  const isJson = request.method !== 'POST' || request.headers['content-type']?.startsWith('application/json') === true;
  return isJson && hosts.includes(host) && (origin === undefined || hosts.some((each) => origin === `http://${each}`));
}

async function act(slack: SandboxSlack, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = parseJson((await readBody(request)).toString('utf8'));
  try {
    sendJson(response, 200, { ok: true, result: (await perform(slack, name, body)) ?? null });
  } catch (error) {
    sendJson(response, 400, { ok: false, error: wording(error) });
  }
}

function wording(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}

/** Server-sent events: one JSON change each. */
function stream(core: Core, as: string, request: IncomingMessage, response: ServerResponse): void {
  const me = userOf(core.world, as).id;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (change: Json): boolean => response.write(`data: ${JSON.stringify(change)}\n\n`);
  send({ kind: 'open', connections: core.sockets.connections });
  const stop = core.world.onChange((change) => {
    const seen = changeFor(core, me, change);
    if (seen !== undefined) send(seen);
  });
  request.on('close', stop);
}

/** Foreign content: always plain text, never run. */
function sendFile(core: Core, id: string, response: ServerResponse): boolean {
  const content = core.world.files.get(id)?.content;
  if (content === undefined) return false;
  sendText(response, 200, content.toString('utf8'));
  return true;
}
