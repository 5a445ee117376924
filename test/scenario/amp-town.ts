/** A town with sandbox AMP servers, and people who answer whatever a run asks until it ends or something is wrong. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { dump, load } from 'js-yaml';
import { type AmpPair, createAmpPair } from '../../infra/sandbox/hosts/amp/amp.ts';
import type { AmpOptions } from '../../infra/sandbox/hosts/amp/place.ts';
import { controlsOf, type Message, visibleText } from '../../infra/sandbox/slack/server.ts';
import { askServer, INSIST } from '../support/amp.ts';
import { quick, startTownOn, type ThreadView, type Town, type TownOptions } from './town.ts';

export type AmpTown = Town<AmpPair>;
export const CLUSTER = 'amp-prod';

const HEARTBEAT_MS = 100;

/** Quick servers, and limits of the cluster file that fit them. `timeout` is of the heartbeats, in seconds. */
export function startAmpTown(
  { timeout = 1, ...amp }: Omit<AmpOptions, 'timeoutMs'> & { readonly timeout?: number } = {},
  options: TownOptions = {},
  /** Another folder than the one that is given. */
  folderOf: (dir: string) => string = (dir) => dir,
): Promise<AmpTown> {
  const limits = { heartbeat_timeout: String(timeout), failover_margin: '8', start_limit: '10' };
  const make = (dir: string): AmpPair => {
    const pair = createAmpPair(folderOf(dir), { heartbeatMs: HEARTBEAT_MS, timeoutMs: timeout * 1_000, startMs: 50, ...amp });
    return { ...pair, variables: { ...pair.variables, ...limits } };
  };
  return startTownOn(CLUSTER, make, { procedures: quick, ...options });
}

export type Ended = {
  readonly thread: ThreadView;
  /** All of the thread as people read it, but its plan. */
  readonly text: string;
  /** What was pressed, in order. */
  readonly pressed: readonly string[];
  /** The text of the card that says what went wrong; the run waits there. */
  readonly trouble: string | undefined;
};

/** Starts a procedure; Sam approves, and Dana does by hand and confirms, Sam where a second person must. Ends with the run or with its first trouble. */
export async function carryThrough(town: AmpTown, procedure: string, params = ''): Promise<Ended> {
  return answerAll(town, await town.begin(`/ha ${procedure} ${CLUSTER} ${params}`.trim()));
}

const ASKED = /^(Approve|Done|Yes, Confirmed|Abort)/;

/** Answers whatever is asked in that thread from now on. */
export async function answerAll(town: AmpTown, thread: ThreadView): Promise<Ended> {
  const pressed: string[] = [];
  const ended = (trouble: Message | undefined): Ended => ({
    thread,
    text: thread
      .texts()
      .filter((each) => !each.startsWith('*Plan of'))
      .join('\n'),
    pressed,
    trouble: trouble === undefined ? undefined : visibleText(trouble),
  });
  const done = new Set<string>();
  for (;;) {
    const what = 'a question, a trouble or the end';
    const next = await town.slack.waitFor(() => (isOver(thread) ? 'over' : asking(thread, done)), { what, timeoutMs: 40_000 });
    if (next === 'over') return ended(undefined);
    const { message, label } = next;
    if (label.startsWith('Abort')) return ended(message);
    const person = label.startsWith('Approve') || /second person/.test(visibleText(message)) ? 'sam' : 'dana';
    await town.slack.person(person).click({ channel: 'ops', ts: message.ts, label });
    done.add(message.ts);
    pressed.push(label);
  }
}

/** The run has ended and its thread is written to the end: nothing is offered any more. */
function isOver(thread: ThreadView): boolean {
  const messages = thread.messages();
  return messages.length > 0 && messages.every((message) => labels(message).length === 0);
}

function asking(thread: ThreadView, done: ReadonlySet<string>): { readonly message: Message; readonly label: string } | undefined {
  for (const message of thread.messages()) {
    const label = done.has(message.ts) ? undefined : labels(message).find((each) => ASKED.test(each));
    if (label !== undefined) return { message, label };
  }
  return undefined;
}

function labels(message: Message): readonly string[] {
  return controlsOf(message.blocks).map(({ label }) => label);
}

/** Has a run that waits in a trouble look once more, and answers whatever comes then. */
export async function checkAgain(town: AmpTown, { thread }: Ended): Promise<Ended> {
  await thread.press('dana', /^Check Again/);
  await town.slack.waitFor(() => !thread.messages().some((message) => labels(message).includes('Abort')), {
    what: 'the trouble to be settled',
  });
  return answerAll(town, thread);
}

/** Ends a run that waits in a trouble. */
export async function abort(town: AmpTown, { thread }: Pick<Ended, 'thread'>): Promise<void> {
  await thread.press('dana', /^Abort/);
  await town.slack.waitFor(() => town.slack.openViews('dana').length === 1, { what: 'the modal that asks for a reason' });
  await town.slack.person('dana').submitView({ values: { reason: 'seen enough' } });
  await thread.see(/\baborted\b/);
}

/** Everything that stands in Redis, journals among it, as Redis itself would write it to a file. */
export async function redisContent(town: AmpTown): Promise<string> {
  const redis = new Redis(town.redis.url);
  try {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    const streams = await Promise.all(keys.map((key) => redis.xrange(key, '-', '+').catch(() => [])));
    return `${Buffer.concat(dumps.flatMap((dump) => dump ?? [])).toString('latin1')}${JSON.stringify(streams)}`;
  } finally {
    redis.disconnect();
  }
}

/** The command lines of all processes of this machine, looked at all the time until it is stopped. Where there is no /proc it sees nothing. */
export function watchProcessList(): { stop(): readonly string[] } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' '));
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  const timer = setInterval(look, 10);
  return {
    stop: () => {
      clearInterval(timer);
      return [...seen];
    },
  };
}

/** As somebody beside Keyturn would, at the API of that host's own server. */
export async function post(town: AmpTown, host: string, what: 'state' | 'priority', form: string): Promise<void> {
  const { status, text } = await askServer(town.hosts.cluster, host, `/v1/server/ha/${what}`, { form, headers: INSIST });
  if (status !== 200) throw new Error(`${host} answers ${form} with ${status}: ${text}`);
}

type ClusterText = {
  readonly variables: Record<string, string>;
  readonly hosts: readonly { readonly name: string; readonly variables: Record<string, string> }[];
};

/** Gives the cluster, or one of its hosts, other variables; what comes next finds them. Answers how to take that back. */
export function setVariables(town: AmpTown, variables: Readonly<Record<string, string>>, host?: string): () => void {
  const path = join(town.folder, 'clusters', `${CLUSTER}.yaml`);
  const before = readFileSync(path, 'utf8');
  const cluster = load(before) as ClusterText;
  const place = host === undefined ? cluster.variables : cluster.hosts.find(({ name }) => name === host)?.variables;
  if (place === undefined) throw new Error(`There is no ${host}.`);
  Object.assign(place, variables);
  writeFileSync(path, dump(cluster));
  return () => writeFileSync(path, before);
}
