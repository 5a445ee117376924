/** The process' log: one JSON line for each thing that happened. docs/operations.md names its fields. */
import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { redact } from './redact.ts';

/**
 * The last edge before the output: whatever a part or a library put into a line, no secret that this process was configured with leaves it, nor
 * anything of the form of a token, a signature or an answer address.
 */
export function createLog(config: Pick<Config, 'role' | 'logLevel' | 'slack' | 'lookup' | 'redisUrl' | 'ssh'>): Logger {
  const secrets = secretsOf(config);
  return pino({
    level: config.logLevel,
    base: { role: config.role },
    hooks: { streamWrite: (line) => secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), redact(line)) },
  });
}

/** As they may stand in a line of JSON. Shorter ones would hide words that are none. */
const SHORTEST = 6;

function secretsOf({ slack, lookup, redisUrl, ssh }: Parameters<typeof createLog>[0]): readonly string[] {
  const transport = slack?.transport;
  const words = [
    slack?.botToken,
    lookup?.botToken,
    transport?.kind === 'socket' ? transport.appToken : transport?.signingSecret,
    ssh.passphrase,
    ...passwordsOf(redisUrl),
  ];
  return words.filter((word) => word !== undefined && word.length >= SHORTEST).map((word) => JSON.stringify(word).slice(1, -1));
}

/** Of an address with several places too; as it stands there, and as it is meant. */
function passwordsOf(url: string | undefined): readonly string[] {
  const raw = /^[a-z+]+:\/\/[^:@/]*:([^@]+)@/i.exec(url ?? '')?.[1];
  if (raw === undefined) return [];
  try {
    return [raw, decodeURIComponent(raw)];
  } catch {
    return [raw];
  }
}
