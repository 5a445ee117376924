/**
 * One open connection: its channels, the queue for them, and shells that wait for work.
 *
 * Owns: the ssh2 client from `ready` to `close`, and the idle shells: opened ahead, or given back by an attempt that ended cleanly. Leaves dialling to `dial.ts`, and which target uses which connection to `connections.ts`.
 *
 * Invariants:
 * N1. Never more than MAX_CHANNELS channels at once (sshd's MaxSessions); what comes later waits in order. The last two are for urgent
 *     calls (cancel, look), so that long steps cannot shut them out.
 * N2. An idle shell holds a channel like any other, and is used or closed as soon as someone waits for one.
 * N3. A channel counts as free again only when it is closed, not when its command has ended.
 */
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import { createShell, type Shell } from './shell.ts';
import type { Target } from './target.ts';

export type Opened = { readonly kind: 'open'; readonly shell: Shell } | { readonly kind: 'refused'; readonly why: HostProblem };

export interface Connection {
  readonly closed: boolean;
  /** Channels that someone uses, spares not counted. */
  readonly busy: number;
  /** Since when nobody uses it, in the clock of `performance.now()`. */
  readonly idleSince: number;
  shell(target: Target, urgent: boolean): Promise<Opened>;
  /** Opens a shell ahead of need for this target, if there is room. */
  prepare(target: Target): void;
  /** A stream to another host, for jumps. It holds the connection, not one of its session channels. */
  forward(address: string, port: number): Promise<Duplex | null>;
  close(): void;
}

const MAX_CHANNELS = 10;
const FOR_URGENT = 2;
const RETRIES = 40;
const RETRY_MS = 250;
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/;

/** `exec` is understood by every login shell, and leaves no shell in between; nothing of ours is parsed by it. */
function shellCommand(become: string | undefined): string {
  return become === undefined ? 'exec /bin/sh -s' : `exec sudo -n -H -u ${become} -- /bin/sh -s`;
}

/** Whether a name can stand in the sudo command unquoted. */
export function isUserName(name: string): boolean {
  return userName.test(name);
}

/** Someone in the queue: gets an idle shell of the right user, or the right to open a channel. */
type Waiting = { readonly urgent: boolean; readonly user: string; start(shell: Shell | null): void };

/** All that is in motion on one connection. */
type Lane = {
  readonly client: Client;
  readonly waiting: Waiting[];
  readonly idle: { readonly user: string; readonly shell: Shell }[];
  /** Shells on their way that nobody has asked for yet, by user. */
  readonly ahead: Map<string, Promise<Opened>>;
  channels: number;
  streams: number;
  closed: boolean;
  idleSince: number;
};

export function createConnection(client: Client): Connection {
  const lane: Lane = {
    ...{ client, waiting: [], idle: [], ahead: new Map() },
    ...{ channels: 0, streams: 0, closed: false, idleSince: performance.now() },
  };
  client.on('close', () => {
    lane.closed = true;
    for (const next of lane.waiting.splice(0)) next.start(null);
  });
  return {
    get closed() {
      return lane.closed;
    },
    get busy() {
      return lane.channels - lane.idle.length - lane.ahead.size + lane.waiting.length + lane.streams;
    },
    get idleSince() {
      return lane.idleSince;
    },
    shell: (target, urgent) => shellFor(lane, target, urgent),
    prepare: (target) => prepare(lane, target),
    forward: (address, port) => forward(lane, address, port),
    close() {
      lane.closed = true;
      client.end();
    },
  };
}

async function shellFor(lane: Lane, target: Target, urgent: boolean): Promise<Opened> {
  const user = target.become ?? '';
  const coming = lane.idle.some((one) => one.user === user) ? undefined : lane.ahead.get(user);
  if (coming !== undefined) {
    lane.ahead.delete(user);
    return coming;
  }
  const shell = await take(lane, user, urgent);
  return shell === null ? open(lane, target) : { kind: 'open', shell };
}

/** An idle shell, or null with a channel reserved for opening one. */
async function take(lane: Lane, user: string, urgent: boolean): Promise<Shell | null> {
  const { idle } = lane;
  const at = idle.findLastIndex((one) => one.user === user);
  if (at !== -1) return idle.splice(at, 1)[0]?.shell ?? null;
  if (!lane.closed && !hasRoom(lane, urgent)) {
    idle.shift()?.shell.close();
    return new Promise((start) => lane.waiting.push({ urgent, user, start }));
  }
  lane.channels += 1;
  return null;
}

function hasRoom({ channels }: Lane, urgent: boolean): boolean {
  return channels < (urgent ? MAX_CHANNELS : MAX_CHANNELS - FOR_URGENT);
}

/** Opens a shell on the channel that was reserved for it. */
async function open(lane: Lane, target: Target): Promise<Opened> {
  for (let tries = 0; !lane.closed && tries <= RETRIES; tries += 1) {
    const channel = await exec(lane.client, shellCommand(target.become));
    if (!(channel instanceof Error)) return { kind: 'open', shell: adopt(lane, channel, target.become ?? '') };
    if (lane.closed) break;
    if (!isSessionLimit(channel)) return refuse(lane, problems.noShell(target, ''));
    await new Promise((resume) => setTimeout(resume, RETRY_MS));
  }
  return refuse(lane, lane.closed ? problems.unreachable(target, 'the connection was lost') : problems.tooManySessions(target));
}

function refuse(lane: Lane, why: HostProblem): Opened {
  left(lane);
  return { kind: 'refused', why };
}

function adopt(lane: Lane, channel: ClientChannel, user: string): Shell {
  const shell = createShell(channel, (free) => giveBack(lane, user, free));
  channel.once('close', () => {
    const at = lane.idle.findIndex((one) => one.shell === shell);
    if (at !== -1) lane.idle.splice(at, 1);
    left(lane);
  });
  return shell;
}

/** A channel is free: whoever may have it opens a shell. */
function left(lane: Lane): void {
  lane.channels -= 1;
  lane.idleSince = performance.now();
  const at = lane.waiting.findIndex(({ urgent }) => hasRoom(lane, urgent));
  if (at === -1) return;
  lane.channels += 1;
  lane.waiting.splice(at, 1)[0]?.start(null);
}

function giveBack(lane: Lane, user: string, shell: Shell): void {
  const { waiting } = lane;
  lane.idleSince = performance.now();
  const at = waiting.findIndex((next) => next.user === user);
  if (at !== -1) waiting.splice(at, 1)[0]?.start(shell);
  else if (waiting.length > 0) shell.close();
  else lane.idle.push({ user, shell });
}

function prepare(lane: Lane, target: Target): void {
  const { ahead, idle, waiting } = lane;
  const user = target.become ?? '';
  if (lane.closed || ahead.has(user) || waiting.length > 0 || !hasRoom(lane, false) || idle.some((one) => one.user === user)) return;
  lane.channels += 1;
  const opening = open(lane, target);
  ahead.set(user, opening);
  void opening.then((opened) => {
    // Whoever took the promise meanwhile has the shell.
    if (ahead.get(user) !== opening) return;
    ahead.delete(user);
    if (opened.kind === 'open') giveBack(lane, user, opened.shell);
  });
}

async function forward(lane: Lane, address: string, port: number): Promise<Duplex | null> {
  const stream = await forwardOut(lane.client, address, port);
  if (stream === null) return null;
  lane.streams += 1;
  stream.once('close', () => {
    lane.streams -= 1;
    lane.idleSince = performance.now();
  });
  return stream;
}

function exec(client: Client, command: string): Promise<ClientChannel | Error> {
  return new Promise((resolve) => {
    try {
      client.exec(command, (error, channel) => resolve(error ?? channel));
    } catch (error) {
      resolve(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** sshd answers the session beyond MaxSessions with "open failed", reason 2. */
function isSessionLimit(error: Error): boolean {
  return /Channel open failure/.test(error.message) || ('reason' in error && error.reason === 2);
}

function forwardOut(client: Client, address: string, port: number): Promise<ClientChannel | null> {
  return new Promise((resolve) => {
    try {
      client.forwardOut('127.0.0.1', 0, address, port, (error, stream) => resolve(error ? null : stream));
    } catch {
      resolve(null);
    }
  });
}
