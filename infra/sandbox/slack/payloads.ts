/** Slack's payloads, field by field: slash command, block_actions, view_submission, view_closed. Pure. */
import { controlsOf, list, str } from './find.ts';
import type { Channel, Json, JsonObject, OpenView, User } from './model.ts';
import { showView } from './show-view.ts';
import type { World } from './world.ts';

/** Deprecated by Slack and still sent; no app should look at it. */
const VERIFICATION_TOKEN = 'sandbox-verification-token';

export interface Links {
  readonly trigger: string;
  readonly responseUrl: string;
}

export function commandPayload(world: World, user: User, channel: Channel, command: string, text: string, links: Links): JsonObject {
  return {
    token: VERIFICATION_TOKEN,
    team_id: world.team.id,
    team_domain: world.team.domain,
    channel_id: channel.id,
    channel_name: channel.is_im ? 'directmessage' : channel.is_private ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.app.id,
    is_enterprise_install: 'false',
    response_url: links.responseUrl,
    trigger_id: links.trigger,
  };
}

function envelopeOf(world: World, user: User, type: string): JsonObject {
  return {
    type,
    user: { id: user.id, username: user.name, name: user.name, team_id: user.team_id },
    api_app_id: world.app.id,
    token: VERIFICATION_TOKEN,
    team: { id: world.team.id, domain: world.team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** Where a button stands: in a message, in something ephemeral, or in a modal. */
export type Place =
  | { readonly kind: 'message'; readonly channel: Channel; readonly ts: string; readonly thread_ts?: string; readonly message: JsonObject }
  | { readonly kind: 'ephemeral'; readonly channel: Channel; readonly ts: string; readonly thread_ts?: string }
  | { readonly kind: 'view'; readonly view: OpenView; readonly values: JsonObject };

export function actionPayload(world: World, user: User, place: Place, action: JsonObject, links: Links): JsonObject {
  const base = { ...envelopeOf(world, user, 'block_actions'), trigger_id: links.trigger, actions: [action] };
  if (place.kind === 'view') {
    return { ...base, container: { type: 'view', view_id: place.view.id }, view: showView(world, place.view, place.values) };
  }
  const thread = place.thread_ts === undefined ? {} : { thread_ts: place.thread_ts };
  const container = {
    type: 'message',
    message_ts: place.ts,
    channel_id: place.channel.id,
    is_ephemeral: place.kind === 'ephemeral',
    ...thread,
  };
  const channel = { id: place.channel.id, name: place.channel.is_private ? 'privategroup' : place.channel.name };
  const message = place.kind === 'message' ? { message: place.message } : {};
  return { ...base, container, channel, ...message, state: { values: {} }, response_url: links.responseUrl };
}

export function submissionPayload(world: World, user: User, view: OpenView, values: JsonObject, trigger: string): JsonObject {
  return { ...envelopeOf(world, user, 'view_submission'), trigger_id: trigger, view: showView(world, view, values), response_urls: [] };
}

export function closedPayload(world: World, user: User, view: OpenView, cleared: boolean): JsonObject {
  return { ...envelopeOf(world, user, 'view_closed'), view: showView(world, view), is_cleared: cleared };
}

/** What a person typed or chose, by action_id or block_id. A list is for checkboxes. */
export type Filled = Readonly<Record<string, string | readonly string[]>>;

/** `state.values` of a view: what was filled in over what the app set as initial. */
export function stateValues(view: JsonObject, filled: Filled): JsonObject {
  const values: Record<string, Record<string, Json>> = {};
  const inputs = list(view.blocks).flatMap((block) => controlsOf([asObject(block)]));
  for (const each of inputs.filter((one) => one.type !== 'button')) {
    const given = filled[each.actionId] ?? filled[each.blockId];
    values[each.blockId] = { ...values[each.blockId], [each.actionId]: { type: each.type, ...elementState(each.element, given) } };
  }
  return values;
}

function asObject(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

/** The state of one element; a chosen option is named by its value. */
export function elementState(element: JsonObject, given: string | readonly string[] | undefined): JsonObject {
  const chosen = given === undefined ? undefined : [given].flat();
  const options = list(element.options).filter((option) => chosen?.includes(str(option, 'value') ?? ''));
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
    case 'overflow':
      return { selected_option: options[0] ?? (chosen === undefined ? (element.initial_option ?? null) : null) };
    case 'checkboxes':
      return { selected_options: chosen === undefined ? list(element.initial_options) : options };
    case 'datepicker':
      return { selected_date: chosen?.[0] ?? element.initial_date ?? null };
    case 'users_select':
      return { selected_user: chosen?.[0] ?? element.initial_user ?? null };
    default:
      // Slack's word for an empty field of text is null.
      return { value: (chosen === undefined ? element.initial_value : chosen[0]) || null };
  }
}
