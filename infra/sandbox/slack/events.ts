/**
 * The Events API side: tells the bot what happens in channels where it is (its own doing included, as on Slack), if it is subscribed,
 * and repeats what was not acknowledged.
 * Retries: at once, after a minute, after five (docs.slack.dev/apis/events-api).
 */
import type { Core } from './core.ts';
import type { JsonObject } from './model.ts';
import { isBotIn, showMessage } from './web-api/method.ts';
import type { Said } from './world.ts';

export class Events {
  private readonly core: Core;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly underway = new Set<Promise<void>>();
  private closed = false;

  constructor(core: Core) {
    this.core = core;
    core.world.onSaid((said) => this.tell(said));
  }

  private tell(said: Said): void {
    const sent = this.aboutMessage(said.channel, eventOf(said, this.core.world.nextTs()));
    this.underway.add(sent);
    void sent.finally(() => this.underway.delete(sent));
  }

  /** Resolves when every event so far has had its first attempt. */
  async settled(): Promise<void> {
    await Promise.all(this.underway);
  }

  /** Delivers an event if the app is subscribed to its type; resolves after the first attempt. */
  async send(event: JsonObject): Promise<void> {
    if (this.closed || !this.core.settings.events.includes(String(event.type))) return;
    await this.attempt(this.envelope(event), 0);
  }

  private envelope(event: JsonObject): JsonObject {
    const { team, app } = this.core.world;
    return {
      token: 'sandbox-verification-token',
      team_id: team.id,
      api_app_id: app.id,
      type: 'event_callback',
      event_id: this.core.world.nextId('Ev'),
      event_time: Math.floor(this.core.now() / 1000),
      authorizations: [{ enterprise_id: null, team_id: team.id, user_id: app.botUserId, is_bot: true, is_enterprise_install: false }],
      is_ext_shared_channel: false,
      event: { ...event, event_ts: this.core.world.nextTs() },
    };
  }

  private async attempt(payload: JsonObject, number: number): Promise<void> {
    const retry = number === 0 ? {} : { retry: { attempt: number, reason: 'timeout' } };
    const receipt = await this.core.delivery.deliver({ kind: 'events_api', payload, accepts: false, ...retry });
    const wait = this.core.settings.eventRetryMs[number];
    if (receipt.kind === 'acked' || wait === undefined || this.closed) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.attempt(payload, number + 1);
    }, wait);
    this.timers.add(timer);
  }

  private async aboutMessage(channelId: string, event: JsonObject): Promise<void> {
    const channel = this.core.world.channels.get(channelId);
    if (channel === undefined || !isBotIn(this.core.world, channel)) return;
    const type = channel.is_im ? 'im' : channel.is_private ? 'group' : 'channel';
    await this.send({ channel: channelId, channel_type: type, ...event });
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
  }
}

function eventOf(said: Said, ts: string): JsonObject {
  switch (said.kind) {
    case 'posted':
      return { ...showMessage(said.message, true) };
    case 'changed': {
      const both = { message: showMessage(said.message, true), previous_message: showMessage(said.before, true) };
      return { type: 'message', subtype: 'message_changed', hidden: true, ts, ...both };
    }
    case 'deleted': {
      const before = { deleted_ts: said.before.ts, previous_message: showMessage(said.before, true) };
      return { type: 'message', subtype: 'message_deleted', hidden: true, ts, ...before };
    }
  }
}
