/** The process' log: one JSON line for each thing that happened. docs/operations.md names its fields. */
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { redact } from './redact.ts';

export type LogConfig = Pick<Config, 'role' | 'logLevel' | 'slack' | 'lookup' | 'redisUrl' | 'ssh'>;

/**
 * The last edge before the output: whatever a part or a library put into a line, no secret that this process was configured with leaves it, nor
 * anything of the form of a token, a signature or an answer address.
 */
export function createLog(config: LogConfig, to: DestinationStream = pino.destination(1)): Logger {
  const secrets = secretsOf(config);
  const streamWrite = (line: string): string => secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), redact(line));
  return pino({ level: config.logLevel, base: { role: config.role }, hooks: { streamWrite } }, to);
}

/** As they may stand in a line of JSON. Shorter ones would hide words that are none. */
const SHORTEST = 6;

function secretsOf({ slack, lookup, redisUrl, ssh }: LogConfig): readonly string[] {
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
