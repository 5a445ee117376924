/**
 * The workspace in memory: who is there, what was said, what each person alone sees.
 * Owns identity (ts, ids) and change notification; leaves permissions and Slack's error names to `web-api/`.
 *
 * Invariants
 *  W1  a ts is unique in the workspace and larger than every earlier one
 *  W2  every change is announced after it took effect, never before
 */
import { EventEmitter } from 'node:events';
import type { Change, Channel, Ephemeral, Message, OpenView, SlackFile, User, Usergroup, WorldSeed } from './model.ts';
import { type Snapshot, snapshotSchema } from './snapshot.ts';

/** What a caller says about a new message; the world adds type, team and ts. */
export type Draft = Omit<Message, 'type' | 'ts' | 'team' | 'reply_count' | 'reply_users' | 'latest_reply'>;

/** What happened to a message, for the Events API. */
export type Said =
  | { readonly kind: 'posted'; readonly channel: string; readonly message: Message }
  | { readonly kind: 'changed'; readonly channel: string; readonly message: Message; readonly before: Message }
  | { readonly kind: 'deleted'; readonly channel: string; readonly before: Message };

export class World {
  readonly team: WorldSeed['team'];
  readonly app: WorldSeed['app'];
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly usergroups: Map<string, Usergroup>;
  readonly files = new Map<string, SlackFile>();
  private readonly messages = new Map<string, Message[]>();
  private readonly unseen: Ephemeral[] = [];
  private readonly views: OpenView[] = [];
  private readonly homes = new Map<string, OpenView>();
  private readonly changes = new EventEmitter();
  private readonly now: () => number;
  private lastMicros = 0;
  private lastId = 0;

  constructor(seed: WorldSeed, now: () => number) {
    this.team = seed.team;
    this.app = seed.app;
    this.now = now;
    this.users = new Map(seed.users.map((user) => [user.id, user]));
    this.channels = new Map(seed.channels.map((channel) => [channel.id, channel]));
    this.usergroups = new Map(seed.usergroups.map((group) => [group.id, group]));
    this.changes.setMaxListeners(0);
  }

  /** What `restore` takes. */
  snapshot(): Snapshot {
    const messages = Object.fromEntries([...this.messages].map(([channel, list]) => [channel, structuredClone(list)]));
    return snapshotSchema.parse({ messages, ephemerals: structuredClone(this.unseen), lastMicros: this.lastMicros, lastId: this.lastId });
  }

  /** Puts back what was said; people and channels stay as they are. */
  restore(kept: Snapshot): void {
    for (const [channel, list] of Object.entries(kept.messages)) this.messages.set(channel, list);
    this.unseen.push(...kept.ephemerals);
    this.lastMicros = kept.lastMicros;
    this.lastId = kept.lastId;
  }

  /** Calls `listener` after each change until the returned function is called. */
  onChange(listener: (change: Change) => void): () => void {
    this.changes.on('change', listener);
    return () => this.changes.off('change', listener);
  }

  /** Calls `listener` for each message posted, changed or deleted, by whomever. */
  onSaid(listener: (said: Said) => void): void {
    this.changes.on('said', listener);
  }

  private tell(said: Said): void {
    this.changes.emit('said', said);
  }

  announce(change: Change): void {
    this.changes.emit('change', change);
  }

  /** W1: seconds, a point, six digits. */
  nextTs(): string {
    this.lastMicros = Math.max(this.now() * 1000, this.lastMicros + 1);
    const micros = String(this.lastMicros % 1_000_000).padStart(6, '0');
    return `${Math.floor(this.lastMicros / 1_000_000)}.${micros}`;
  }

  nextId(prefix: string): string {
    this.lastId += 1;
    return `${prefix}${this.lastId.toString(36).toUpperCase().padStart(9, '0')}`;
  }

  post(channel: string, draft: Draft): Message {
    const message: Message = { type: 'message', ts: this.nextTs(), team: this.team.id, ...draft };
    const list = this.messages.get(channel) ?? [];
    list.push(message);
    this.messages.set(channel, list);
    this.announce({ kind: 'message', channel, message });
    this.announceParent(channel, message);
    this.tell({ kind: 'posted', channel, message });
    return message;
  }

  /** Replaces a message in place; false when there is none with that ts. */
  replace(channel: string, message: Message): boolean {
    const list = this.messages.get(channel) ?? [];
    const at = list.findIndex((each) => each.ts === message.ts);
    const before = list[at];
    if (before === undefined) return false;
    list[at] = message;
    this.announce({ kind: 'message', channel, message: this.withThread(channel, message) });
    if (before.reactions === message.reactions) this.tell({ kind: 'changed', channel, message, before });
    return true;
  }

  remove(channel: string, ts: string): Message | undefined {
    const list = this.messages.get(channel) ?? [];
    const at = list.findIndex((each) => each.ts === ts);
    const [gone] = at < 0 ? [] : list.splice(at, 1);
    if (gone === undefined) return undefined;
    this.announce({ kind: 'message_deleted', channel, ts });
    this.announceParent(channel, gone);
    this.tell({ kind: 'deleted', channel, before: gone });
    return gone;
  }

  message(channel: string, ts: string): Message | undefined {
    const found = this.messages.get(channel)?.find((each) => each.ts === ts);
    return found === undefined ? undefined : this.withThread(channel, found);
  }

  /** The channel's own timeline, oldest first: top messages and replies that were also sent to the channel. */
  timeline(channel: string): readonly Message[] {
    const own = this.all(channel).filter(
      (each) => each.thread_ts === undefined || each.thread_ts === each.ts || each.subtype === 'thread_broadcast',
    );
    return own.map((each) => this.withThread(channel, each));
  }

  /** The parent first, then its replies, oldest first; empty when there is no such parent. */
  thread(channel: string, ts: string): readonly Message[] {
    const parent = this.message(channel, ts);
    return parent === undefined ? [] : [parent, ...this.replies(channel, ts)];
  }

  all(channel: string): readonly Message[] {
    return this.messages.get(channel) ?? [];
  }

  private replies(channel: string, ts: string): readonly Message[] {
    return this.all(channel).filter((each) => each.thread_ts === ts && each.ts !== ts);
  }

  private withThread(channel: string, message: Message): Message {
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts) return message;
    const replies = this.replies(channel, message.ts);
    const last = replies.at(-1);
    if (last === undefined) return message;
    const users = [...new Set(replies.map((each) => each.user))];
    return { ...message, thread_ts: message.ts, reply_count: replies.length, reply_users: users, latest_reply: last.ts };
  }

  private announceParent(channel: string, reply: Message): void {
    if (reply.thread_ts === undefined || reply.thread_ts === reply.ts) return;
    const parent = this.message(channel, reply.thread_ts);
    if (parent !== undefined) this.announce({ kind: 'message', channel, message: parent });
  }

  ephemerals(user: string): readonly Ephemeral[] {
    return this.unseen.filter((each) => each.user === user);
  }

  ephemeral(draft: Omit<Ephemeral, 'id' | 'ts'> & { readonly id?: string }): Ephemeral {
    const ephemeral: Ephemeral = { id: this.nextId('E'), ts: this.nextTs(), ...draft };
    this.unseen.push(ephemeral);
    this.announce({ kind: 'ephemeral', user: draft.user, ephemeral });
    return ephemeral;
  }

  replaceEphemeral(ephemeral: Ephemeral): void {
    const at = this.unseen.findIndex((each) => each.id === ephemeral.id);
    if (at < 0) this.unseen.push(ephemeral);
    else this.unseen[at] = ephemeral;
    this.announce({ kind: 'ephemeral', user: ephemeral.user, ephemeral });
  }

  dismissEphemeral(id: string): void {
    const at = this.unseen.findIndex((each) => each.id === id);
    const [gone] = at < 0 ? [] : this.unseen.splice(at, 1);
    if (gone !== undefined) this.announce({ kind: 'ephemeral_gone', user: gone.user, id });
  }

  /** The person's open modals, the one on top last. */
  openViews(user: string): readonly OpenView[] {
    return this.views.filter((each) => each.user === user);
  }

  view(id: string): OpenView | undefined {
    return this.views.find((each) => each.id === id) ?? [...this.homes.values()].find((each) => each.id === id);
  }

  showView(view: OpenView): void {
    const at = this.views.findIndex((each) => each.id === view.id);
    if (at < 0) this.views.push(view);
    else this.views[at] = view;
    this.announce({ kind: 'views', user: view.user });
  }

  closeViews(user: string, ids: readonly string[]): void {
    for (const id of ids) {
      const at = this.views.findIndex((each) => each.id === id && each.user === user);
      if (at >= 0) this.views.splice(at, 1);
    }
    this.announce({ kind: 'views', user });
  }

  home(user: string): OpenView | undefined {
    return this.homes.get(user);
  }

  publishHome(view: OpenView): void {
    this.homes.set(view.user, view);
    this.announce({ kind: 'views', user: view.user });
  }
}
