/** What a run did, read from its journal. */
import type { EventOf, Recorded } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { Place } from './model.ts';

/** Commands that began, of steps that do more than look, in the order in which they were intended. */
export function didIn(state: RunState, recorded: readonly Recorded[]): readonly Place[] {
  const never = new Set(
    recorded.flatMap(({ event }) => (event.kind === 'attemptEnded' && event.outcome.kind === 'refused' ? [keyOf(event)] : [])),
  );
  return recorded.flatMap(({ event }) =>
    event.kind === 'attemptIntended' && !never.has(keyOf(event)) && !isLook(state, event.step)
      ? [{ step: event.step, host: event.host }]
      : [],
  );
}

function keyOf({ step, host, attempt }: Pick<EventOf<'attemptIntended'>, 'step' | 'host' | 'attempt'>): string {
  return `${step}/${host}/${attempt}`;
}

function isLook(state: RunState, id: string): boolean {
  return state.procedure.steps.some((step) => step.id === id && step.kind === 'command' && step.readOnly);
}

/** What was left out, and why. */
export function skippedIn(recorded: readonly Recorded[]): readonly (Place & { readonly why: string })[] {
  return recorded.flatMap(({ event }): readonly (Place & { readonly why: string })[] => {
    if (event.kind === 'stepSkipped') return [{ step: event.step, host: undefined, why: event.why }];
    return event.kind === 'hostSkipped' ? [{ step: event.step, host: event.host, why: event.why }] : [];
  });
}

/** Whom the run asked, in order. */
export function asksIn(recorded: readonly Recorded[]): readonly { readonly step: string; readonly whom: 'second' | 'anyone' }[] {
  return recorded.flatMap(({ event }) => {
    if (event.kind === 'approvalRequested') return [{ step: event.step, whom: event.needs === 'second' ? 'second' : 'anyone' } as const];
    return event.kind === 'questionAsked' ? [{ step: event.step, whom: event.second === undefined ? 'anyone' : 'second' } as const] : [];
  });
}

export function placeText({ step, host }: Place): string {
  return host === undefined ? step : `${step} ${host}`;
}
