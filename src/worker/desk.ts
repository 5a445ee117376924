/**
 * The desk at which people ask for runs. Every way in (Slack, CLI) comes through here.
 *
 * K1 Nothing is said to a person before the journal holds it.
 * K2 An intent is decided against the very state that its append is compared with; whoever comes second is decided again.
 */

import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import { findCluster, findProcedure } from '../files/library.ts';
import type { Library } from '../files/load.ts';
import { formatFinding } from '../files/load.ts';
import { checkFit } from '../inventory/fit.ts';
import type { Cluster } from '../inventory/model.ts';
import type { Journal, Stored } from '../journal/journal.ts';
import { isDamage } from '../journal/lost.ts';
import { formatProblem } from '../procedure/finding.ts';
import type { Procedure } from '../procedure/model.ts';
import { checkInputs } from '../procedure/params.ts';
import { aboutCluster, authorise, type Standing, type Verdict, whyNotIn } from '../run/authorise.ts';
import type { Setting } from '../run/context.ts';
import type { Actor, Person, RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import type { Decided } from '../run/decided.ts';
import { fixedRoles } from '../run/roles.ts';
import type { RunState } from '../run/state.ts';
import type { Desk, Planned, StartRequest } from '../slack/ports.ts';
import type { WhoIs } from './approvers.ts';
import { decideNow } from './decide-now.ts';
import type { Eyes, Hands } from './hands.ts';
import { planOf } from './plan-of.ts';
import type { NoteRefusal, Refusal } from './refusals.ts';
import { openSession } from './session.ts';

export type DeskParts = {
  readonly journal: Journal<RunEvent>;
  /** Read again for each request: an edit on disk counts for the next run. */
  readonly library: () => Library;
  readonly nudge: (run: string, key: string) => Promise<void>;
  readonly hands: Eyes & Pick<Hands, 'lastTime' | 'emergencies'>;
  readonly noteRefusal: NoteRefusal;
  /** Asked about those who stood for something earlier; absent where Slack cannot be asked. */
  readonly whoIs?: WhoIs | undefined;
  readonly now: () => number;
  readonly log: Logger;
  /** A new run's id: one unbroken word. */
  readonly runId: () => string;
};

/** What is needed for runs that exist already. */
export type RunDeskParts = Pick<DeskParts, 'journal' | 'library' | 'nudge' | 'whoIs' | 'noteRefusal' | 'now' | 'log'> & {
  readonly hands: Pick<Hands, 'emergencies'>;
};

/** The desk for runs that exist already: for a door that starts none. */
export type RunDesk = Pick<Desk, 'clusters' | 'act' | 'open' | 'frozen' | 'state'>;

type Prepared =
  | { readonly kind: 'prepared'; readonly setting: Setting }
  /** `rights`: not for a mistake, but because the person may not. */
  | {
      readonly kind: 'refused';
      readonly why: readonly string[];
      readonly rights?: { readonly cluster: string; readonly procedure: string };
    };

export function createRunDesk(parts: RunDeskParts): RunDesk {
  const frozen = new Map<string, string>();

  /** One damaged journal must not keep the other runs from being shown and stopped. */
  async function unlessFrozen(run: string): Promise<readonly RunState[]> {
    try {
      const state = await stateOf(parts, run);
      frozen.delete(run);
      return state === undefined ? [] : [state];
    } catch (error) {
      if (!isDamage(error)) throw error;
      frozen.set(run, error.message);
      return [];
    }
  }

  return {
    clusters: () => parts.library().clusters,
    act: (run, intent, standing) => act(parts, run, intent, standing),
    open: async () => {
      const runs = await parts.journal.openRuns();
      for (const run of frozen.keys()) if (!runs.includes(run)) frozen.delete(run);
      return (await Promise.all(runs.map(unlessFrozen))).flat();
    },
    frozen: () => [...frozen].map(([run, why]) => ({ run, why })),
    state: (run) => stateOf(parts, run),
  };
}

export function createDesk(parts: DeskParts): Desk {
  return {
    ...createRunDesk(parts),
    procedures: () => parts.library().procedures,
    findings: () => parts.library().findings.map(formatFinding),
    start: (request) => start(parts, request),
    plan: async (request) => {
      const prepared = prepare(parts.library(), request, askedBy(request.standing, 'plan'));
      await noted(parts, request.standing, 'plan', prepared);
      return prepared.kind === 'refused'
        ? prepared
        : { kind: 'planned', plan: await planOf(parts.hands, prepared.setting, parts.hands.lastTime) };
    },
    refused: (standing, action, why) => parts.noteRefusal({ person: standing.person, action, why }),
    reviews: () => parts.hands.emergencies.due(),
    review: async (run, note, standing) => {
      const state = await stateOf(parts, run);
      return state === undefined ? undefined : parts.hands.emergencies.review(state, note, standing, parts.now());
    },
    journal: async (run) => {
      const recorded = await read(parts, run);
      return recorded === undefined ? undefined : { state: fold(run, recorded), recorded };
    },
  };
}

async function read(parts: Pick<DeskParts, 'journal'>, run: string): Promise<readonly Stored<RunEvent>[] | undefined> {
  try {
    return await parts.journal.read(run);
  } catch (error) {
    if (error instanceof KeyturnError && error.code === 'RUN_UNKNOWN') return undefined;
    throw error;
  }
}

async function stateOf(parts: Pick<DeskParts, 'journal'>, run: string): Promise<RunState | undefined> {
  const recorded = await read(parts, run);
  return recorded === undefined ? undefined : fold(run, recorded);
}

/** The plan for whoever sits at Keyturn's own machine: they hold its files and its keys, so there is nothing left to refuse them. */
export async function planAtMachine(parts: Pick<DeskParts, 'library'> & { readonly hands: Eyes }, wanted: Wanted): Promise<Planned> {
  const prepared = prepare(parts.library(), wanted, () => ({ kind: 'allowed' }));
  return prepared.kind === 'refused' ? prepared : { kind: 'planned', plan: await planOf(parts.hands, prepared.setting) };
}

type Wanted = Pick<StartRequest, 'procedure' | 'cluster' | 'params'>;

function askedBy(standing: Standing, action: 'start' | 'plan'): MayThey {
  return (cluster, procedure) => authorise(action, standing, aboutCluster(cluster, procedure));
}

type MayThey = (cluster: Cluster, procedure: Procedure) => Verdict;

/** Finds and checks everything that a run or a plan needs, before anything is written or posted. */
function prepare(library: Library, request: Wanted, mayThey: MayThey): Prepared {
  const cluster = findCluster(library, request.cluster);
  if (cluster.kind === 'missing') return refused(cluster.why);
  const procedure = findProcedure(library, request.procedure, cluster.cluster);
  if (procedure.kind === 'missing') return refused(procedure.why);
  const verdict = mayThey(cluster.cluster, procedure.procedure);
  if (verdict.kind === 'refused')
    return { ...refused(verdict.why), rights: { cluster: cluster.cluster.name, procedure: procedure.procedure.name } };
  const problems = checkFit(procedure.procedure, cluster.cluster);
  if (problems.length > 0) return refused(...problems.map(formatProblem));
  const params = checkInputs(procedure.procedure.params, request.params, { hosts: cluster.cluster.hosts });
  if (params.kind === 'bad') return refused(...params.problems.map(formatProblem));
  const setting = { procedure: procedure.procedure, cluster: cluster.cluster, params: params.values };
  const roles = fixedRoles(setting);
  if (roles.kind === 'failed') return refused(roles.why);
  return { kind: 'prepared', setting: { ...setting, roles: roles.roles, captured: {} } };
}

function refused(...why: readonly string[]): { readonly kind: 'refused'; readonly why: readonly string[] } {
  return { kind: 'refused', why };
}

async function noted(parts: DeskParts, { person }: Standing, action: 'start' | 'plan', prepared: Prepared): Promise<void> {
  if (prepared.kind === 'refused' && prepared.rights !== undefined)
    await parts.noteRefusal({ person, action, ...prepared.rights, why: prepared.why.join(' ') });
}

async function start(parts: DeskParts, request: StartRequest): ReturnType<Desk['start']> {
  const before = await parts.journal.lookup(request.requestId);
  if (before !== undefined) return { kind: 'repeated', run: before };
  const prepared = prepare(parts.library(), request, askedBy(request.standing, 'start'));
  await noted(parts, request.standing, 'start', prepared);
  if (prepared.kind === 'refused') return prepared;
  const { procedure, cluster, params } = prepared.setting;
  const elsewhere = whyNotIn(cluster, request.channel.id);
  if (elsewhere !== undefined) return refused(elsewhere);
  const { person } = request.standing;
  const requested: RunEvent = {
    kind: 'runRequested',
    requester: person,
    procedure,
    cluster,
    params: { ...params },
    channel: request.channel,
    requestId: request.requestId,
  };
  const run = parts.runId();
  const created = await parts.journal.create(run, [requested], {
    at: parts.now(),
    actor: personally(person),
    requestId: request.requestId,
    ...(procedure.readOnly ? {} : { lock: cluster.name }),
  });
  switch (created.kind) {
    case 'created':
      await parts.nudge(run, 'begin');
      return { kind: 'started', run };
    case 'repeated':
      return { kind: 'repeated', run: created.run };
    case 'locked':
      return { kind: 'locked', holder: created.holder, state: await stateOf(parts, created.holder) };
  }
}

function personally(person: Person): Actor {
  return { kind: 'person', person };
}

async function act(parts: RunDeskParts, run: string, intent: Parameters<Desk['act']>[1], standing: Standing): ReturnType<Desk['act']> {
  const session = await openSession(parts.journal, run);
  for (;;) {
    const now = parts.now();
    const decided = await decideNow(parts.whoIs, session.state(), intent, standing, now);
    if (decided.kind === 'moot') return decided;
    if (!(await session.append(decided.events, now, personally(standing.person)))) continue;
    if (decided.events.some(isEmergency)) await listEmergency(parts, session.state());
    if (decided.kind === 'taken') await parts.nudge(run, `intent-${session.head().seq}`);
    if (decided.kind === 'refused') await parts.noteRefusal(refusalIn(session.state(), decided, standing.person));
    return decided;
  }
}

function isEmergency({ kind }: RunEvent): boolean {
  return kind === 'glassBroken' || kind === 'holdOverridden';
}

/** What the journal holds is done whatever becomes of the list: when the run is over it is written once more. */
async function listEmergency({ hands, log }: RunDeskParts, state: RunState): Promise<void> {
  await hands.emergencies.note(state).catch((error: unknown) => {
    log.error(
      { run: state.run, reason: error instanceof Error ? error.message : String(error) },
      'an emergency could not be listed for review yet',
    );
  });
}

function refusalIn(
  { run, cluster, procedure }: RunState,
  { action, told }: Extract<Decided, { kind: 'refused' }>,
  person: Person,
): Refusal {
  return { person, action, run, cluster: cluster.name, procedure: procedure.name, why: told };
}
