/** Troubles in the fold: what is open, and what a person's choice means for the step and the host. Pure. */
import { assertNever } from './assert-never.ts';
import { withHost, withStep } from './change.ts';
import type { EventOf } from './events.ts';
import { type HostState, type OpenTrouble, openTroubles, type RunState } from './state.ts';

/** Nothing was begun yet. */
export function waiting(attempt: number): HostState {
  return { kind: 'waiting', attempt, lookedAt: false };
}

export function troubled(state: RunState, event: EventOf<'troubleRaised'>, at: number): RunState {
  const trouble: OpenTrouble = {
    trouble: event.trouble,
    step: event.step,
    host: event.host,
    attempt: event.attempt,
    what: event.what,
    choices: event.choices,
    at,
  };
  const next = state.trouble === undefined ? { ...state, trouble } : { ...state, further: [...state.further, trouble] };
  if (event.host === undefined || event.attempt === undefined) return next;
  const place = { step: event.step, host: event.host };
  return withHost(next, place, { kind: 'troubled', attempt: event.attempt, trouble: event.trouble });
}

/** What a choice means for the host that was in trouble. `abort` is followed by `runEnded` in the same append. */
export function settled(state: RunState, event: EventOf<'troubleSettled'>, at: number): RunState {
  const trouble = openTroubles(state).find((each) => each.trouble === event.trouble);
  if (trouble === undefined) return state;
  const next = without(state, trouble);
  switch (event.choice) {
    case 'abort':
      return next;
    case 'askAgain':
      return askedAgain(next, trouble);
    case 'retry':
      return onHost(next, trouble, (attempt) => waiting(attempt + 1), retryStep);
    case 'skip':
      return onHost(
        next,
        trouble,
        (attempt) => ({ kind: 'skipped', attempt, by: event.by, reason: event.reason }),
        (whole) => withStep(whole, trouble.step, { kind: 'skipped', why: `skipped by ${event.by.name}: ${event.reason}` }),
      );
    case 'lookAgain':
      return onHost(next, trouble, (attempt) => lookedAgain(trouble, attempt, at), retryStep);
    case 'settleDone':
      return onHost(
        next,
        trouble,
        (attempt) => ({ kind: 'passed', attempt, seen: `settled as done by ${event.by.name}: ${event.reason}`, at, settledBy: event.by }),
        same,
      );
    case 'settleFailed':
      return onHost(next, trouble, (attempt) => ({ kind: 'settledFailed', attempt }), same);
    default:
      return assertNever(event.choice);
  }

  function retryStep(whole: RunState): RunState {
    return trouble === undefined ? whole : withStep(whole, trouble.step, { kind: 'pending' });
  }
}

/** What may still run is ended by a cancel like what runs for certain: an attempt whose end is unknown is followed again until its host has spoken. */
export function inDoubtAgain(state: RunState, at: number): RunState {
  return openTroubles(state)
    .filter(({ what }) => what.kind === 'unknown')
    .reduce((whole, trouble) => onHost(without(whole, trouble), trouble, (attempt) => lookedAgain(trouble, attempt, at), same), state);
}

function without(state: RunState, settled: OpenTrouble): RunState {
  const [trouble, ...further] = openTroubles(state).filter((each) => each !== settled);
  return { ...state, trouble, further };
}

function same(state: RunState): RunState {
  return state;
}

/** Applies `host` where the trouble names one, else `whole` to the step as such. */
function onHost(
  state: RunState,
  trouble: OpenTrouble,
  host: (attempt: number) => HostState,
  whole: (state: RunState) => RunState,
): RunState {
  if (trouble.host === undefined || trouble.attempt === undefined) return whole(state);
  return withHost(state, { step: trouble.step, host: trouble.host }, host(trouble.attempt));
}

function lookedAgain(trouble: OpenTrouble, attempt: number, at: number): HostState {
  switch (trouble.what.kind) {
    case 'unknown':
      return { kind: 'began', attempt, at, approval: undefined };
    case 'checkFailed':
      return { kind: 'watching', attempt, since: at };
    case 'failed':
    case 'rolesChanged':
    case 'rejected':
    case 'expired':
    case 'blocked':
    case 'declined':
      return waiting(attempt);
    default:
      return assertNever(trouble.what);
  }
}

/** After a rejection or an expiry the same start is asked for again; after a change of roles the step is resolved anew with the new ones. */
function askedAgain(state: RunState, trouble: OpenTrouble): RunState {
  if (trouble.what.kind === 'rolesChanged') {
    return withStep({ ...state, roles: { ...state.roles, ...trouble.what.roles } }, trouble.step, { kind: 'pending' });
  }
  return onHost(state, trouble, waiting, (whole) => withStep(whole, trouble.step, { kind: 'pending' }));
}
