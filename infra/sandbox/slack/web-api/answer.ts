/**
 * One Web API call from arguments to answer: faults on order, token, scopes, rate, the method itself, the log.
 *
 * Invariants
 *  A1  a refused or rate-limited call has no effect
 *  A2  the call is in the log, and its hooks have run, before anything is sent back
 */
import type { Core } from '../core.ts';
import type { Fault } from '../faults.ts';
import type { JsonObject } from '../model.ts';
import type { Args } from './args.ts';
import { CHAT } from './chat.ts';
import { CONVERSATIONS } from './conversations.ts';
import { FILES } from './files.ts';
import { type Method, refuse } from './method.ts';
import { PEOPLE } from './people.ts';
import { VIEWS } from './views.ts';

const METHODS: Readonly<Record<string, Method>> = { ...CHAT, ...CONVERSATIONS, ...FILES, ...PEOPLE, ...VIEWS };

/** What goes back over the connection: an answer, nothing ever, or a cut line. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject }
  | { readonly kind: 'hang' }
  | { readonly kind: 'drop' };

export async function answerCall(core: Core, name: string, args: Args, token: string): Promise<Reply> {
  const { token: _secret, ...logged } = args.raw;
  const fault = core.faults.take(name, logged);
  const reply = before(fault) ?? process(core, name, args, token);
  const { body, status } = reply.kind === 'answer' ? reply : { body: refuse(reply.kind), status: 0 };
  await core.calls.record({ method: name, args: logged, at: core.now(), answer: body, status });
  core.world.announce({ kind: 'call', method: name });
  return after(fault, reply);
}

/** The faults that keep the call from taking effect. */
function before(fault: Fault | undefined): Reply | undefined {
  if (fault === undefined) return undefined;
  if ('error' in fault) return json(refuse(fault.error));
  if ('status' in fault) return json(refuse(`status_${fault.status}`), fault.status);
  if ('rateLimited' in fault) return rateLimited(fault.rateLimited);
  if ('hang' in fault) return { kind: 'hang' };
  return 'dropBeforeProcessing' in fault ? { kind: 'drop' } : undefined;
}

/** The faults that keep the answer from arriving. */
function after(fault: Fault | undefined, reply: Reply): Reply {
  if (fault !== undefined && 'dropReplyAfterProcessing' in fault) return { kind: 'drop' };
  return fault !== undefined && 'hangAfterProcessing' in fault ? { kind: 'hang' } : reply;
}

function process(core: Core, name: string, args: Args, token: string): Reply {
  const method = METHODS[name];
  if (method === undefined) return json(refuse('unknown_method', { req_method: name }));
  const denied = denial(core, method, token);
  if (denied !== undefined) return json(denied);
  const wait = core.limiter.take(name, args.text('channel'));
  return wait > 0 ? rateLimited(wait) : json(method.run(core, args), 200, core.settings.scopes);
}

function denial(core: Core, method: Method, token: string): JsonObject | undefined {
  const { botToken, appToken, scopes } = core.settings;
  if (method.token === 'none') return undefined;
  if (token === '') return refuse('not_authed');
  if (token !== botToken && token !== appToken) return refuse('invalid_auth');
  if (token !== (method.token === 'app' ? appToken : botToken)) return refuse('not_allowed_token_type');
  const missing = method.scopes !== undefined && !method.scopes.some((scope) => scopes.includes(scope));
  return missing ? refuse('missing_scope', { needed: method.scopes.join(','), provided: scopes.join(',') }) : undefined;
}

function json(body: JsonObject, status = 200, scopes: readonly string[] = []): Reply {
  return { kind: 'answer', status, body, headers: scopes.length === 0 ? {} : { 'x-oauth-scopes': scopes.join(',') } };
}

function rateLimited(seconds: number): Reply {
  return { kind: 'answer', status: 429, headers: { 'retry-after': String(seconds) }, body: refuse('ratelimited') };
}
