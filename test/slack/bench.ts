/** The real Bolt on the sandbox Slack, with a desk in memory behind it and a log that tests read. Closing fails if a rejection was left unhandled. */
import { createServer } from 'node:http';
import pino from 'pino';
import { type SandboxOptions, type SandboxSlack, type Seen, startSandboxSlack, visibleText } from '../../infra/sandbox/slack/server.ts';
import type { SlackConfig, Transport } from '../../src/config.ts';
import type { Prover } from '../../src/factor/verdict.ts';
import { createSlack, type Slack } from '../../src/slack/app.ts';
import { createDirectory } from '../../src/slack/directory.ts';
import type { Office } from '../../src/slack/office.ts';
import { createWebClient, identify } from '../../src/slack/web.ts';
import type { RunRecord } from '../../src/record/model.ts';
import { FakeDesk } from './fake-desk.ts';

export type Bench = {
  readonly sandbox: SandboxSlack;
  readonly desk: FakeDesk;
  readonly slack: Slack;
  readonly config: SlackConfig;
  readonly log: LogInMemory;
  /** By run: `ts` of its thread's first message. */
  readonly threads: Map<string, string>;
  readonly records: Map<string, RunRecord>;
  /** Types a command and resolves with the text of the first answer. */
  answer(person: string, channel: string, text: string): Promise<string>;
  /** A message of the bot with one button. */
  post(action: string, value: string, channel?: string): Promise<string>;
  close(): Promise<void>;
};

export type LogInMemory = { readonly lines: readonly string[]; readonly logger: pino.Logger };

export function logInMemory(heard: () => void = () => undefined): LogInMemory {
  const lines: string[] = [];
  const write = (line: string): void => {
    lines.push(line);
    heard();
  };
  return { lines, logger: pino({ level: 'trace' }, { write }) };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Where nobody has a second factor. */
export const nobody: Prover = { verify: async () => ({ kind: 'notEnrolled' }) };

export async function startBench(
  kind: Transport['kind'],
  options: SandboxOptions = {},
  permalinkOf: () => Promise<string | undefined> = async () => undefined,
  factors: Prover = nobody,
  history?: Office['history'],
): Promise<Bench> {
  const port = await freePort();
  const delivery =
    kind === 'http' ? ({ kind: 'http', requestUrl: `http://127.0.0.1:${port}/slack/events` } as const) : ({ kind: 'socket' } as const);
  const sandbox = await startSandboxSlack({ rates: 'off', delivery, ...options });
  const config = configOf(sandbox, kind, port);
  // What the edge logs wakes `waitFor`, so that a test can wait for it.
  const log = logInMemory(() => sandbox.lookAgain());
  const desk = new FakeDesk();
  const web = createWebClient(config, log.logger);
  const identity = await identify(web);
  const directory = createDirectory({ web, identity, people: () => ({ kind: 'known', identities: new Map() }), log: log.logger });
  const threads = new Map<string, string>();
  const threadOf = async (run: string) => threads.get(run);
  const records = new Map<string, RunRecord>();
  const recordOf = async (run: string) => records.get(run);
  const slack = createSlack({ config, identity, desk, web, directory, factors, log: log.logger, permalinkOf, threadOf, recordOf, history });
  await slack.start();
  if (kind === 'socket') await sandbox.waitForConnections(2);
  return { sandbox, desk, slack, config, log, threads, records, ...doings(sandbox, web), close: () => closeAll(slack, sandbox) };
}

function configOf(sandbox: SandboxSlack, kind: Transport['kind'], port: number): SlackConfig {
  const transport: Transport =
    kind === 'socket' ? { kind, appToken: sandbox.appToken } : { kind, signingSecret: sandbox.signingSecret, port };
  return { botToken: sandbox.botToken, transport, apiUrl: sandbox.url };
}

function doings(sandbox: SandboxSlack, web: ReturnType<typeof createWebClient>): Pick<Bench, 'answer' | 'post'> {
  return {
    async answer(person, channel, text) {
      return firstAnswer(sandbox, await sandbox.person(person).command({ channel, text }));
    },
    async post(action, value, channel = 'C0OPS00001') {
      const button = { type: 'button', text: { type: 'plain_text', text: 'Press' }, action_id: action, value } as const;
      const posted = await web.chat.postMessage({ channel, text: 'a card', blocks: [{ type: 'actions', elements: [button] }] });
      return posted.ts ?? '';
    },
  };
}

const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

async function closeAll(slack: Slack, sandbox: SandboxSlack): Promise<void> {
  await slack.close();
  await sandbox.close();
  if (unhandled.length > 0) throw new Error(`left unhandled: ${unhandled.splice(0).join('; ')}`);
}

export async function firstAnswer(sandbox: SandboxSlack, seen: Seen): Promise<string> {
  if (seen.failure !== undefined) throw new Error(seen.failure);
  return visibleText(await sandbox.waitFor(() => seen.ephemeral[0], { what: 'a private answer' }));
}
