/**
 * One Socket Mode connection, kept up for ever. Owns connecting, reconnecting and the truth about both; what arrives goes to the receiver.
 *
 * The library's own reconnection is switched off: its failures are rejections that nobody can catch and end the process (a revoked token, an
 * HTTP 500), and it waits multiples of the ping time-out before it tries again. Hence:
 * 1. No fault of the link, at any time, ends the process or leaves an unhandled rejection.
 * 2. It tries again for as long as it is not closed: at once after a connection that had worked, then with growing pauses of at most 30 s.
 * 3. Each new cause is logged once, in one sentence; not once per try.
 */
import { SocketModeReceiver } from '@slack/bolt';
import type { Logger } from 'pino';
import type { KeyturnError } from '../errors.ts';
import { type WebFailure, webFailure } from './failure.ts';
import { redact, slackLogger } from './log.ts';
import { aborted, pause, promiseOf, within } from './waiting.ts';
import { signInProblem } from './web.ts';

export type LinkState = {
  readonly name: string;
  readonly state: 'connecting' | 'connected' | 'waiting' | 'closed';
  readonly why: string | undefined;
};

export interface SocketLink {
  readonly receiver: SocketModeReceiver;
  /** Begins to connect and returns at once. */
  open(): void;
  /** The first connection, or why there was none: KeyturnError SLACK_APP_TOKEN_REFUSED or SLACK_UNREACHABLE. The link goes on trying. */
  first(): Promise<void>;
  state(): LinkState;
  close(): Promise<void>;
}

export type LinkOptions = { readonly name: string; readonly appToken: string; readonly apiUrl: string; readonly log: Logger };

const CLIENT_PING_MS = 25_000;
const HELLO_MS = 20_000;
const CLOSE_MS = 3_000;
const MAX_PAUSE_MS = 30_000;

export function createSocketLink(options: LinkOptions): SocketLink {
  const { name, log } = options;
  const receiver = makeReceiver(options);
  const closing = new AbortController();
  const closed = aborted(closing.signal);
  const first = promiseOf<void>();
  let now: LinkState = { name, state: 'connecting', why: undefined };
  let running: Promise<void> = Promise.resolve();
  let told: string | undefined;

  function waitBecause(problem: KeyturnError): void {
    now = { name, state: 'waiting', why: problem.message };
    first.reject(problem);
    if (told === problem.message) return;
    told = problem.message;
    log.warn({ link: name, code: problem.code, check: problem.check }, `${problem.message} Keyturn goes on trying; runs go on meanwhile.`);
  }

  function connected(): void {
    const news = told === undefined ? 'connected to Slack' : 'the connection to Slack is back';
    told = undefined;
    now = { name, state: 'connected', why: undefined };
    first.resolve();
    log.info({ link: name }, news);
  }

  async function keepUp(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; ) {
      const lost = nextDisconnect(receiver);
      const problem = await connect(receiver, options.apiUrl, closed);
      if (problem === 'closed') return;
      if (problem === undefined) {
        failures = 0;
        connected();
        await Promise.race([lost.promise, closed]);
        now = { name, state: 'connecting', why: 'the connection was closed' };
        if (!closing.signal.aborted) log.info({ link: name }, 'the connection to Slack was closed; connecting again');
      } else {
        failures += 1;
        waitBecause(problem);
      }
      lost.forget();
      await pause(pauseAfter(failures, Math.random()), closing.signal);
    }
  }

  return {
    receiver,
    open() {
      running = keepUp().catch((error: unknown) =>
        log.error({ link: name, error: redact(String(error)) }, 'the link to Slack stopped by a fault in Keyturn'),
      );
    },
    first: () => first.promise,
    state: () => now,
    async close() {
      closing.abort();
      await running;
      await hangUp(receiver);
      now = { name, state: 'closed', why: undefined };
    },
  };
}

function makeReceiver({ name, appToken, apiUrl, log }: LinkOptions): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: slackLogger(log.child({ link: name }), 'slack-socket', 'quiet'),
    autoReconnectEnabled: false,
    clientPingTimeout: CLIENT_PING_MS,
    // An object of its own: the library writes its retry settings into whatever it is given.
    installerOptions: {
      clientOptions: {
        slackApiUrl: apiUrl,
        timeout: 10_000,
        rejectRateLimitedCalls: true,
        retryConfig: { retries: 0, maxTimeout: MAX_PAUSE_MS },
      },
    },
    // What fails here has been answered already; an acknowledgement would only tell Slack not to send it again.
    processEventErrorHandler: async ({ error }) => {
      log.error({ link: name, error: redact(error.message) }, 'an envelope from Slack could not be handled');
      return false;
    },
  });
  guardMessages(receiver, log);
  return receiver;
}

/** An envelope without an inner event (`app_rate_limited`) makes the library reject where nobody listens (invariant 1). */
function guardMessages(receiver: SocketModeReceiver, log: Logger): void {
  const { client } = receiver;
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...args: unknown[]) => {
    for (const handler of handlers) {
      Promise.resolve(handler(...args)).catch((error: unknown) => {
        log.warn({ error: redact(String(error)) }, 'a message from Slack was of a kind that the library cannot read; it was left out');
      });
    }
  });
}

/** Resolves with the reason why there is no connection, or with nothing once Slack said hello. Never rejects. */
async function connect(receiver: SocketModeReceiver, apiUrl: string, closed: Promise<void>): Promise<KeyturnError | undefined | 'closed'> {
  const trying = receiver.client.start().then(
    () => undefined,
    (error: unknown) => signInProblem('SLACK_APP_TOKEN', failureOf(error), apiUrl),
  );
  const outcome = await within(Promise.race([trying, closed.then(() => 'closed' as const)]), HELLO_MS);
  if (outcome.kind === 'done' && outcome.value !== 'closed') return outcome.value;
  // A start that is still under way would open its socket after the end, so it is hung up once more when it got there.
  void trying.then(() => hangUp(receiver));
  await hangUp(receiver);
  if (outcome.kind === 'done') return 'closed';
  return signInProblem('SLACK_APP_TOKEN', { kind: 'unreachable', why: 'connected, but Slack said nothing for 20 s' }, apiUrl);
}

/** The library rejects with nothing at all when the socket closes before it was ready. */
function failureOf(error: unknown): WebFailure {
  return error === undefined ? { kind: 'unreachable', why: 'the socket was closed before it was ready' } : webFailure(error);
}

async function hangUp(receiver: SocketModeReceiver): Promise<void> {
  // `receiver.stop()` resolves before the socket is closed; the client's own promise does not, but waits for ever for a peer that is gone.
  await within(
    receiver.client.disconnect().catch(() => undefined),
    CLOSE_MS,
  );
}

function nextDisconnect(receiver: SocketModeReceiver): { readonly promise: Promise<void>; forget(): void } {
  const settled = promiseOf<void>();
  const heard = () => settled.resolve();
  receiver.client.on('disconnected', heard);
  return { promise: settled.promise, forget: () => receiver.client.off('disconnected', heard) };
}

/** Pure: milliseconds before the next try. None after a connection that had worked; jitter keeps two links apart. */
export function pauseAfter(failures: number, random: number): number {
  if (failures === 0) return 0;
  return Math.min(MAX_PAUSE_MS, 500 * 2 ** (failures - 1)) * (0.75 + random / 4);
}
