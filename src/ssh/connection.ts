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

export function createConnection(client: Client): Connection {
  const waiting: Waiting[] = [];
  const idle: { readonly user: string; readonly shell: Shell }[] = [];
  const ahead = new Map<string, Promise<Opened>>();
  let channels = 0;
  let streams = 0;
  let closed = false;
  let idleSince = performance.now();
  client.on('close', () => {
    closed = true;
    for (const next of waiting.splice(0)) next.start(null);
  });

  const room = (urgent: boolean): boolean => channels < (urgent ? MAX_CHANNELS : MAX_CHANNELS - FOR_URGENT);
  const left = (): void => {
    channels -= 1;
    idleSince = performance.now();
    const at = waiting.findIndex(({ urgent }) => room(urgent));
    if (at === -1) return;
    channels += 1;
    waiting.splice(at, 1)[0]?.start(null);
  };
  const giveBack = (user: string, shell: Shell): void => {
    idleSince = performance.now();
    const at = waiting.findIndex((next) => next.user === user);
    if (at !== -1) waiting.splice(at, 1)[0]?.start(shell);
    else if (waiting.length > 0) shell.close();
    else idle.push({ user, shell });
  };
  /** An idle shell, or null with a channel reserved for opening one. */
  const take = async (user: string, urgent: boolean): Promise<Shell | null> => {
    const at = idle.findLastIndex((one) => one.user === user);
    if (at !== -1) return idle.splice(at, 1)[0]?.shell ?? null;
    if (!closed && !room(urgent)) {
      idle.shift()?.shell.close();
      return new Promise((start) => waiting.push({ urgent, user, start }));
    }
    channels += 1;
    return null;
  };
  const open = async (target: Target): Promise<Opened> => {
    const user = target.become ?? '';
    for (let tries = 0; !closed && tries <= RETRIES; tries += 1) {
      const channel = await exec(client, shellCommand(target.become));
      if (!(channel instanceof Error)) return { kind: 'open', shell: adopt(channel, user) };
      if (closed) break;
      if (!isSessionLimit(channel)) return refuse(problems.noShell(target, ''));
      await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
    return refuse(closed ? problems.unreachable(target, 'the connection was lost') : problems.tooManySessions(target));
  };
  const refuse = (why: HostProblem): Opened => {
    left();
    return { kind: 'refused', why };
  };
  const adopt = (channel: ClientChannel, user: string): Shell => {
    const shell = createShell(channel, (free) => giveBack(user, free));
    channel.once('close', () => {
      const at = idle.findIndex((one) => one.shell === shell);
      if (at !== -1) idle.splice(at, 1);
      left();
    });
    return shell;
  };
  const prepare = (target: Target): void => {
    const user = target.become ?? '';
    if (closed || ahead.has(user) || waiting.length > 0 || !room(false) || idle.some((one) => one.user === user)) return;
    channels += 1;
    const opening = open(target);
    ahead.set(user, opening);
    void opening.then((opened) => {
      // Whoever took the promise meanwhile has the shell.
      if (ahead.get(user) !== opening) return;
      ahead.delete(user);
      if (opened.kind === 'open') giveBack(user, opened.shell);
    });
  };
  return {
    get closed() {
      return closed;
    },
    get busy() {
      return channels - idle.length - ahead.size + waiting.length + streams;
    },
    get idleSince() {
      return idleSince;
    },
    async shell(target, urgent) {
      const user = target.become ?? '';
      const coming = idle.some((one) => one.user === user) ? undefined : ahead.get(user);
      if (coming !== undefined) {
        ahead.delete(user);
        return coming;
      }
      const shell = await take(user, urgent);
      return shell === null ? open(target) : { kind: 'open', shell };
    },
    prepare,
    async forward(address, port) {
      const stream = await forwardOut(client, address, port);
      if (stream === null) return null;
      streams += 1;
      stream.once('close', () => {
        streams -= 1;
        idleSince = performance.now();
      });
      return stream;
    },
    close() {
      closed = true;
      client.end();
    },
  };
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
