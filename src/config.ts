/**
 * The environment, read once at the start and nowhere else, as one readonly record.
 *
 * 1. Every wrong or missing variable is reported in one error, so that a second start is not needed to find the second mistake.
 * 2. The value of a secret never appears in an error, only its kind ("empty", "begins with xoxp-").
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { VARIABLES, type Variable, type VariableName, variable } from './config-variables.ts';
import { KeyturnError } from './errors.ts';

export { VARIABLES };

export type Env = Readonly<Record<string, string | undefined>>;

/** What this process does: bot and worker in one, or one of the two. */
export type Role = 'both' | 'bot' | 'worker';

export type Transport =
  | { readonly kind: 'socket'; readonly appToken: string }
  | { readonly kind: 'http'; readonly signingSecret: string; readonly port: number };

export type SlackConfig = {
  readonly botToken: string;
  readonly transport: Transport;
  /** Root of the Web API; ends with a slash. */
  readonly apiUrl: string;
};

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type SshConfig = { readonly key: string | undefined; readonly passphrase: string | undefined; readonly agent: string | undefined };

export type Config = {
  readonly role: Role;
  /** Absent for a worker, which never speaks to Slack. */
  readonly slack: SlackConfig | undefined;
  /** With which approvers are looked up again before a start; absent only for a worker without a token. */
  readonly lookup: Pick<SlackConfig, 'botToken' | 'apiUrl'> | undefined;
  /** Absent: Keyturn starts a Redis of its own. */
  readonly redisUrl: string | undefined;
  /** Absolute paths. */
  readonly procedures: string;
  readonly clusters: string;
  /** Folder of the record: outputs and archive. Bot and workers see the same one. */
  readonly record: string;
  /** Days after its end at which a run moves from Redis into the archive. */
  readonly archiveAfterDays: number;
  /** Days after its end for which a run is kept; undefined: for ever. */
  readonly keepDays: number | undefined;
  /** Where metrics and health are told; undefined: nowhere. */
  readonly status: { readonly host: string; readonly port: number } | undefined;
  /** File with the accounts that belong to one person; need not exist. */
  readonly people: string;
  /** Somebody has named that file, so it must be there. */
  readonly peopleNamed: boolean;
  readonly data: string;
  /** The file with the secret of this installation (installation-key.ts). */
  readonly keyFile: string;
  /** Files that procedures may copy from this machine. */
  readonly files: string;
  /** How many Redis replicas must confirm before an approval counts. */
  readonly replicas: number;
  /** How many messages a second may be posted in one channel. */
  readonly postsPerSecond: number;
  /** Slack users who enrol people for a second factor; nobody unless told. */
  readonly administrators: readonly string[];
  readonly ssh: SshConfig;
  readonly logLevel: LogLevel;
  /** Sentences for the log at the start: nothing is wrong, but it may surprise. */
  readonly notices: readonly string[];
};

const SLACK_API = 'https://slack.com/api/';

/** Collects mistakes instead of stopping at the first (invariant 1). An empty variable counts as one that is not set. */
class Reader {
  readonly mistakes: string[] = [];
  readonly notices: string[] = [];
  readonly #env: Env;

  constructor(env: Env) {
    this.#env = env;
  }

  raw(name: VariableName): string | undefined {
    const value = this.#env[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  wrong(name: VariableName, found: string): undefined {
    const row = variable(name);
    this.mistakes.push(`${name} is ${found}; it must be ${row.allowed}. Where to find it: ${row.where}.`);
    return undefined;
  }

  /** The value if it is well formed; `required` reports its absence. */
  take(name: VariableName, wellFormed: (value: string) => boolean, required = false): string | undefined {
    const value = this.raw(name);
    if (value === undefined) return required ? this.wrong(name, 'not set') : undefined;
    return wellFormed(value) ? value : this.wrong(name, describe(variable(name), value));
  }
}

/** The value, or for a secret only what kind of thing it is (invariant 2). */
function describe(row: Variable, value: string): string {
  if (!row.secret) return `“${value}”`;
  const slack = /^(xox[a-z]|xapp)-/.exec(value)?.[1];
  if (slack !== undefined) return `a token that begins with ${slack}-`;
  return /^[a-z][a-z0-9+]*:\/\//i.test(value)
    ? 'another kind of address (not shown)'
    : `something else, ${value.length} characters long (not shown)`;
}

/** Reads everything that Keyturn wants to know of its environment. Throws one KeyturnError (CONFIG_INVALID) that names every mistake. */
export function readConfig(env: Env, role: Role = 'both'): Config {
  const reader = new Reader(env);
  const slack = role === 'worker' ? undefined : readSlack(reader);
  const lookup = role === 'worker' ? readLookup(reader) : slack;
  const config: Config = {
    role,
    slack,
    lookup,
    redisUrl: reader.take('REDIS_URL', isRedisUrl),
    procedures: folder(reader.raw('KEYTURN_PROCEDURES') ?? 'procedures'),
    clusters: folder(reader.raw('KEYTURN_CLUSTERS') ?? 'infra/clusters'),
    people: folder(reader.raw('KEYTURN_PEOPLE') ?? 'infra/people.yaml'),
    peopleNamed: reader.raw('KEYTURN_PEOPLE') !== undefined,
    data: folder(reader.raw('KEYTURN_DATA') ?? '.keyturn'),
    record: folder(reader.raw('KEYTURN_RECORD') ?? reader.raw('KEYTURN_DATA') ?? '.keyturn'),
    archiveAfterDays: Number(reader.take('KEYTURN_ARCHIVE_AFTER_DAYS', isDays) ?? '30'),
    keepDays: readKeepDays(reader),
    status: readStatus(reader),
    keyFile: folder(reader.raw('KEYTURN_KEY_FILE') ?? `${reader.raw('KEYTURN_DATA') ?? '.keyturn'}/installation.key`),
    files: folder(reader.raw('KEYTURN_FILES') ?? `${reader.raw('KEYTURN_DATA') ?? '.keyturn'}/files`),
    postsPerSecond: Number(reader.take('KEYTURN_POSTS_PER_SECOND', (value) => /^[1-9]\d{0,2}$/.test(value)) ?? '1'),
    replicas: Number(reader.take('KEYTURN_REPLICAS', (value) => /^\d$/.test(value)) ?? '0'),
    administrators: idsIn(reader.take('KEYTURN_ADMINISTRATORS', (value) => idsIn(value).every(isUserId)) ?? ''),
    ssh: readSsh(reader),
    logLevel: readLogLevel(reader),
    notices: reader.notices,
  };
  if (reader.mistakes.length > 0) throw invalid(reader.mistakes);
  return config;
}

const isDays = (value: string): boolean => /^\d{1,5}$/.test(value);

/** What is deleted must have been archived before. */
function readKeepDays(reader: Reader): number | undefined {
  const value = reader.take(
    'KEYTURN_KEEP_DAYS',
    (days) => isDays(days) && Number(days) >= Number(reader.raw('KEYTURN_ARCHIVE_AFTER_DAYS') ?? '30'),
  );
  return value === undefined ? undefined : Number(value);
}

/** `9464` for this machine alone, `0.0.0.0:9464` for others too. */
function readStatus(reader: Reader): Config['status'] {
  const value = reader.take(
    'KEYTURN_STATUS',
    (text) => /^(?:[^\s:]+:|\[[0-9a-f:]+\]:)?\d{1,5}$/i.test(text) && isPort(text.slice(text.lastIndexOf(':') + 1)),
  );
  if (value === undefined) return undefined;
  const at = value.lastIndexOf(':');
  const host = at === -1 ? '127.0.0.1' : value.slice(0, at).replace(/^\[|\]$/g, '');
  return { host, port: Number(value.slice(at + 1)) };
}

function readSlack(reader: Reader): SlackConfig | undefined {
  const botToken = readBotToken(reader, true);
  const transport = readTransport(reader);
  const apiUrl = readApiUrl(reader);
  return botToken === undefined || transport === undefined ? undefined : { botToken, transport, apiUrl };
}

/** A worker never listens to Slack; with the bot's token it can ask who somebody is. */
function readLookup(reader: Reader): Config['lookup'] {
  const botToken = readBotToken(reader, false);
  const apiUrl = readApiUrl(reader);
  if (botToken !== undefined) return { botToken, apiUrl };
  reader.notices.push(
    'SLACK_BOT_TOKEN is not set: this worker cannot look approvers up again just before a start, so one who was deactivated since the click would not be noticed.',
  );
  return undefined;
}

function readBotToken(reader: Reader, required: boolean): string | undefined {
  return reader.take('SLACK_BOT_TOKEN', (value) => /^xoxb-\S+$/.test(value), required);
}

function readApiUrl(reader: Reader): string {
  const apiUrl = reader.take('SLACK_API_URL', isApiUrl) ?? SLACK_API;
  return apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
}

function readTransport(reader: Reader): Transport | undefined {
  const hasSecret = reader.raw('SLACK_SIGNING_SECRET') !== undefined;
  if (reader.raw('SLACK_APP_TOKEN') !== undefined) {
    if (hasSecret) {
      reader.notices.push(
        'SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: Socket Mode is used, and the signing secret and PORT are not.',
      );
    }
    const appToken = reader.take('SLACK_APP_TOKEN', (value) => /^xapp-\S+$/.test(value));
    return appToken === undefined ? undefined : { kind: 'socket', appToken };
  }
  if (!hasSecret) return noTransport(reader);
  const signingSecret = reader.take('SLACK_SIGNING_SECRET', (value) => /^\S{8,}$/.test(value));
  const port = Number(reader.take('PORT', isPort) ?? '3000');
  return signingSecret === undefined ? undefined : { kind: 'http', signingSecret, port };
}

function noTransport(reader: Reader): undefined {
  const [app, secret] = [variable('SLACK_APP_TOKEN'), variable('SLACK_SIGNING_SECRET')];
  reader.mistakes.push(
    `Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set; Keyturn needs one of them. For Socket Mode set SLACK_APP_TOKEN to ${app.allowed} ` +
      `(${app.where}). For HTTP set SLACK_SIGNING_SECRET to ${secret.allowed} (${secret.where}).`,
  );
  return undefined;
}

function idsIn(value: string): readonly string[] {
  return value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

/** Why this cannot be the id of a person of Slack, for whoever typed it. */
export function whyNoUserId(id: string): string | undefined {
  return isUserId(id)
    ? undefined
    : `“${id}” is no id of a Slack user, which begins with U or W. In Slack: the person's profile, Copy member ID.`;
}

/** A person of Slack; never a user group, whose members change without Keyturn's knowing. */
function isUserId(id: string): boolean {
  return /^[UW][A-Z0-9]{2,40}$/.test(id);
}

function readSsh(reader: Reader): SshConfig {
  const key = reader.raw('KEYTURN_SSH_KEY');
  return {
    key: key === undefined ? undefined : folder(key),
    passphrase: reader.raw('KEYTURN_SSH_PASSPHRASE'),
    agent: reader.raw('SSH_AUTH_SOCK'),
  };
}

function readLogLevel(reader: Reader): LogLevel {
  const value = reader.take('LOG_LEVEL', (candidate) => LOG_LEVELS.some((level) => level === candidate));
  return LOG_LEVELS.find((level) => level === value) ?? 'info';
}

/** Absolute, with `~/` as a shell would read it. */
function folder(path: string): string {
  return resolve(path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path);
}

function isRedisUrl(value: string): boolean {
  return /^(rediss?(\+(sentinel|cluster))?|unix):\/\/\S+$/.test(value);
}

/** Plain HTTP would carry the tokens in the clear, so it is for this machine only. */
function isApiUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535;
}

function invalid(mistakes: readonly string[]): KeyturnError {
  const count = mistakes.length === 1 ? 'One setting is' : `${mistakes.length} settings are`;
  return new KeyturnError(
    'CONFIG_INVALID',
    `${count} wrong:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`,
    'the environment or the .env file; .env.example says what each variable is for and what happens without it.',
  );
}
