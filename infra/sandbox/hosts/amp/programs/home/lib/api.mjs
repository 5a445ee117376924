/**
 * The part of Brooklyn's REST interface that is about high availability.
 *
 * @import { IncomingMessage, ServerResponse } from 'node:http'
 * @import { HaNode } from './node.mjs'
 * @import { Sandbox } from './sandbox.mjs'
 * @import { Settings } from './settings.mjs'
 * @typedef {{ status: number, body?: unknown, headers?: Record<string, string>, words?: string }} Answer `words`: for the log.
 * @typedef {{ node: HaNode, settings: Settings, sandbox: Sandbox }} Parts
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MODES } from './plane.mjs';

const LONGEST_BODY = 16_384;
const HEADER = 'brooklyn-allow-non-master-access';

/** @type {Record<string, Record<string, (parts: Parts, form: URLSearchParams) => Answer>>} */
const ROUTES = {
  '/v1/server/ha/state': {
    GET: ({ node }) => ({ status: 200, body: node.state() }),
    POST: changeMode,
  },
  '/v1/server/ha/states': { GET: ({ node }) => ({ status: 200, body: node.summary() }) },
  '/v1/server/ha/priority': {
    GET: ({ node }) => ({ status: 200, body: node.priority() }),
    POST: setPriority,
  },
  '/v1/server/ha/states/clear': { POST: (parts) => clear(parts, undefined) },
  '/v1/server/ha/states/clear/node': { POST: clearNode },
};

/** @param {Parts} parts */
export function createApi(parts) {
  return (/** @type {IncomingMessage} */ request, /** @type {ServerResponse} */ response) => {
    // A client that goes away in the middle is nobody's trouble but its own.
    respond(request, response, parts).catch(() => response.destroy());
  };
}

/** @param {IncomingMessage} request @param {ServerResponse} response @param {Parts} parts */
async function respond(request, response, parts) {
  const slow = Number(parts.sandbox.fault('slow') ?? 0);
  if (slow > 0) await pause(slow);
  const form = await readForm(request);
  const answer = form === undefined ? problem(413, 'The body is too long.') : answerTo(request, form, parts);
  if (request.method !== 'GET') parts.sandbox.note(`${request.method} ${request.url} ${form ?? '…'}: ${answer.status}${said(answer)}`);
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...answer.headers });
  response.end(text);
}

/** @param {Answer} answer */
function said({ words }) {
  return words === undefined ? '' : `, ${words}`;
}

/** @param {IncomingMessage} request @param {URLSearchParams} form @param {Parts} parts @returns {Answer} */
function answerTo(request, form, parts) {
  const { node, sandbox } = parts;
  if (!isAllowed(request.headers.authorization, parts))
    return { ...problem(401, 'Authentication is needed.'), headers: { 'WWW-Authenticate': 'Basic realm="webconsole"' } };
  const [path = ''] = (request.url ?? '').split('?');
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) return problem(404, `There is nothing at ${path}.`);
  const method = request.method ?? '';
  const handle = Object.hasOwn(route, method) ? route[method] : undefined;
  if (handle === undefined)
    return { ...problem(405, `Only ${Object.keys(route).join(' and ')} here.`), headers: { Allow: Object.keys(route).join(', ') } };
  if (method === 'POST' && node.state() !== 'MASTER' && !/^true$/i.test(String(request.headers[HEADER]))) {
    sandbox.violation(`POST ${path} to a server that is ${node.state()}, without the header Brooklyn-Allow-Non-Master-Access`, 403);
    return problem(403, 'Only the master takes this request; the header Brooklyn-Allow-Non-Master-Access: true insists.');
  }
  if (method === 'POST' && node.state() === 'INITIALIZING') return problem(503, 'The server is still starting.');
  try {
    return handle(parts, form);
  } catch (error) {
    return problem(500, error instanceof Error ? error.message : String(error));
  }
}

/** @param {string | undefined} header @param {Parts} parts */
function isAllowed(header, { settings: { user, password }, sandbox }) {
  if (sandbox.fault('wrong-password') !== undefined) return false;
  return header === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** @param {Parts} parts @param {URLSearchParams} form @returns {Answer} */
function changeMode({ node }, form) {
  const mode = MODES.find((known) => known === form.get('mode'));
  if (mode === undefined) return problem(400, `mode must be one of ${MODES.join(', ')}.`);
  const change = node.changeMode(mode);
  if (change.kind === 'refused') return problem(400, `Refused: ${change.message}.`);
  return { status: 200, body: change.before, words: `was ${change.before}, is ${node.state()}` };
}

/** @param {Parts} parts @param {URLSearchParams} form @returns {Answer} */
function setPriority({ node }, form) {
  const text = form.get('priority') ?? '';
  if (!/^-?\d{1,9}$/.test(text)) return problem(400, 'priority must be a whole number.');
  const before = node.setPriority(Number(text));
  return { status: 200, body: before, words: `was ${before}` };
}

/** @param {Parts} parts @param {URLSearchParams} form @returns {Answer} */
function clearNode(parts, form) {
  const nodeId = form.get('nodeId') ?? '';
  return nodeId === '' ? problem(400, 'nodeId is missing.') : clear(parts, nodeId);
}

/** @param {Parts} parts @param {string | undefined} only @returns {Answer} */
function clear({ node, sandbox, settings }, only) {
  if (node.state() !== 'MASTER') {
    sandbox.violation(`nodes are cleared on a server that is ${node.state()}; only the master does that`, 403);
    if (settings.onViolation === 'refuse') return problem(403, 'Only the master clears nodes.');
  }
  const removed = node.clear(only);
  return { status: 200, words: removed.length === 0 ? 'nothing to remove' : `removed ${removed.join(', ')}` };
}

/** As Brooklyn's errors look. @param {number} status @param {string} message @returns {Answer} */
function problem(status, message) {
  return { status, body: { message, error: status } };
}

/** Undefined where it is too long. @param {IncomingMessage} request */
async function readForm(request) {
  /** @type {Buffer[]} */
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  if (length > LONGEST_BODY) return undefined;
  const isForm = String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded');
  return new URLSearchParams(isForm ? Buffer.concat(chunks).toString() : '');
}
