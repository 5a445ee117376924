/** What can be done over HTTP: the same things that a test does through `SandboxSlack`, one schema each. */
import { z } from 'zod';
import type { Json, JsonObject } from './model.ts';
import type { Seen } from './people.ts';
import type { SandboxSlack } from './sandbox.ts';

const who = { as: z.string() };
const where = { channel: z.string() };
const filled = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const control = {
  actionId: z.string().optional(),
  blockId: z.string().optional(),
  label: z.string().optional(),
  value: z.string().optional(),
  choose: z.string().optional(),
};

type Action = (slack: SandboxSlack, body: unknown) => Promise<Json | undefined>;

function action<T extends z.ZodType>(schema: T, run: (slack: SandboxSlack, order: z.output<T>) => Promise<Json | undefined>): Action {
  return async (slack, body) => run(slack, schema.parse(body));
}

function seenAs(seen: Seen): JsonObject {
  return { acked: seen.acked, withinMs: seen.withinMs, ...(seen.failure === undefined ? {} : { failure: seen.failure }) };
}

const ACTIONS: Readonly<Record<string, Action>> = {
  command: action(z.object({ ...who, ...where, text: z.string() }), async (slack, { as, ...order }) =>
    seenAs(await slack.person(as).command(order)),
  ),
  click: action(z.object({ ...who, ...where, ts: z.string(), ...control }), async (slack, { as, ...order }) =>
    seenAs(await slack.person(as).click(order)),
  ),
  say: action(
    z.object({ ...who, ...where, text: z.string().min(1), thread_ts: z.string().optional() }),
    async (slack, { as, thread_ts, ...order }) => {
      const message = await slack.person(as).say({ ...order, ...(thread_ts === undefined ? {} : { thread_ts }) });
      return { ts: message.ts };
    },
  ),
  submit: action(z.object({ ...who, viewId: z.string(), values: filled }), async (slack, { as, ...order }) => {
    const outcome = await slack.person(as).submitView(order);
    return outcome.kind === 'errors' ? { kind: outcome.kind, errors: outcome.errors } : { kind: outcome.kind };
  }),
  press: action(z.object({ ...who, ...control, values: filled.optional() }), async (slack, { as, ...order }) => {
    const receipt = await slack.person(as).pressInView(order);
    return { kind: receipt.kind };
  }),
  'close-view': action(z.object({ ...who, viewId: z.string() }), async (slack, { as, viewId }) => {
    await slack.person(as).closeView(viewId);
    return undefined;
  }),
  dismiss: action(z.object({ ...who, id: z.string() }), async (slack, { as, id }) => {
    const own = slack.ephemerals(as).some((each) => each.id === id);
    if (own) slack.world.dismissEphemeral(id);
    return undefined;
  }),
  'drop-connections': action(
    z.object({ how: z.enum(['abrupt', 'refresh_requested', 'warning', 'link_disabled']), count: z.number().optional() }),
    async (slack, order) => {
      slack.dropConnections(order.how, order.count);
      return undefined;
    },
  ),
  'duplicate-next': action(z.object({}), async (slack) => {
    slack.duplicateNext();
    return undefined;
  }),
};

/** Carries out what the page asks for; rejects with a sentence when it cannot be done. */
export async function perform(slack: SandboxSlack, name: string, body: unknown): Promise<Json | undefined> {
  const run = ACTIONS[name];
  if (run === undefined) throw new Error(`there is no action "${name}"; there are: ${Object.keys(ACTIONS).join(', ')}`);
  return run(slack, body);
}
