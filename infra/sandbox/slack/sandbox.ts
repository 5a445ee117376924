/** What a test or the demo holds in its hand: addresses, tokens, people, readings, troubles. */
import type { Call, CallHook } from './calls.ts';
import type { Core } from './core.ts';
import type { Receipt } from './delivery.ts';
import type { Events } from './events.ts';
import type { Fault } from './faults.ts';
import { channelOf, userOf } from './find.ts';
import { HttpDelivery, type RawRequest } from './http-delivery.ts';
import { Modals, type SubmitOrder, type Submitted } from './modals.ts';
import type { Channel, Ephemeral, Message, OpenView, User, Usergroup } from './model.ts';
import { Person } from './people.ts';
import type { DropHow } from './socket-mode.ts';
import { dump, type WaitOptions, waitFor } from './wait.ts';
import { showUser } from './web-api/people.ts';
import type { World } from './world.ts';

/** A person with everything that they can do. */
export interface Actor {
  readonly user: User;
  readonly command: Person['command'];
  readonly click: Person['click'];
  readonly say: Person['say'];
  readonly edit: Person['edit'];
  readonly resend: Person['resend'];
  readonly mention: Person['mention'];
  submitView(order: SubmitOrder): Promise<Submitted>;
  closeView(viewId?: string): Promise<void>;
  readonly pressInView: Modals['press'];
}

/** A channel as a test reads it, and what others than the bot can do to it. */
export interface ChannelView {
  readonly channel: Channel;
  /** The timeline without replies, oldest first. */
  messages(): readonly Message[];
  /** The parent and its replies, oldest first. */
  thread(ts: string): readonly Message[];
  /** Everything, replies included, in the order of posting. */
  all(): readonly Message[];
  message(ts: string): Message | undefined;
  /** As an administrator would: the bot hears of it by event. */
  deleteMessage(ts: string): Promise<void>;
  editMessage(ts: string, patch: Partial<Message>): Promise<void>;
}

export class SandboxSlack {
  /** API root for SLACK_API_URL, ends in /api/. */
  readonly url: string;
  readonly pageUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly world: World;
  private readonly core: Core;
  private readonly events: Events;
  private readonly shut: () => Promise<void>;

  constructor(core: Core, events: Events, shut: () => Promise<void>) {
    this.url = `${core.origin}/api/`;
    this.pageUrl = `${core.origin}/`;
    this.botToken = core.settings.botToken;
    this.appToken = core.settings.appToken;
    this.signingSecret = core.settings.signingSecret;
    this.world = core.world;
    this.core = core;
    this.events = events;
    this.shut = shut;
  }

  /** The environment that points an unmodified bot at this workspace in Socket Mode. */
  get env(): Readonly<Record<'SLACK_API_URL' | 'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN', string>> {
    return { SLACK_API_URL: this.url, SLACK_BOT_TOKEN: this.botToken, SLACK_APP_TOKEN: this.appToken };
  }

  person(idOrName: string): Actor {
    const person = new Person(this.core, this.events, idOrName);
    const modals = new Modals(this.core, idOrName);
    return {
      user: person.user,
      command: (order) => person.command(order),
      click: (order) => person.click(order),
      say: (order) => person.say(order),
      edit: (order) => person.edit(order),
      resend: (order) => person.resend(order),
      mention: (order) => person.mention(order),
      submitView: (order) => modals.submit(order),
      closeView: (viewId) => modals.close(viewId),
      pressInView: (order) => modals.press(order),
    };
  }

  channel(idOrName: string): ChannelView {
    const { world } = this;
    const channel = channelOf(world, idOrName);
    return {
      channel,
      messages: () => world.timeline(channel.id),
      thread: (ts) => world.thread(channel.id, ts),
      all: () => world.all(channel.id),
      message: (ts) => world.message(channel.id, ts),
      deleteMessage: (ts) => this.deleteMessage(channel.id, ts),
      editMessage: (ts, patch) => this.editMessage(channel.id, ts, patch),
    };
  }

  private async deleteMessage(channel: string, ts: string): Promise<void> {
    if (this.world.remove(channel, ts) === undefined) throw new Error(`no message ${ts} in ${channel}`);
    await this.events.settled();
  }

  private async editMessage(channel: string, ts: string, patch: Partial<Message>): Promise<void> {
    const before = this.world.all(channel).find((each) => each.ts === ts);
    if (before === undefined) throw new Error(`no message ${ts} in ${channel}`);
    this.world.replace(channel, { ...before, ...patch, ts });
    await this.events.settled();
  }

  ephemerals(person: string): readonly Ephemeral[] {
    return this.world.ephemerals(userOf(this.world, person).id);
  }

  openViews(person: string): readonly OpenView[] {
    return this.world.openViews(userOf(this.world, person).id);
  }

  /** Resolves with the first value that is neither undefined nor false; looked at again after every change. */
  waitFor<T>(look: (slack: SandboxSlack) => T | undefined | false, options?: WaitOptions): Promise<T> {
    return waitFor(this.world, () => look(this), options);
  }

  /** Makes every `waitFor` look again; for conditions on what the bot under test did by itself. */
  lookAgain(): void {
    this.world.announce({ kind: 'nudge' });
  }

  /** Resolves when so many Socket Mode connections are open. */
  waitForConnections(count: number, timeoutMs = 10_000): Promise<number> {
    return this.waitFor(() => (this.connections >= count ? this.connections : undefined), { timeoutMs, what: `${count} connections` });
  }

  /** Every conversation as text, for failures. */
  dump(): string {
    return dump(this.world);
  }

  get connections(): number {
    return this.core.sockets.connections;
  }

  /** Every Web API call so far, oldest first. */
  get calls(): readonly Call[] {
    return this.core.calls.log;
  }

  callsOf(method: string): readonly Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Runs after a call took effect and before its answer leaves; returns the way to remove it. */
  onCall(method: string, hook: CallHook): () => void {
    return this.core.calls.on(method, hook);
  }

  fail(method: string, fault: Fault): void {
    this.core.faults.add(method, fault);
  }

  heal(method?: string): void {
    this.core.faults.clear(method);
  }

  dropConnections(how: DropHow = 'abrupt', count?: number): void {
    this.core.sockets.drop(how, count);
  }

  /** The next payload is delivered twice, to two connections where there are two. */
  duplicateNext(): void {
    this.core.delivery.duplicateNext();
  }

  /** Changes a member; the bot hears of it by user_change. */
  async setUser(idOrName: string, patch: Partial<User>): Promise<void> {
    const user = { ...userOf(this.world, idOrName), ...patch };
    this.world.users.set(user.id, user);
    this.world.announce({ kind: 'members' });
    await this.events.send({ type: 'user_change', user: showUser(user) });
  }

  /** Changes a channel; the bot hears of people who left it. */
  async setChannel(idOrName: string, patch: Partial<Channel>): Promise<void> {
    const before = channelOf(this.world, idOrName);
    const after = { ...before, ...patch };
    this.world.channels.set(after.id, after);
    this.world.announce({ kind: 'members' });
    for (const user of before.members.filter((each) => !after.members.includes(each))) {
      await this.events.send({ type: 'member_left_channel', user, channel: after.id, channel_type: 'C', team: this.world.team.id });
    }
  }

  /** Changes a user group; the bot hears of it by subteam_members_changed. */
  async setUsergroup(id: string, patch: Partial<Usergroup>): Promise<void> {
    const before = this.world.usergroups.get(id);
    if (before === undefined) throw new Error(`no user group ${id} in the sandbox`);
    this.world.usergroups.set(id, { ...before, ...patch });
    await this.events.send({ type: 'subteam_members_changed', subteam_id: id, team_id: this.world.team.id });
  }

  /** HTTP delivery only: sends exactly this request, for forged and outdated signatures. */
  deliverRaw(request: RawRequest): Promise<Receipt> {
    if (this.core.delivery instanceof HttpDelivery) return this.core.delivery.raw(request);
    throw new Error('deliverRaw needs delivery: { kind: "http", requestUrl }');
  }

  async close(): Promise<void> {
    this.events.close();
    this.core.sockets.close();
    await this.shut();
  }
}
