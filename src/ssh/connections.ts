/**
 * The pool: one connection for each address, port, user, identity and jump.
 *
 * Owns: which connections exist, dialling them on demand, closing them when idle. Leaves channels to `connection.ts`.
 *
 * Invariants:
 * P1. Two callers that want the same connection at once get the same dial.
 * P2. Never more than MAX_DIALS dials at once to one address and port (sshd's MaxStartups drops some beyond that).
 * P3. Nothing outlives `close`: no socket, no timer.
 * P4. A connection is given to nobody once known_hosts no longer trusts the key it was opened with: the file is looked at when it has been
 *     written, so a machine that was exchanged while its old connection lives on gets no more commands of ours.
 */
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import { type Connection, createConnection, isUserName, type Opened } from './connection.ts';
import { dial } from './dial.ts';
import { createGate, type Gate } from './gate.ts';
import { readKnownHosts, verifyHostKey } from './known-hosts.ts';
import { watchKnownHosts } from './known-hosts-watch.ts';
import { nativeCryptoAvailable } from './native.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import { connectionKey, placeOf, type Target } from './target.ts';

export interface Connections {
  /** A shell under the supervisor's text on this target, opened ahead or now. `urgent` may use the channels kept back for it. */
  shell(target: Target, options?: { readonly urgent?: boolean }): Promise<Opened>;
  /** Has a shell ready for the next call. Never throws: a problem shows when it is used. */
  warm(target: Target): void;
  /** Closes the connections to this target's address and port, whoever the user, and those that go through it. Commands under the supervisor
   * go on; the next call dials anew, and so verifies the host key anew. */
  forget(target: Target): void;
  /** Closes everything. Commands under the supervisor go on. */
  close(): Promise<void>;
}

type Held =
  | { readonly kind: 'held'; readonly connection: Connection; readonly key: Buffer }
  | { readonly kind: 'refused'; readonly why: HostProblem };

type Entry = { readonly target: Target; readonly dialling: Promise<Held>; connection: Connection | null };

const IDLE_MS = 60_000;
const MAX_DIALS = 10;

export type ConnectionsOptions = {
  readonly knownHostsPath: string;
  readonly log: Logger;
  /** Told of each dial: `connected`, or the code of the problem. */
  readonly onDial?: (result: string) => void;
};

export function createConnections(options: ConnectionsOptions): Connections {
  const { log, knownHostsPath, onDial = () => undefined } = options;
  const pool = new Map<string, Entry>();
  const gates = new Map<string, Gate>();
  const wasWritten = watchKnownHosts(knownHostsPath);
  let rechecking: Promise<void> = Promise.resolve();
  let closed = false;
  if (!nativeCryptoAvailable()) {
    log.warn(
      'The native addon of ssh2 is missing: output from hosts streams at two thirds of its speed. Check: `npm rebuild ssh2` with a C++ compiler.',
    );
  }

  const gateOf = (target: Target): Gate => {
    const place = `${target.address}:${target.port}`;
    const gate = gates.get(place) ?? createGate(MAX_DIALS);
    gates.set(place, gate);
    return gate;
  };
  const connect = async (target: Target): Promise<Held> => {
    const sock = target.jump ? await jump(target, target.jump) : undefined;
    if (sock !== undefined && 'code' in sock) return { kind: 'refused', why: sock };
    const leave = await gateOf(target)();
    try {
      const known = await readKnownHosts(knownHostsPath).catch(asProblem);
      if ('code' in known) return { kind: 'refused', why: known };
      const dialled = await dial(target, known, sock);
      if (dialled.kind === 'refused') return dialled;
      log.debug({ host: target.host }, 'connected');
      return { kind: 'held', connection: createConnection(dialled.client), key: dialled.key };
    } finally {
      leave();
    }
  };
  const jump = async (target: Target, through: Target): Promise<Duplex | HostProblem> => {
    const held = await hold(through);
    if (held.kind === 'refused') return held.why;
    const stream = await held.connection.forward(target.address, target.port);
    return stream ?? problems.unreachable(target, `${placeOf(through)} could not open a way to it`);
  };
  const drop = (key: string, { dialling }: Entry): void => {
    pool.delete(key);
    void dialling.then((held) => held.kind === 'held' && held.connection.close());
  };
  /** Looks at all connections again when known_hosts has been written. */
  const recheck = async (): Promise<void> => {
    const known = await readKnownHosts(knownHostsPath).catch(asProblem);
    if ('code' in known) return log.warn(known, 'known hosts cannot be read; open connections are kept');
    const check = async (key: string, entry: Entry): Promise<void> => {
      const held = await entry.dialling;
      const { address, port } = entry.target;
      if (held.kind === 'held' && verifyHostKey(known, address, port, held.key).kind !== 'trusted') drop(key, entry);
    };
    for (const [key, entry] of pool) {
      const checked = check(key, entry);
      // One that is still being dialled is looked at when it is there; nobody waits for that.
      if (entry.connection !== null) await checked;
    }
  };
  const told = (held: Held): Held => {
    onDial(held.kind === 'held' ? 'connected' : held.why.code);
    return held;
  };
  const hold = async (target: Target): Promise<Held> => {
    if (wasWritten()) rechecking = recheck();
    await rechecking;
    if (closed) return { kind: 'refused', why: problems.closing(target) };
    const key = connectionKey(target);
    const there = pool.get(key);
    if (there && there.connection?.closed !== true) return there.dialling;
    const entry: Entry = { target, connection: null, dialling: connect(target).then(told) };
    pool.set(key, entry);
    void entry.dialling.then((held) => {
      if (held.kind === 'held') entry.connection = held.connection;
      else if (pool.get(key) === entry) pool.delete(key);
    });
    return entry.dialling;
  };
  const sweep = setInterval(() => void closeIdle(pool), IDLE_MS / 4);
  sweep.unref();

  return {
    async shell(target, { urgent = false } = {}) {
      if (target.become !== undefined && !isUserName(target.become))
        return { kind: 'refused', why: problems.noShell(target, 'the name is not one') };
      const held = await hold(target);
      if (held.kind === 'refused') return held;
      const opened = await held.connection.shell(target, urgent);
      held.connection.prepare(target);
      return opened;
    },
    warm(target) {
      void hold(target).then((held) => held.kind === 'held' && held.connection.prepare(target));
    },
    forget(target) {
      for (const [key, entry] of pool) if (leadsTo(entry.target, target)) drop(key, entry);
    },
    async close() {
      closed = true;
      clearInterval(sweep);
      const all = await Promise.all([...pool.values()].map((entry) => entry.dialling));
      pool.clear();
      for (const held of all) if (held.kind === 'held') held.connection.close();
    },
  };
}

function asProblem(error: unknown): HostProblem {
  if (error instanceof KeyturnError) return problems.knownHostsUnreadable(error);
  throw error;
}

/** Whether a connection for the first goes to the second's address and port, or through it. */
function leadsTo(target: Target, { address, port }: Target): boolean {
  return (
    (target.address === address && target.port === port) ||
    (target.jump !== undefined && leadsTo(target.jump, { ...target, address, port }))
  );
}

function closeIdle(pool: Map<string, Entry>): void {
  for (const [key, { connection }] of pool) {
    if (connection === null) continue;
    const idle = connection.busy === 0 && performance.now() - connection.idleSince > IDLE_MS;
    if (!idle && !connection.closed) continue;
    pool.delete(key);
    connection.close();
  }
}
