/**
 * The desk at which people ask for runs. Every way in (Slack, CLI) comes through here.
 *
 * K1 Nothing is said to a person before the journal holds it.
 */
import { explain } from '../errors.ts';
import { findCluster, findProcedure } from '../files/library.ts';
import type { Library } from '../files/load.ts';
import { formatFinding } from '../files/load.ts';
import { checkFit } from '../inventory/fit.ts';
import type { Cluster } from '../inventory/model.ts';
import { formatProblem } from '../procedure/finding.ts';
import type { Procedure } from '../procedure/model.ts';
import { checkInputs } from '../procedure/params.ts';
import { aboutCluster, authorise, type Standing, type Verdict, whyNotIn } from '../run/authorise.ts';
import type { Setting } from '../run/context.ts';
import type { RunEvent } from '../run/events.ts';
import { fold } from '../run/evolve.ts';
import { fixedRoles } from '../run/roles.ts';
import type { Desk, Planned, StartRequest } from '../slack/ports.ts';
import type { Eyes, Hands } from './hands.ts';
import { planOf } from './plan-of.ts';
import { createRunDesk, personally, type RunDeskParts, read, stateOf } from './run-desk.ts';

export type DeskParts = RunDeskParts & {
  readonly hands: Eyes & Pick<Hands, 'lastTime' | 'emergencies' | 'listing'>;
  /** A new run's id: one unbroken word. */
  readonly runId: () => string;
};

type Prepared =
  | { readonly kind: 'prepared'; readonly setting: Setting }
  /** `rights`: not for a mistake, but because the person may not. */
  | {
      readonly kind: 'refused';
      readonly why: readonly string[];
      readonly rights?: { readonly cluster: string; readonly procedure: string };
    };

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

const UNLISTED = 'a new run could not be entered into the list of runs; the worker does so before it starts anything';

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
      // The run stands: who drives it makes up for what could not be noted here.
      await parts.hands.listing
        .note(run, created.stored)
        .catch((error: unknown) => parts.log.warn({ run, reason: explain(error) }, UNLISTED));
      await parts.nudge(run, 'begin');
      return { kind: 'started', run };
    case 'repeated':
      return { kind: 'repeated', run: created.run };
    case 'locked':
      return { kind: 'locked', holder: created.holder, state: await stateOf(parts, created.holder) };
  }
}
