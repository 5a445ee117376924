/** What was done in an emergency and waits to be looked at by somebody else: read from the journals into the register, and from there. Pure. */
import { aboutRun, authorise, isSame, type Standing } from './authorise.ts';
import type { Person, Recorded } from './events.ts';
import { windowOf } from './hold.ts';
import type { RunState } from './state.ts';

/** As the register keeps it (journal/register-events.ts). */
export type Emergency =
  | (Common & { readonly kind: 'glassBroken'; readonly request: string; readonly step: string })
  | (Common & { readonly kind: 'holdOverridden'; readonly hold: string; readonly window: string });
type Common = { readonly run: string; readonly cluster: string; readonly by: Person; readonly reason: string };

/** Somebody's look at an emergency; `about` is its id. */
export type Reviewed = {
  readonly kind: 'reviewed';
  readonly run: string;
  readonly about: string;
  readonly by: Person;
  readonly note: string;
};

/** An emergency that nobody has reviewed yet; `id` is what it has in the register. `at` in milliseconds since 1970. */
export type DueReview = { readonly id: string; readonly at: number; readonly event: Emergency };
/** An entry of the register, as far as reviews are concerned. */
export type ReviewEntry = { readonly id: string; readonly at: number; readonly event: Emergency | Reviewed };

/** Every emergency of a run's journal, under the id that it has in the register: the same however often it is read. */
export function emergenciesIn(run: string, cluster: string, recorded: readonly Recorded[]): readonly DueReview[] {
  return recorded.flatMap(({ event, at }): readonly DueReview[] => {
    const { kind } = event;
    if (kind === 'glassBroken') {
      const { request, by, reason } = event;
      const step = stepOf(request, recorded);
      return [{ id: `${run}:glass:${request}`, at, event: { kind, run, request, step, cluster, by, reason } }];
    }
    if (kind !== 'holdOverridden') return [];
    const { hold, by, reason } = event;
    return [{ id: `${run}:override:${hold}`, at, event: { kind, run, hold, cluster, window: windowOf(hold, recorded), by, reason } }];
  });
}

function stepOf(request: string, recorded: readonly Recorded[]): string {
  for (const { event } of recorded) if (event.kind === 'approvalRequested' && event.request === request) return event.step;
  return '';
}

/** The newest first. */
export function dueReviews(entries: readonly ReviewEntry[]): readonly DueReview[] {
  const reviewed = new Set(entries.flatMap(({ event }) => (event.kind === 'reviewed' ? [event.about] : [])));
  const due = entries.flatMap(({ id, at, event }): readonly DueReview[] =>
    event.kind === 'reviewed' || reviewed.has(id) ? [] : [{ id, at, event }],
  );
  return due.toSorted((a, b) => b.at - a.at);
}

export type ReviewDecided =
  | { readonly kind: 'taken'; readonly entries: readonly { readonly id: string; readonly event: Reviewed }[]; readonly told: string }
  | { readonly kind: 'refused'; readonly told: string }
  | { readonly kind: 'moot'; readonly told: string };

/** Whether this person's look at all of a run's emergencies counts; `due` are those of this run. */
export function decideReview(state: RunState, due: readonly DueReview[], note: string, standing: Standing): ReviewDecided {
  const { run } = state;
  if (due.length === 0) return { kind: 'moot', told: `Nothing of ${run} waits for a review.` };
  if (note.trim() === '') return { kind: 'moot', told: `Say what you found: \`/ha review ${run} <words>\`. Nothing was recorded.` };
  const why = whyNot(state, due, standing);
  if (why !== undefined) return { kind: 'refused', told: why };
  const by = standing.person;
  return {
    kind: 'taken',
    entries: due.map(({ id }) => ({ id: `reviewed:${id}`, event: { kind: 'reviewed', run, about: id, by, note } })),
    told: `Recorded: you reviewed ${due.length === 1 ? 'what was done in an emergency' : `${due.length} emergencies`} in ${run}.`,
  };
}

/** Whoever may approve there, and had no part in it. */
function whyNot(state: RunState, due: readonly DueReview[], standing: Standing): string | undefined {
  const isMine = (person: Person): boolean => isSame(standing, person);
  if (standing.kind.kind === 'member' && isMine(state.requester))
    return `You requested ${state.run}, so somebody else who may approve on ${state.cluster.name} reviews it.`;
  if (standing.kind.kind === 'member' && due.some(({ event }) => isMine(event.by)))
    return `It was you who broke the glass or overrode the window in ${state.run}, so somebody else reviews it.`;
  const steps = due.flatMap(({ event }) => (event.kind === 'glassBroken' ? [event.step] : []));
  const verdict = authorise('approve', standing, aboutRun(state, steps));
  return verdict.kind === 'refused' ? verdict.why : undefined;
}
