/**
 * Attempts as stretches of the journal: from intent (or watch) to the verdict. What is looked at again after a trouble is a stretch of its own,
 * because a reply whose verdict was given is never rewritten. Pure.
 */
import type { EventOf, Recorded } from '../../run/events.ts';

export type Verdict = EventOf<'hostPassed'> | EventOf<'hostPassedOver'> | EventOf<'troubleRaised'> | EventOf<'runEnded'>;

export type Episode = {
  readonly key: string;
  readonly seq: number;
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly intendedAt: number | undefined;
  readonly watchedSince: number | undefined;
  /** Of a copy: its bytes are on the host. */
  readonly staged: EventOf<'copyStaged'> | undefined;
  readonly ended: { readonly event: EventOf<'attemptEnded'>; readonly at: number } | undefined;
  readonly verdict: { readonly event: Verdict; readonly at: number } | undefined;
};

type Place = { readonly step: string; readonly host: string; readonly attempt: number };

/** In the order in which they began. */
export function episodes(recorded: readonly Recorded[]): readonly Episode[] {
  let all: readonly Episode[] = [];
  const troubles = new Map<string, EventOf<'troubleRaised'>>();
  for (const each of recorded) {
    if (each.event.kind === 'troubleRaised') troubles.set(each.event.trouble, each.event);
    all = after(all, each, troubles);
  }
  return all;
}

function after(all: readonly Episode[], each: Recorded, troubles: ReadonlyMap<string, EventOf<'troubleRaised'>>): readonly Episode[] {
  const { event, at } = each;
  switch (event.kind) {
    case 'attemptIntended':
      return change(all, event, each.seq, (episode) => ({ ...episode, intendedAt: episode.intendedAt ?? at }));
    case 'copyStaged':
      return change(all, event, each.seq, (episode) => ({ ...episode, staged: event }));
    case 'attemptEnded':
      return change(all, event, each.seq, (episode) => ({ ...episode, ended: { event, at } }));
    case 'watchBegan':
      return change(all, event, each.seq, (episode) => ({ ...episode, watchedSince: at }));
    case 'hostPassed':
    case 'hostPassedOver':
      return close(all, event, { event, at });
    case 'troubleRaised':
      return event.host === undefined || event.attempt === undefined
        ? all
        : close(all, { step: event.step, host: event.host, attempt: event.attempt }, { event, at });
    case 'troubleSettled':
      return settled(all, each, event, troubles.get(event.trouble));
    case 'runEnded':
      return all.map((episode) => (episode.verdict === undefined ? { ...episode, verdict: { event, at } } : episode));
    default:
      return all;
  }
}

/** A check that is looked at again goes on without another `watchBegan`, an unknown end without another intent. */
function settled(
  all: readonly Episode[],
  each: Recorded,
  event: EventOf<'troubleSettled'>,
  trouble: EventOf<'troubleRaised'> | undefined,
): readonly Episode[] {
  if (trouble?.host === undefined || trouble.attempt === undefined || event.choice !== 'lookAgain') return all;
  const place = { step: trouble.step, host: trouble.host, attempt: trouble.attempt };
  if (trouble.what.kind === 'checkFailed') return change(all, place, each.seq, (episode) => ({ ...episode, watchedSince: each.at }));
  if (trouble.what.kind === 'unknown') return change(all, place, each.seq, (episode) => ({ ...episode, intendedAt: each.at }));
  return all;
}

function change(all: readonly Episode[], place: Place, seq: number, how: (episode: Episode) => Episode): readonly Episode[] {
  const index = all.findLastIndex((episode) => isAt(episode, place));
  const latest = all[index];
  if (latest !== undefined && latest.verdict === undefined) return all.with(index, how(latest));
  return [...all, how(begun(place, seq, latest !== undefined))];
}

function begun(place: Place, seq: number, again: boolean): Episode {
  const key = `attempt:${place.step}:${place.host}:${place.attempt}${again ? `:${seq}` : ''}`;
  const { step, host, attempt } = place;
  const nothing = { intendedAt: undefined, watchedSince: undefined, staged: undefined, ended: undefined, verdict: undefined };
  return { key, seq, step, host, attempt, ...nothing };
}

function close(all: readonly Episode[], place: Place, verdict: { readonly event: Verdict; readonly at: number }): readonly Episode[] {
  const index = all.findLastIndex((episode) => isAt(episode, place));
  const latest = all[index];
  return latest === undefined || latest.verdict !== undefined ? all : all.with(index, { ...latest, verdict });
}

function isAt(episode: Episode, place: Place): boolean {
  return episode.step === place.step && episode.host === place.host && episode.attempt === place.attempt;
}
