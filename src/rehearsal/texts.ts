/** Everything that the thread of a run has said, as the journal holds it: for `says`, and to find texts that could not be filled in. */
import { shownValue } from '../procedure/secret-mark.ts';
import { anyHost, fillFor } from '../run/context.ts';
import { findHost } from '../inventory/hosts.ts';
import type { Item, Recorded, RunEvent } from '../run/events.ts';
import { evolve, fold } from '../run/evolve.ts';
import type { RunState } from '../run/state.ts';

/** In the order of the thread. */
export function textsOf(run: string, recorded: readonly Recorded[]): readonly string[] {
  const [first, ...rest] = recorded;
  if (first === undefined) return [];
  let state = fold(run, [first]);
  return rest.flatMap((each) => {
    state = evolve(state, each);
    return said(each.event, state).map(shownValue);
  });
}

function said(event: RunEvent, state: RunState): readonly string[] {
  switch (event.kind) {
    case 'announced':
      return [event.text];
    case 'stepSkipped':
    case 'hostSkipped':
    case 'hostPassedOver':
    case 'approvalVoided':
    case 'questionWithdrawn':
    case 'runEnded':
      return [event.why];
    case 'hostPassed':
      return [event.seen, ...(event.warnings ?? [])];
    case 'questionAsked':
      return event.second === undefined ? [event.text] : [event.text, event.second];
    case 'questionAnswered':
      return [event.answer];
    case 'approvalRequested':
      return [
        event.why,
        ...titlesOf(state, event.subject.items),
        ...event.subject.items.flatMap(({ diff, script }) => (diff === undefined ? [script] : [diff])),
        ...event.evidence,
        ...(event.checks ?? []).flatMap(({ what, seen }) => [what, seen]),
        ...(event.changed ?? []),
        ...undoOf(state, event.step),
      ];
    case 'promptSeen':
      return [event.prompt];
    case 'promptAnswered':
      return [event.answer];
    case 'attemptEnded':
      return event.output === undefined ? [] : [event.output.head, event.output.tail];
    case 'troubleRaised':
      return [event.what.why, ...adviceOf(state, event.step, event.host)];
    default:
      return [];
  }
}

/** As the thread fills them in (slack/views). */
function adviceOf(state: RunState, id: string, host: string | undefined): readonly string[] {
  const step = state.procedure.steps.find((each) => each.id === id);
  if (step?.kind !== 'command') return [];
  const texts = [step.advice, step.retry.kind === 'forbidden' ? step.retry.instead : undefined];
  const on = host === undefined ? undefined : findHost(state.cluster, host);
  return texts.flatMap((text) => (text === undefined ? [] : [fillFor(state, text, on ?? anyHost(state.cluster))]));
}

function titlesOf(state: RunState, items: readonly Item[]): readonly string[] {
  const steps = new Set(items.map(({ step }) => step));
  return state.procedure.steps.flatMap(({ id, title }) => (steps.has(id) ? [fillFor(state, title)] : []));
}

function undoOf(state: RunState, id: string): readonly string[] {
  const step = state.procedure.steps.find((each) => each.id === id);
  return step?.kind !== 'command' || step.undo === undefined ? [] : [fillFor(state, step.undo, anyHost(state.cluster))];
}

/** A `{{ }}` that failed stands as ‹`expression`: why›. */
export function unfilled(texts: readonly string[]): string | undefined {
  return texts.map((text) => /‹`[^›]*›/.exec(text)?.[0]).find((found) => found !== undefined);
}
