/** views.*: modals that need a fresh trigger, their updates, and the Home view. */
import { checkView } from '../check-blocks.ts';
import type { Core } from '../core.ts';
import { str } from '../find.ts';
import type { JsonObject, OpenView } from '../model.ts';
import { showView } from '../show-view.ts';
import type { Args } from './args.ts';
import { type Found, found, type Method, refusal, refuse } from './method.ts';

/** Modals that one person may have stacked (docs.slack.dev/surfaces/modals). */
const MAX_STACK = 3;

function readView(core: Core, args: Args): Found<JsonObject> {
  const checked = checkView(args.json('view'), () => core.world.nextId('b'));
  return checked.kind === 'ok' ? found(checked.value) : refusal(checked.error, { response_metadata: { messages: [...checked.messages] } });
}

export function newView(core: Core, user: string, view: JsonObject, below?: OpenView): OpenView {
  const id = core.world.nextId('V');
  const under = below === undefined ? { root: id } : { root: below.root, previous: below.id };
  return { id, user, view, hash: newHash(core), ...under };
}

function newHash(core: Core): string {
  return `${Math.floor(core.now() / 1000)}.${core.world.nextId('h')}`;
}

/** Puts other content into an open view; its hash changes, so a late update based on the old content is refused. */
export function changeView(core: Core, open: OpenView, view: JsonObject): OpenView {
  const changed = { ...open, view, hash: newHash(core) };
  core.world.showView(changed);
  return changed;
}

const open: Method = {
  run(core, args) {
    const view = readView(core, args);
    if (view.kind === 'refused') return view.answer;
    const trigger = core.tickets.exchangeTrigger(args.text('trigger_id'));
    if (trigger.kind === 'refused') return refuse(trigger.error);
    const opened = newView(core, trigger.user, view.value);
    core.world.closeViews(
      trigger.user,
      core.world.openViews(trigger.user).map((each) => each.id),
    );
    core.world.showView(opened);
    return { ok: true, view: showView(core.world, opened) };
  },
};

const push: Method = {
  run(core, args) {
    const view = readView(core, args);
    if (view.kind === 'refused') return view.answer;
    const trigger = core.tickets.exchangeTrigger(args.text('trigger_id'));
    if (trigger.kind === 'refused') return refuse(trigger.error);
    const stack = core.world.openViews(trigger.user);
    const below = stack.at(-1);
    if (trigger.view === undefined || below === undefined) return refuse('not_found');
    if (stack.length >= MAX_STACK) return refuse('push_limit_reached');
    const opened = newView(core, trigger.user, view.value, below);
    core.world.showView(opened);
    return { ok: true, view: showView(core.world, opened) };
  },
};

function target(core: Core, args: Args): OpenView | undefined {
  if (args.has('view_id')) return core.world.view(args.text('view_id'));
  const everyone = [...core.world.users.keys()].flatMap((user) => core.world.openViews(user));
  return args.has('external_id') ? everyone.find((each) => str(each.view, 'external_id') === args.text('external_id')) : undefined;
}

const update: Method = {
  run(core, args) {
    const view = readView(core, args);
    if (view.kind === 'refused') return view.answer;
    const before = target(core, args);
    if (before === undefined) return refuse('not_found');
    if (args.has('hash') && args.text('hash') !== before.hash) return refuse('hash_conflict');
    return { ok: true, view: showView(core.world, changeView(core, before, view.value)) };
  },
};

const publish: Method = {
  run(core, args) {
    const view = readView(core, args);
    if (view.kind === 'refused') return view.answer;
    if (view.value.type !== 'home') return refuse('invalid_arguments');
    const user = core.world.users.get(args.text('user_id'));
    if (user === undefined) return refuse('user_not_found');
    const before = core.world.home(user.id);
    if (args.has('hash') && before !== undefined && args.text('hash') !== before.hash) return refuse('hash_conflict');
    const home = before === undefined ? newView(core, user.id, view.value) : { ...before, view: view.value, hash: newHash(core) };
    core.world.publishHome(home);
    return { ok: true, view: showView(core.world, home) };
  },
};

export const VIEWS: Readonly<Record<string, Method>> = {
  'views.open': open,
  'views.push': push,
  'views.update': update,
  'views.publish': publish,
};
