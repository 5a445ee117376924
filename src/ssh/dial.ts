/** Opens one connection: identity, algorithms, strict host key, keep-alive. Everything that goes wrong comes back as a HostProblem. */
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import ssh2, { Client, type ConnectConfig } from 'ssh2';
import { codeOf } from '../errors.ts';
import { algorithmsFor } from './algorithms.ts';
import { type KnownHosts, knownKeys, presentedKey, verifyHostKey } from './known-hosts.ts';
import type { HostProblem } from './outcome.ts';
import * as problems from './problems.ts';
import type { Target } from './target.ts';

// ssh2 is CommonJS, and Node does not see this name from outside it.
const { utils } = ssh2;

/** `key` is the host's, as it showed it. */
export type Dialled =
  | { readonly kind: 'open'; readonly client: Client; readonly key: Buffer }
  | { readonly kind: 'refused'; readonly why: HostProblem };

const DIAL_TIMEOUT_MS = 10_000;
/** ssh2 leaves keep-alive off, and a black hole would never be noticed: gone after 15 s of silence. */
const keepAlive = { keepaliveInterval: 5_000, keepaliveCountMax: 3 };

/** Dials a target, directly or over `sock`, a stream through its jump host. */
export async function dial(target: Target, known: KnownHosts, sock?: Duplex): Promise<Dialled> {
  const identity = await readIdentity(target);
  if ('why' in identity) return { kind: 'refused', why: identity.why };
  return connect(target, known, { ...identity.config, ...(sock ? { sock } : {}) });
}

async function readIdentity(target: Target): Promise<{ config: ConnectConfig } | { why: HostProblem }> {
  const { identity } = target;
  if (identity.kind === 'agent')
    return identity.socket === '' ? { why: problems.noIdentity(target) } : { config: { agent: identity.socket } };
  try {
    const privateKey = await readFile(identity.path);
    const parsed = utils.parseKey(privateKey, identity.passphrase);
    if (parsed instanceof Error) return { why: problems.identityUnreadable(target, keyFault(parsed, identity.passphrase)) };
    return { config: { privateKey, ...(identity.passphrase === undefined ? {} : { passphrase: identity.passphrase }) } };
  } catch (error) {
    return { why: problems.identityUnreadable(target, codeOf(error) === 'ENOENT' ? 'the file is not there' : 'the file cannot be read') };
  }
}

function keyFault(error: Error, passphrase: string | undefined): string {
  if (/no passphrase given/i.test(error.message)) return 'it is encrypted and no passphrase is given';
  if (passphrase !== undefined && /passphrase|decrypt|integrity/i.test(error.message)) return 'the passphrase does not open it';
  return 'it is not a private key in a form that is known';
}

function connect(target: Target, known: KnownHosts, how: ConnectConfig): Promise<Dialled> {
  const client = new Client();
  let keyProblem: HostProblem | null = null;
  let shown = Buffer.alloc(0);
  return new Promise((resolve) => {
    const refuse = (why: HostProblem): void => {
      resolve({ kind: 'refused', why });
      // Also after `ready`: a connection that failed in any way must close, or its channels would wait for ever.
      client.destroy();
    };
    client.on('error', (error) => refuse(keyProblem ?? problemOf(target, error)));
    client.on('close', () => refuse(keyProblem ?? problems.unreachable(target, 'the connection was closed while it was being opened')));
    client.on('ready', () => {
      // Nagle's algorithm makes each next channel wait some 40 ms for the close of the one before.
      client.setNoDelay(true);
      resolve({ kind: 'open', client, key: shown });
    });
    client.connect({
      ...how,
      ...keepAlive,
      host: target.address,
      port: target.port,
      username: target.user,
      readyTimeout: DIAL_TIMEOUT_MS,
      algorithms: algorithmsFor(knownKeys(known, target.address, target.port).map(({ type }) => type)),
      hostVerifier: (key: Buffer) => {
        shown = Buffer.from(key);
        keyProblem = judge(target, known, key);
        return keyProblem === null;
      },
    });
  });
}

function judge(target: Target, known: KnownHosts, key: Buffer): HostProblem | null {
  const { fingerprint } = presentedKey(key);
  const verdict = verifyHostKey(known, target.address, target.port, key);
  switch (verdict.kind) {
    case 'trusted':
      return null;
    case 'unknown':
      return problems.hostKeyUnknown(target, fingerprint);
    case 'changed':
      return problems.hostKeyChanged(target, fingerprint, verdict.known);
    case 'revoked':
      return problems.hostKeyRevoked(target, fingerprint);
  }
}

const socketFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up just now',
  EHOSTUNREACH: 'there is no way to that network',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'it did not answer',
};

/** One plain sentence from what ssh2 says (its `level` tells the phase). */
export function problemOf(target: Target, error: Error & { level?: string }): HostProblem {
  if (error.level === 'client-authentication') return problems.authRefused(target);
  if (error.level === 'agent') return problems.identityUnreadable(target, 'it does not answer');
  if (error.level === 'client-timeout') return problems.unreachable(target, `it did not answer within ${DIAL_TIMEOUT_MS / 1000} seconds`);
  if (/no matching/i.test(error.message)) return problems.noCommonAlgorithm(target, error.message.replace(/^Handshake failed: /, ''));
  return problems.unreachable(target, socketFaults[codeOf(error)] ?? 'the connection was lost while it was being opened');
}
