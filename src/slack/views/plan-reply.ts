/**
 * The reply that lists every step. It stands from the start, with what is known then, and is rewritten once: when the steps that only look have
 * run, it shows exactly what the digest of the plan covers. Pure.
 */
import { buildPlan } from '../../run/build-plan.ts';
import type { Recorded } from '../../run/events.ts';
import { fold } from '../../run/evolve.ts';
import type { Plan } from '../../run/plan.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, sayLines } from './compose.ts';
import { code } from './escape.ts';
import { headOf, stepParts } from './planned-step.ts';
import { about, counted, heading, name, roleLines } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** Plans of one run by the number of events that they are built from. Journals only grow, so each is built once: it takes every expression of every step. */
export type Plans = Map<number, Plan>;

export function planDraft(state: RunState, recorded: readonly Recorded[], plans: Plans): Draft {
  const known = recorded.findIndex(({ event }) => event.kind === 'planResolved');
  const plan = planAt(state.run, recorded, known === -1 ? 1 : known + 1, plans);
  const count = counted(plan.steps.length, 'step');
  const first = `Plan of ${heading(state)}: ${count}`;
  const roles = roleLines(plan.roles);
  const found = roles === '' ? [] : ['Roles as found:', roles];
  const digest = recorded[known]?.event;
  const noted = digest?.kind === 'planResolved' ? digest.digest : undefined;
  const pending = state.ended === undefined ? ['Its digest follows when the steps that only look have run.'] : [];
  const shown = noted === undefined ? pending : [`Digest ${code(noted.slice(0, 12))}`];
  return {
    key: 'plan',
    place: REPLY,
    seq: 1,
    final: noted !== undefined || state.ended !== undefined,
    text: [`${first}. ${about(state)}`, noted === undefined ? '' : `Digest ${name(noted)}`, ...found, ...plan.steps.map(headOf)],
    parts: [sayLines([`*${first}*`, ...shown, ...found]), ...stepParts(plan)],
  };
}

function planAt(run: string, recorded: readonly Recorded[], count: number, plans: Plans): Plan {
  const plan = plans.get(count) ?? buildPlan(fold(run, recorded.slice(0, count)), []);
  plans.set(count, plan);
  return plan;
}
