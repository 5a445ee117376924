/** A view as Slack hands it out: the app's own fields with ids, state and the place in the stack. */
import type { JsonObject, OpenView } from './model.ts';
import type { World } from './world.ts';

export function showView(world: World, open: OpenView, values: JsonObject = {}): JsonObject {
  const { view } = open;
  const frame = {
    title: null,
    close: null,
    submit: null,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
  };
  return {
    ...frame,
    ...view,
    id: open.id,
    team_id: world.team.id,
    app_id: world.app.id,
    app_installed_team_id: world.team.id,
    bot_id: world.app.botId,
    hash: open.hash,
    root_view_id: open.root,
    previous_view_id: open.previous ?? null,
    state: { values },
  };
}
