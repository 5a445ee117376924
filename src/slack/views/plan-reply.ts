/**
 * The reply that lists every step. It stands from the start, with what is known then, and is rewritten once: when the steps that only look have
 * run, it shows exactly what the digest of the plan covers. Pure.
 */
import { buildPlan } from '../../run/build-plan.ts';
import type { Recorded } from '../../run/events.ts';
import { fold } from '../../run/evolve.ts';
import type { RunState } from '../../run/state.ts';
import { type Draft, sayLines } from './compose.ts';
import { code } from './escape.ts';
import { headOf, stepParts } from './planned-step.ts';
import { about, counted, heading, name, roleLines } from './words.ts';

const REPLY = { kind: 'reply' } as const;

export function planDraft(state: RunState, recorded: readonly Recorded[]): Draft {
  const known = recorded.findIndex(({ event }) => event.kind === 'planResolved');
  const plan = buildPlan(fold(state.run, recorded.slice(0, known === -1 ? 1 : known + 1)), []);
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
