/** Asks a host for its keys without logging in: what `keyturn trust` shows to a person. */
import { Client } from 'ssh2';
import { algorithmsForType, hostKeyTypes } from './algorithms.ts';
import { problemOf } from './dial.ts';
import { type PresentedKey, presentedKey } from './known-hosts.ts';
import type { HostProblem } from './outcome.ts';
import type { Target } from './target.ts';

export type { PresentedKey } from './known-hosts.ts';

export type ScannedKeys =
  | { readonly kind: 'keys'; readonly keys: readonly PresentedKey[] }
  | { readonly kind: 'refused'; readonly why: HostProblem };

/** All keys a host has, one connection for each type, since a host shows one at a time. Nothing is sent that proves who we are. */
export async function scanHostKeys(address: string, port: number, options?: { readonly timeoutMs?: number }): Promise<ScannedKeys> {
  const keys: PresentedKey[] = [];
  for (const type of hostKeyTypes) {
    const answer = await ask(address, port, type, options?.timeoutMs ?? 10_000);
    if ('key' in answer) keys.push(answer.key);
    else if (answer.why.code !== 'NO_COMMON_ALGORITHM') return { kind: 'refused', why: answer.why };
  }
  return { kind: 'keys', keys };
}

type Answer = { readonly key: PresentedKey } | { readonly why: HostProblem };

function ask(address: string, port: number, type: string, readyTimeout: number): Promise<Answer> {
  const target: Target = { host: address, address, port, user: 'nobody', identity: { kind: 'agent', socket: '' } };
  const client = new Client();
  return new Promise((resolve) => {
    client.on('error', (error) => resolve({ why: problemOf(target, error) }));
    client.on('close', () => resolve({ why: problemOf(target, new Error('closed')) }));
    client.connect({
      host: address,
      port,
      username: 'keyturn',
      readyTimeout,
      algorithms: algorithmsForType(type),
      hostVerifier: (key: Buffer) => {
        resolve({ key: presentedKey(key) });
        return false;
      },
    });
  });
}
