/**
 * Alation's procedures without Slack: the worker in this process, real Redis, a real sshd for each host of each pair. For the many runs that end
 * at one condition or one failure, where nothing of Slack is at stake.
 */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { clusterFile } from '../../infra/sandbox/cluster-file.ts';
import { type AlationOptions, type AlationPair, createAlationPair } from '../../infra/sandbox/hosts/alation/pair.ts';
import type { Config } from '../../src/config.ts';
import { startKeyturn } from '../../src/keyturn.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Choice, EventOf, RunEvent } from '../../src/run/events.ts';
import type { Intent } from '../../src/run/intents.ts';
import type { Plan } from '../../src/run/plan.ts';
import type { Question, RunState } from '../../src/run/state.ts';
import type { Desk } from '../../src/slack/ports.ts';
import { startRedis } from '../support/redis.ts';
import { allOf, expectSound } from '../support/sound.ts';
import { type Hosts, startHosts } from '../support/sandbox-hosts.ts';
import { quick } from './town.ts';

export const dana: Standing = { person: { team: 'T1', user: 'U0DANA', name: 'Dana' }, kind: { kind: 'member' }, memberOf: [] };
export const sam: Standing = { person: { team: 'T1', user: 'U0SAM', name: 'Sam' }, kind: { kind: 'member' }, memberOf: [] };

type Params = Readonly<Record<string, string>>;
export type People = {
  /** What a second person says to what the run asks; undefined lets it wait. */
  readonly say: (question: Question) => string | undefined;
  /** Whether a second person approves that step; else the request waits. */
  readonly approve: (step: string) => boolean;
};

/** They approve everything and say yes to whatever people do or confirm, and nothing to a tool. */
export const willing: People = { say: ({ about }) => (about === 'prompt' ? undefined : 'done'), approve: () => true };

const AT_ONCE = { postgres: 0, kvstore: 0, update: 0, reindex: 0, restart: 0 } as const;

export interface Bench {
  /** A pair with a cluster file of its own; ended with the bench. */
  stand(options?: AlationOptions): Promise<Stand>;
  close(): Promise<void>;
}

export interface Stand {
  readonly pair: AlationPair;
  readonly hosts: Hosts<AlationPair>;
  plan(procedure: string, params?: Params): Promise<Plan>;
  begin(procedure: string, params?: Params): Promise<string>;
  /** Lets people do their part until the run has ended, is in trouble, or waits for what nobody gives it. */
  drive(run: string, people?: Partial<People>): Promise<RunState>;
  /** Begins and drives. */
  run(procedure: string, params?: Params, people?: Partial<People>): Promise<RunState>;
  act(run: string, intent: Intent, standing?: Standing): Promise<void>;
  /** Settles the trouble of the run in this way. */
  settle(run: string, choice: Choice): Promise<void>;
  events<K extends RunEvent['kind']>(run: string, kind: K): Promise<readonly EventOf<K>[]>;
}

export async function openBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  const [clusters, procedures, data] = ['clusters', 'procedures', 'data'].map((part) => join(folder, part)) as [string, string, string];
  for (const path of [clusters, data]) mkdirSync(path, { mode: 0o700 });
  cpSync(resolve(import.meta.dirname, '../../procedures/alation'), join(procedures, 'alation'), { recursive: true });
  for (const file of readdirSync(join(procedures, 'alation'))) if (file.endsWith('.yaml')) hurry(join(procedures, 'alation', file));
  const redis = await startRedis();
  const config: Config = {
    role: 'worker',
    slack: undefined,
    lookup: undefined,
    redisUrl: redis.url,
    procedures,
    clusters,
    people: join(folder, 'people.yaml'),
    peopleNamed: false,
    data,
    record: data,
    archiveAfterDays: 30,
    keepDays: undefined,
    status: undefined,
    keyFile: join(data, 'installation.key'),
    files: join(data, 'files'),
    replicas: 0,
    postsPerSecond: 1,
    administrators: [],
    ssh: { key: undefined, passphrase: undefined, agent: undefined },
    logLevel: 'silent',
    notices: [],
  };
  const keyturn = await startKeyturn(config, pino({ level: process.env.TEST_LOG ?? 'silent' }));
  const stands: Hosts<AlationPair>[] = [];
  return {
    async stand(options) {
      const hosts = await startHosts(
        await createAlationPair(mkdtempSync(join(tmpdir(), 'keyturn-hosts-')), { seconds: AT_ONCE, ...options }),
      );
      stands.push(hosts);
      const name = `alation-${stands.length}`;
      appendFileSync(join(data, 'known_hosts'), hosts.knownHosts);
      const may = { start: [dana.person.user], approve: [sam.person.user] };
      writeFileSync(join(clusters, `${name}.yaml`), clusterFile({ name, title: 'Alation', ...hosts, hosts: hosts.hostEntries, ...may }));
      return standOf(keyturn.desk, name, hosts);
    },
    close: () =>
      allOf(
        () => keyturn.close(),
        () => Promise.all(stands.map((hosts) => hosts.close())),
        () => expectSound(redis.url, join(data, 'installation.key')),
        () => redis.stop(),
        () => rmSync(folder, { recursive: true, force: true }),
      ),
  };
}

/** Short waits, so that a check that never holds is over soon. */
function hurry(file: string): void {
  writeFileSync(file, quick(readFileSync(file, 'utf8')).replaceAll(/\bwithin: \d+[smh]/g, 'within: 2s'));
}

let requests = 0;

function standOf(desk: Desk, cluster: string, hosts: Hosts<AlationPair>): Stand {
  const wanted = (procedure: string, params: Params) => ({ procedure, cluster, params, standing: dana });
  const stand: Stand = {
    pair: hosts.product,
    hosts,
    async plan(procedure, params = {}) {
      const planned = await desk.plan(wanted(procedure, params));
      if (planned.kind === 'refused') throw new Error(planned.why.join('\n'));
      return planned.plan;
    },
    async begin(procedure, params = {}) {
      requests += 1;
      const started = await desk.start({ ...wanted(procedure, params), channel: { team: 'T1', id: 'C1' }, requestId: `r${requests}` });
      if (started.kind !== 'started') throw new Error(JSON.stringify([started, desk.findings()]));
      return started.run;
    },
    drive: (run, people) => drive(desk, run, { ...willing, ...people }),
    run: async (procedure, params, people) => stand.drive(await stand.begin(procedure, params), people),
    async act(run, intent, standing = dana) {
      const decided = await desk.act(run, intent, standing);
      if (decided.kind !== 'taken') throw new Error(JSON.stringify(decided));
    },
    async settle(run, choice) {
      const trouble = (await desk.state(run))?.trouble?.trouble ?? '';
      await stand.act(run, { kind: 'settle', trouble, choice, reason: 'so it is' });
    },
    async events(run, kind) {
      const recorded = (await desk.journal(run))?.recorded ?? [];
      return recorded.flatMap(({ event }) => (isOf(event, kind) ? [event] : []));
    },
  };
  return stand;
}

function isOf<K extends RunEvent['kind']>(event: RunEvent, kind: K): event is EventOf<K> {
  return event.kind === kind;
}

async function drive(desk: Desk, run: string, people: People): Promise<RunState> {
  const deadline = performance.now() + 40_000;
  for (;;) {
    const state = await desk.state(run);
    if (state === undefined) throw new Error(`there is no run ${run}`);
    if (state.ended !== undefined || state.trouble !== undefined) return state;
    const intent = nextOf(state, people);
    if (intent === 'nothing') return state;
    if (intent !== undefined) await desk.act(run, intent, sam);
    if (performance.now() > deadline) throw new Error(`not through: ${JSON.stringify({ ...state, procedure: 0, cluster: 0 }, null, 1)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** What people do now: `nothing` where the run waits for something that they do not give, undefined where it waits for nobody. */
function nextOf(state: RunState, { say, approve }: People): Intent | 'nothing' | undefined {
  const question = Object.values(state.questions).find(({ status }) => status.kind === 'open');
  if (question !== undefined) {
    const answer = say(question);
    return answer === undefined ? 'nothing' : { kind: 'answer', question: question.question, answer, note: '' };
  }
  const asked = Object.values(state.approvals).find(({ status }) => status.kind === 'open');
  if (asked === undefined) return undefined;
  return approve(asked.step) ? { kind: 'approve', request: asked.request, digest: asked.digest } : 'nothing';
}

/** Why the run is in trouble, in one line with its step. */
export function troubleOf({ trouble, ended }: RunState): string {
  if (trouble === undefined) return `no trouble, ${ended?.outcome ?? 'waiting'}`;
  const { what, step, host } = trouble;
  return `${step} ${host ?? ''} ${what.kind}: ${'why' in what ? what.why : ''}`;
}
