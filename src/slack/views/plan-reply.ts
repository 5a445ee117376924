/**
 * The reply that lists every step. It stands from the start, with what is known then, and is rewritten once: when the steps that only look have
 * run, it shows exactly what the digest of the plan covers. Scripts that do not fit into it follow then, in replies of their own. Pure.
 */
import { buildPlan } from '../../run/build-plan.ts';
import type { Recorded } from '../../run/events.ts';
import { fold } from '../../run/evolve.ts';
import type { Plan } from '../../run/plan.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, sayLines } from './compose.ts';
import { code } from './escape.ts';
import { headOf, type Page, placeOf, stepsShown } from './planned-step.ts';
import { about, counted, heading, name, roleLines } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** Plans of one run by the number of events that they are built from. Journals only grow, so each is built once: it takes every expression of every step. */
export type Plans = Map<number, Plan>;

/** The reply itself comes first. */
export function planDrafts(state: RunState, recorded: readonly Recorded[], plans: Plans): readonly [Draft, ...Draft[]] {
  const known = recorded.findIndex(({ event }) => event.kind === 'planResolved');
  const plan = planAt(state.run, recorded, known === -1 ? 1 : known + 1, plans);
  const count = counted(plan.steps.length, 'step');
  const first = `Plan of ${heading(state)}: ${count}`;
  const roles = roleLines(plan.roles);
  const found = roles === '' ? [] : ['Roles as found:', roles];
  const digest = recorded[known]?.event;
  const noted = digest?.kind === 'planResolved' ? digest.digest : undefined;
  const pending = state.ended === undefined ? ['Its digest follows when the steps that only look have run.'] : [];
  const top = sayLines([`*${first}*`, ...(noted === undefined ? pending : [`Digest ${code(noted.slice(0, 12))}`]), ...found]);
  const shown = stepsShown(plan, top);
  const reply: Draft = {
    key: 'plan',
    place: REPLY,
    seq: 1,
    final: noted !== undefined || state.ended !== undefined,
    text: [`${first}. ${about(state)}`, noted === undefined ? '' : `Digest ${name(noted)}`, ...found, ...plan.steps.map(headOf)],
    parts: [top, ...shown.first],
  };
  return [reply, ...(noted === undefined ? [] : shown.pages.map((page, at) => pageDraft(state, page, at, shown.pages.length, known + 1)))];
}

function pageDraft(state: RunState, { steps, parts }: Page, at: number, count: number, seq: number): Draft {
  const title = `Plan of ${heading(state)}: scripts${placeOf(at, count)}`;
  return {
    key: `plan:scripts:${at + 1}`,
    place: REPLY,
    seq,
    final: true,
    text: [`${title}. ${about(state)}`, ...steps.map(headOf)],
    parts: [sayLines([`*${title}*`]), ...parts],
  };
}

function planAt(run: string, recorded: readonly Recorded[], count: number, plans: Plans): Plan {
  const plan = plans.get(count) ?? buildPlan(fold(run, recorded.slice(0, count)), []);
  plans.set(count, plan);
  return plan;
}
