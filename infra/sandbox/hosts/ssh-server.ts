/**
 * A small SSH server for machines on which no sshd can be started: commands over `exec`, nothing else.
 *
 * Owns one port and who may come in. Leaves to others which folder stands for the host, and the keys' files.
 *
 * Invariants
 *   H1  only the one user with the one key gets in.
 *   H2  a command is a process group of its own and outlives its channel, its connection and this process (exec.ts).
 *   H3  a connection has at most ten sessions at a time, as with sshd's MaxSessions.
 */
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type Session } from 'ssh2';
import { KeyturnError } from '../../../src/errors.ts';
import { type Login, runOver, signalGroup } from './exec.ts';

const { Server, utils } = ssh2;
const MAX_SESSIONS = 10;

export type SshServerOptions = {
  /** 0 for any free one. */
  readonly port: number;
  /** Private key in OpenSSH's form. */
  readonly hostKey: string;
  readonly user: string;
  /** The line of the only public key that is let in. */
  readonly clientKey: string;
  /** HOME and working folder of every command. */
  readonly home: string;
  /** Further environment of every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hears the process group of each command that is started. */
  readonly onGroup?: (group: number) => unknown;
};

export type SshServer = { readonly port: number; close(): Promise<void> };

/** Listens on 127.0.0.1. Throws a KeyturnError where the port is taken. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const allowed = parsedKey(options.clientKey);
  const sockets = new Set<Socket>();
  const ssh = new Server({ hostKeys: [options.hostKey] }, (connection) => serve(connection, options, allowed));
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  const port = await listen(server, options.port);
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, close };
}

function parsedKey(line: string): ParsedKey {
  const key = utils.parseKey(line);
  if (key instanceof Error) throw new Error(`The key of the sandbox hosts cannot be read: ${key.message}`);
  return key;
}

function listen(server: NetServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(port, error)));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? port : address.port);
    });
  });
}

function cannotListen(port: number, cause: Error): KeyturnError {
  const message = `A sandbox host cannot listen on 127.0.0.1:${port}: ${cause.message}.`;
  const check =
    'Another demo may still run, or another program has the port. End it, or delete the folder of the demo: then new ports are chosen.';
  return new KeyturnError('SANDBOX_PORT_TAKEN', message, check, { cause });
}

function serve(connection: Connection, options: SshServerOptions, allowed: ParsedKey): void {
  let open = 0;
  const closed = (): void => {
    open -= 1;
  };
  connection.setMaxListeners(2 * MAX_SESSIONS);
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (mayEnter(context, options.user, allowed)) context.accept();
    else context.reject(['publickey']);
  });
  connection.on('session', (accept, reject) => {
    if (open >= MAX_SESSIONS) return reject();
    open += 1;
    carryOut(accept(), { home: options.home, user: options.user, env: options.env ?? {}, connection }, closed, options.onGroup);
  });
}

function mayEnter(context: AuthContext, user: string, allowed: ParsedKey): boolean {
  if (context.method !== 'publickey' || context.username !== user) return false;
  const same = context.key.algo === allowed.type && context.key.data.equals(allowed.getPublicSSH());
  if (!same) return false;
  // Without a signature the client only asks whether this key would do.
  if (context.signature === undefined || context.blob === undefined) return true;
  return allowed.verify(context.blob, context.signature, context.hashAlgo) === true;
}

function carryOut(session: Session, login: Login, closed: () => void, onGroup: SshServerOptions['onGroup']): void {
  let group: number | undefined;
  session.once('close', closed);
  session.once('exec', (accept, _reject, info) => {
    group = runOver(accept(), info.command, login);
    if (group !== undefined) onGroup?.(group);
  });
  session.on('signal', (accept, reject, info) => {
    const done = group !== undefined && signalGroup(group, info.name);
    (done ? accept : reject)?.();
  });
}
