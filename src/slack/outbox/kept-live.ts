/** What attempts printed last, also for a process that has just started and was told nothing: asked for once, then it hears of what follows. */
import type { RunState } from '../../run/state.ts';
import type { Live } from '../ports.ts';
import type { Thread } from './reconcile.ts';

/** What was heard, and what is kept of the attempts under way that nothing was heard of. */
export async function withKept({ run, journal, live, memory }: Thread, state: RunState): Promise<readonly Live[]> {
  const unheard = underway(state).filter(
    ({ step, host, attempt }) => !live.some((each) => each.step === step && each.host === host && each.attempt === attempt),
  );
  const kept = await Promise.all(
    unheard.map(async ({ step, host, attempt }) => {
      const key = JSON.stringify([step, host, attempt]);
      if (!memory.kept.has(key)) memory.kept.set(key, await journal.lastLive(run, step, host));
      return memory.kept.get(key);
    }),
  );
  return [...live, ...kept.filter((each) => each !== undefined)];
}

type Place = { readonly step: string; readonly host: string; readonly attempt: number };

function underway(state: RunState): readonly Place[] {
  return Object.entries(state.steps).flatMap(([step, at]) =>
    at.kind !== 'open'
      ? []
      : Object.entries(at.hosts).flatMap(([host, each]) =>
          each.kind === 'began' || each.kind === 'watching' ? [{ step, host, attempt: each.attempt }] : [],
        ),
  );
}
