/** A desk in memory: keeps runs as states, decides with the real `decide`, and can be held up. The journal's part is played by a map. */
import { noteEvents, type Remark } from '../../src/run/note.ts';
import type { Cluster } from '../../src/inventory/model.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import { checkInputs } from '../../src/procedure/params.ts';
import { aboutCluster, authorise, type Standing } from '../../src/run/authorise.ts';
import type { Recorded } from '../../src/run/events.ts';
import { evolve } from '../../src/run/evolve.ts';
import { decide } from '../../src/run/intents.ts';
import type { DueReview } from '../../src/run/reviews.ts';
import type { Approval, OpenTrouble, Question, RunState } from '../../src/run/state.ts';
import type { Desk, Planned, Started, StartRequest, Damaged } from '../../src/slack/ports.ts';

const DANA = 'U0DANA0001';
const SAM = 'U0SAM00001';
export const TEAM = 'T0SANDBOX1';
export const OPS = 'C0OPS00001';

export const restart: Procedure = {
  name: 'restart',
  product: 'atscale',
  title: 'Restart every node, in the documented order',
  params: { note: { value: { type: 'text', maxLength: 200 }, title: 'A note', required: false } },
  variables: {},
  roles: {},
  secrets: {},
  readOnly: false,
  approvalSeconds: 1800,
  steps: [{ kind: 'announce', id: 'announce-1', title: 'Announce', text: 'It goes down.' }],
  hash: 'a'.repeat(64),
};

/** One parameter of each kind. */
export const replaceHost: Procedure = {
  ...restart,
  name: 'replace-host',
  title: 'Replace a host',
  source: 'Runbook 7',
  params: {
    old: { value: { type: 'host', role: 'engine' }, title: 'The host that goes', help: 'Its name or alias.', required: true },
    new: { value: { type: 'text', pattern: '[a-z0-9.-]+', maxLength: 60 }, title: 'Name of the new host', required: true },
    package: { value: { type: 'path' }, title: 'Package to install', default: '/tmp/atscale.rpm', required: false },
    mode: { value: { type: 'enum', values: ['soft', 'hard'] }, title: 'mode', default: 'soft', required: false },
    wait: { value: { type: 'integer', min: 1, max: 600 }, title: 'Minutes to wait', required: false },
  },
};

export const cluster: Cluster = {
  name: 'atscale-prod',
  product: 'atscale',
  title: 'AtScale, production',
  hosts: [
    { name: 'eng-1', address: '10.0.0.1', port: 22, aliases: ['eng-1.example'], roles: ['engine'], user: 'atscale' },
    { name: 'eng-2', address: '10.0.0.2', port: 22, aliases: [], roles: ['engine', 'query'], user: 'atscale' },
    { name: 'coord-1', address: '10.0.0.3', port: 22, aliases: [], roles: ['coordinator'], user: 'atscale' },
  ],
  jumps: {},
  variables: {},
  secrets: {},
  may: { start: { users: [DANA], groups: [] }, approve: { users: [SAM], groups: [] } },
  channels: [],
  announce: [],
  hash: 'b'.repeat(64),
};

export const elsewhere: Cluster = { ...cluster, name: 'atscale-test', channels: ['C0STAKE001'] };

export const dana = { team: TEAM, user: DANA, name: 'Dana Reyes' };

export function stateOf(run: string, patch: Partial<RunState> = {}): RunState {
  return {
    run,
    requester: dana,
    procedure: restart,
    cluster,
    params: {},
    channel: { team: TEAM, id: OPS },
    startedAt: 1_790_000_000_000,
    seq: 3,
    roles: {},
    rolesSeen: undefined,
    anchors: {},
    captured: {},
    exchanged: [],
    digests: {},
    further: [],
    plan: undefined,
    talks: {},
    questions: {},
    intended: {},
    steps: {},
    approvals: {},
    trouble: undefined,
    asked: [],
    notes: {},
    refusals: {},
    backings: {},
    hold: undefined,
    paused: undefined,
    cancel: undefined,
    ended: undefined,
    ...patch,
  };
}

export function approvalOf(request: string): Approval {
  const item = { step: 'S1', host: 'eng-1', address: '10.0.0.1', attempt: 1, script: 'stop', env: {} };
  return {
    request,
    step: 'S1',
    needs: 'second',
    why: 'Stops all queries.',
    subject: { items: [item], roles: {}, expectations: [] },
    digest: 'c'.repeat(64),
    evidence: [],
    askedAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    checks: [],
    changed: [],
    backers: [],
    reminded: false,
    status: { kind: 'open' },
  };
}

export function troubleOf(trouble: string, choices: OpenTrouble['choices']): OpenTrouble {
  return { trouble, step: 'S1', host: 'eng-1', attempt: 1, what: { kind: 'failed', why: 'status 1' }, choices, at: 0 };
}

export function questionOf(question: string, fields: Partial<Question> = {}): Question {
  const place = { host: undefined, attempt: undefined, number: undefined };
  const about = { question, step: 'S1', about: 'confirm', text: 'Is the load balancer drained?', second: undefined } as const;
  return { ...place, ...about, askedAt: 0, status: { kind: 'open' }, ...fields };
}

/** Something that a test opens by hand. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

const HAPPENED = { at: 0, actor: { kind: 'keyturn' } } as const;

export class FakeDesk implements Desk {
  readonly runs = new Map<string, RunState>();
  /** Journals, where a test has some; a run without one has an empty one. */
  readonly journals = new Map<string, readonly Recorded[]>();
  /** How often a journal was read. */
  reads = 0;
  readonly started: StartRequest[] = [];
  readonly acts: { readonly run: string; readonly kind: string; readonly user: string; readonly reason: string | undefined }[] = [];
  readonly turnedAway: { readonly user: string; readonly action: string; readonly why: string }[] = [];
  readonly remarks: { readonly run: string; readonly remark: Remark }[] = [];
  /** Start, plan and act wait for this. */
  held: Promise<void> = Promise.resolve();
  failure: Error | undefined;
  /** The file of replace-host after an edit. */
  instead: Procedure | undefined;
  /** Further procedures. */
  more: readonly Procedure[] = [];
  private readonly byRequest = new Map<string, string>();

  procedures(): readonly Procedure[] {
    return [restart, { ...restart, name: 'failover' }, this.instead ?? replaceHost, ...this.more];
  }

  clusters(): readonly Cluster[] {
    return [cluster, elsewhere];
  }

  findings(): readonly string[] {
    return [];
  }

  async start(request: StartRequest): Promise<Started> {
    await this.pass();
    const verdict = authorise('start', request.standing, aboutCluster(cluster));
    if (verdict.kind === 'refused') return { kind: 'refused', why: [verdict.why] };
    const before = this.byRequest.get(request.requestId);
    if (before !== undefined) return { kind: 'repeated', run: before };
    const procedure = this.procedures().find((each) => each.name === request.procedure);
    const params = checkInputs(procedure?.params ?? {}, request.params, { hosts: cluster.hosts });
    if (params.kind === 'bad') return { kind: 'refused', why: params.problems.map(({ message }) => message) };
    const holder = [...this.runs.values()].find((state) => state.cluster.name === request.cluster);
    if (holder !== undefined) return { kind: 'locked', holder: holder.run, state: holder };
    const run = `runtest${this.runs.size + 1}`;
    this.byRequest.set(request.requestId, run);
    this.started.push(request);
    this.runs.set(run, stateOf(run, { requester: request.standing.person, params: request.params, channel: request.channel }));
    return { kind: 'started', run };
  }

  async plan(request: Omit<StartRequest, 'channel' | 'requestId'>): Promise<Planned> {
    await this.pass();
    const { procedure, cluster: name } = request;
    const hashes = { procedureHash: restart.hash, clusterHash: cluster.hash };
    const approvers = [{ people: cluster.may.approve, count: 1 }];
    return {
      kind: 'planned',
      plan: {
        procedure,
        title: restart.title,
        cluster: name,
        ...hashes,
        digest: 'd'.repeat(64),
        params: request.params,
        roles: {},
        steps: [],
        approvers,
        problems: [],
        last: undefined,
      },
    };
  }

  async note(run: string, remark: Remark): Promise<void> {
    this.remarks.push({ run, remark });
    for (const event of noteEvents(this.run(run), remark)) {
      const state = this.run(run);
      this.runs.set(run, evolve(state, { seq: state.seq + 1, at: Date.now(), actor: { kind: 'keyturn' }, event }));
    }
  }

  private run(run: string): RunState {
    const state = this.runs.get(run);
    if (state === undefined) throw new Error(`no run ${run}`);
    return state;
  }

  async refused(standing: Standing, action: string, why: string): Promise<void> {
    this.turnedAway.push({ user: standing.person.user, action, why });
  }

  async act(run: string, intent: Parameters<Desk['act']>[1], standing: Parameters<Desk['act']>[2]): ReturnType<Desk['act']> {
    await this.pass();
    const state = this.runs.get(run);
    if (state === undefined) throw new Error(`no run ${run}`);
    const decided = decide(state, intent, standing, 0);
    const reason = 'reason' in intent ? intent.reason : 'note' in intent ? intent.note : undefined;
    if (decided.kind === 'taken') this.acts.push({ run, kind: intent.kind, user: standing.person.user, reason });
    if (decided.kind !== 'moot')
      this.runs.set(
        run,
        decided.events.reduce((before, event) => evolve(before, { ...HAPPENED, seq: before.seq + 1, event }), state),
      );
    return decided;
  }

  async open(): Promise<readonly RunState[]> {
    return [...this.runs.values()].filter((state) => state.ended === undefined);
  }

  async endedSince(at: number): Promise<readonly RunState[]> {
    return [...this.runs.values()].filter((state) => state.ended !== undefined && state.ended.at >= at);
  }

  /** What waits for a review, and what was said of it. */
  due: readonly DueReview[] = [];
  readonly reviewed: { readonly run: string; readonly note: string; readonly user: string }[] = [];

  async reviews(): Promise<readonly DueReview[]> {
    return this.due;
  }

  async review(run: string, note: string, standing: Standing): Promise<{ readonly told: string } | undefined> {
    if (!this.runs.has(run)) return undefined;
    this.reviewed.push({ run, note, user: standing.person.user });
    return { told: 'Recorded.' };
  }

  damaged(): readonly Damaged[] {
    return [];
  }

  async state(run: string): Promise<RunState | undefined> {
    this.reads += 1;
    return this.runs.get(run);
  }

  async journal(run: string): ReturnType<Desk['journal']> {
    this.reads += 1;
    const state = this.runs.get(run);
    return state === undefined ? undefined : { state, recorded: this.journals.get(run) ?? [] };
  }

  private async pass(): Promise<void> {
    await this.held;
    if (this.failure !== undefined) throw this.failure;
  }
}
