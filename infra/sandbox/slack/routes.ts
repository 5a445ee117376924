/** The addresses that the bot uses: the Web API, response URLs, uploads. The page's own are in `page-routes.ts`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { useResponseUrl } from './answers.ts';
import type { Core } from './core.ts';
import { parseJson, readBody, sendJson, sendText } from './http.ts';
import { jsonObjectSchema } from './model.ts';
import { answerCall, type Reply } from './web-api/answer.ts';
import { readArgs } from './web-api/args.ts';

/** False when the address is none of the bot's. */
export async function botRoute(core: Core, url: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const [, room = '', ...rest] = url.pathname.split('/');
  switch (room) {
    case 'api':
      await api(core, rest.join('/'), url, request, response);
      return true;
    case 'commands':
      await responseUrl(core, rest.at(-1) ?? '', request, response);
      return true;
    case 'upload':
      await upload(core, rest[0] ?? '', request, response);
      return true;
    default:
      return false;
  }
}

async function api(core: Core, method: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const args = await readArgs(url.searchParams, request.headers['content-type'] ?? '', await readBody(request));
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  give(response, await answerCall(core, method, args, bearer ?? args.text('token')));
}

function give(response: ServerResponse, reply: Reply): void {
  switch (reply.kind) {
    case 'answer':
      sendJson(response, reply.status, reply.body, reply.headers);
      return;
    case 'drop':
      response.destroy();
      return;
    case 'hang':
      return;
  }
}

async function responseUrl(core: Core, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parsed = jsonObjectSchema.safeParse(parseJson((await readBody(request)).toString('utf8')));
  if (!parsed.success) return sendText(response, 400, 'invalid_payload');
  const outcome = useResponseUrl(core, id, parsed.data);
  sendText(response, outcome.status, outcome.body);
}

async function upload(core: Core, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const file = core.world.files.get(id);
  if (file === undefined || file.content !== undefined) return sendText(response, 404, 'no such upload');
  core.world.files.set(id, { ...file, content: await contentOf(body, request.headers['content-type'] ?? '') });
  sendText(response, 200, `OK - ${file.size}`);
}

/** The bytes as such, or the one file of a multipart form. */
async function contentOf(body: Buffer, contentType: string): Promise<Buffer> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  const file = [...form.values()].find((each) => typeof each !== 'string');
  return file === undefined ? body : Buffer.from(await file.arrayBuffer());
}
