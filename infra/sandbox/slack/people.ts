/**
 * A person at the keyboard: types commands, presses buttons, fills in forms, writes messages. Everything goes to the bot the way Slack
 * sends it; what comes back is what the person would see. Leaves payload fields to `payloads.ts` and visible answers to `answers.ts`.
 *
 * Invariant
 *  P1  a person can only press what stands in front of them: a control that the message does not have is a mistake of the test,
 *      unless it says `seen` (an outdated copy of the card) or `forge` (a hand-made payload)
 */
import { failureNote, showAck } from './answers.ts';
import type { Core } from './core.ts';
import type { Receipt } from './delivery.ts';
import type { Events } from './events.ts';
import { type Control, channelOf, controlsOf, userOf } from './find.ts';
import type { Channel, Ephemeral, JsonObject, Message, User } from './model.ts';
import { actionPayload, commandPayload, elementState, type Links, type Place } from './payloads.ts';
import type { ResponseChain } from './tickets.ts';
import { showMessage } from './web-api/method.ts';

/** What the person sees after a command or a click. `ephemeral` grows while answers come in. */
export interface Seen {
  readonly acked: boolean;
  readonly withinMs: number;
  readonly receipt: Receipt;
  readonly ephemeral: readonly Ephemeral[];
  /** Slack's own words when the app did not take it. */
  readonly failure?: string;
}

/** Changes a payload before it leaves, for forgeries. */
export type Forge = (payload: JsonObject) => JsonObject;

export interface CommandOrder {
  readonly channel: string;
  /** The whole line, such as `/ha help`. */
  readonly text: string;
  readonly forge?: Forge;
}

export interface ClickOrder {
  readonly channel: string;
  /** The message, or the ephemeral, that has the control. */
  readonly ts: string;
  /** Which control: by action_id, or by what stands on it. The block and the value narrow it down. */
  readonly actionId?: string;
  readonly label?: string | RegExp;
  readonly blockId?: string;
  readonly value?: string;
  /** For selects: the value of the chosen option. */
  readonly choose?: string;
  /** An earlier copy of the message, as a client shows that has not refreshed. */
  readonly seen?: Message;
  readonly forge?: Forge;
}

export interface SayOrder {
  readonly channel: string;
  readonly text: string;
  readonly thread_ts?: string;
  /** An app writes in the person's name, with a token of theirs. */
  readonly byApp?: boolean;
}

export class Person {
  readonly user: User;
  protected readonly core: Core;
  private readonly events: Events;

  constructor(core: Core, events: Events, idOrName: string) {
    this.core = core;
    this.events = events;
    this.user = userOf(core.world, idOrName);
  }

  /** Types a slash command; resolves when it is acknowledged or Slack's patience is over. */
  async command(order: CommandOrder): Promise<Seen> {
    const channel = channelOf(this.core.world, order.channel);
    const [command = '', ...rest] = order.text.trim().split(/ (.*)/s);
    const chain = this.core.tickets.openChain({ user: this.user.id, channel: channel.id });
    const payload = commandPayload(this.core.world, this.user, channel, command, (rest[0] ?? '').trim(), this.links(chain));
    const receipt = await this.core.delivery.deliver({ kind: 'slash_commands', payload: order.forge?.(payload) ?? payload, accepts: true });
    return this.see(command, receipt, chain);
  }

  /** Presses a button or chooses an option in a message. */
  async click(order: ClickOrder): Promise<Seen> {
    const channel = channelOf(this.core.world, order.channel);
    const ephemeral = this.core.world.ephemerals(this.user.id).find((each) => each.ts === order.ts || each.id === order.ts);
    const message = order.seen ?? this.core.world.message(channel.id, order.ts);
    const source = ephemeral ?? message;
    if (source === undefined) throw new Error(`${this.user.name} sees no message ${order.ts} in #${channel.name}`);
    const control = order.forge === undefined ? pick(controlsOf(source.blocks), order) : pickOrInvent(controlsOf(source.blocks), order);
    const thread = source.thread_ts === undefined ? {} : { thread_ts: source.thread_ts };
    const origin = ephemeral === undefined ? { source: order.ts } : { ephemeral: ephemeral.id };
    const chain = this.core.tickets.openChain({ user: this.user.id, channel: channel.id, ...thread, ...origin });
    const place: Place =
      ephemeral === undefined && message !== undefined
        ? { kind: 'message', channel, ts: order.ts, message: showMessage(message, true), ...thread }
        : { kind: 'ephemeral', channel, ts: order.ts, ...thread };
    const payload = actionPayload(this.core.world, this.user, place, this.actionOf(control, order.choose), this.links(chain));
    const receipt = await this.core.delivery.deliver({ kind: 'interactive', payload: order.forge?.(payload) ?? payload, accepts: false });
    return this.see('This action', receipt, chain);
  }

  private actionOf(control: Control, choose: string | undefined): JsonObject {
    return actionOf(control, choose, this.core.world.nextTs());
  }

  private links(chain: ResponseChain): Links {
    const { world, origin, tickets } = this.core;
    return { trigger: tickets.issueTrigger(this.user.id), responseUrl: `${origin}/commands/${world.team.id}/${chain.id}` };
  }

  private see(what: string, receipt: Receipt, chain: ResponseChain): Seen {
    if (receipt.kind === 'acked') showAck(this.core, chain, receipt.body);
    const failure = failureNote(what, receipt);
    if (failure !== undefined) this.tell(chain, failure);
    const { world } = this.core;
    const user = this.user.id;
    return {
      acked: receipt.kind === 'acked',
      withinMs: receipt.withinMs,
      receipt,
      get ephemeral() {
        return world.ephemerals(user).filter((each) => chain.shown.includes(each.id) && each.from === 'app');
      },
      ...(failure === undefined ? {} : { failure }),
    };
  }

  private tell(chain: ResponseChain, text: string): void {
    const thread = chain.thread_ts === undefined ? {} : { thread_ts: chain.thread_ts };
    this.core.world.ephemeral({ channel: chain.channel, user: this.user.id, text, from: 'slackbot', ...thread });
  }

  /** Writes a message, in the channel or in a thread; delivers the message event, and app_mention where the bot is named. */
  async say(order: SayOrder): Promise<Message> {
    const channel = channelOf(this.core.world, order.channel);
    const thread = order.thread_ts === undefined ? {} : { thread_ts: order.thread_ts };
    const app = order.byApp === true || this.user.is_bot ? { bot_id: 'B0OTHERAPP' } : {};
    const message = this.core.world.post(channel.id, { user: this.user.id, text: order.text, ...thread, ...app });
    await Promise.all([this.events.settled(), this.tellMention(channel, message)]);
    return message;
  }

  /** Edits a message; delivers message_changed, and app_mention with `edited` where the new text names the bot. */
  async edit(order: { readonly channel: string; readonly ts: string; readonly text: string }): Promise<Message> {
    const channel = channelOf(this.core.world, order.channel);
    const before = this.core.world.all(channel.id).find((each) => each.ts === order.ts && each.user === this.user.id);
    if (before === undefined) throw new Error(`${this.user.name} wrote no message ${order.ts} in #${channel.name}`);
    const message = { ...before, text: order.text, edited: { user: this.user.id, ts: this.core.world.nextTs() } };
    this.core.world.replace(channel.id, message);
    await Promise.all([this.events.settled(), this.tellMention(channel, message)]);
    return message;
  }

  /** Delivers app_mention about a message once more, unchanged and under another event id. */
  async resend(order: { readonly channel: string; readonly ts: string }): Promise<void> {
    const channel = channelOf(this.core.world, order.channel);
    const message = this.core.world.all(channel.id).find((each) => each.ts === order.ts);
    if (message === undefined) throw new Error(`there is no message ${order.ts} in #${channel.name}`);
    await this.tellMention(channel, message);
  }

  /** Slack sends it only to an app that may read mentions and is in the channel. */
  private async tellMention(channel: Channel, message: Message): Promise<void> {
    const { app } = this.core.world;
    const heard = this.core.settings.scopes.includes('app_mentions:read') && channel.members.includes(app.botUserId);
    if (!heard || !message.text.includes(`<@${app.botUserId}>`)) return;
    await this.events.send({ ...showMessage(message, false), type: 'app_mention', channel: channel.id });
  }

  /** Writes a message that begins with the bot's name. */
  mention(order: SayOrder): Promise<Message> {
    return this.say({ ...order, text: `<@${this.core.world.app.botUserId}> ${order.text}` });
  }
}

/** The entry in `actions` for this control. */
export function actionOf(control: Control, choose: string | undefined, actionTs: string): JsonObject {
  const base = { action_id: control.actionId, block_id: control.blockId, type: control.type, action_ts: actionTs };
  if (control.type !== 'button') return { ...base, ...elementState(control.element, choose) };
  return { ...base, text: control.element.text, value: control.value, style: control.style };
}

/** P1: exactly the control that was meant; with several alike, the first. */
export function pick(controls: readonly Control[], order: Pick<ClickOrder, 'actionId' | 'label' | 'blockId' | 'value'>): Control {
  const fits = (control: Control): boolean =>
    (order.actionId === undefined || control.actionId === order.actionId) &&
    (order.blockId === undefined || control.blockId === order.blockId) &&
    (order.value === undefined || control.value === order.value) &&
    (order.label === undefined || (typeof order.label === 'string' ? control.label === order.label : order.label.test(control.label)));
  const found = controls.find(fits);
  if (found !== undefined) return found;
  const there = controls.map((each) => `"${each.label}" (${each.actionId})`).join(', ');
  throw new Error(`there is no ${order.label ?? order.actionId ?? 'control'} to press here; there is: ${there || 'nothing to press'}`);
}

/** For forgeries: a button that nobody was shown. */
function pickOrInvent(controls: readonly Control[], order: ClickOrder): Control {
  const { actionId = '', blockId = '', value } = order;
  const real = controls.some((each) => order.actionId === undefined || each.actionId === actionId);
  const label = typeof order.label === 'string' ? order.label : actionId;
  const element = { type: 'button', text: { type: 'plain_text', text: label, emoji: true } };
  return real ? pick(controls, order) : { blockId, actionId, type: 'button', label, element, ...(value === undefined ? {} : { value }) };
}
