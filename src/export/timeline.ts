/** When what ran and who was waited for, host by host and step by step. Pure. */
import type { Recorded } from '../run/events.ts';
import { episodes } from '../slack/views/episodes.ts';
import type { Bar, BarKind, Row } from './model.ts';
import type { Story } from './story.ts';

type Placed = { readonly step: string; readonly host: string | undefined; readonly bar: Bar };

/** What holds or pauses the run as a whole stands in a row of its own. */
export const WHOLE_RUN = 'Run';

export function timelineOf(story: Story): readonly Row[] {
  const rows = new Map<string, { step: string; host: string | undefined; bars: Bar[] }>();
  for (const { step, host, bar } of [...worked(story), ...waited(story)]) {
    const key = JSON.stringify([step, host]);
    const row = rows.get(key) ?? { step, host, bars: [] };
    row.bars.push(bar);
    rows.set(key, row);
  }
  const order = [WHOLE_RUN, ...story.state.procedure.steps.map(({ id }) => id)];
  const place = ({ step }: Row): number => (order.indexOf(step) + order.length + 1) % (order.length + 1);
  return [...rows.values()]
    .map((row) => ({ ...row, bars: row.bars.toSorted((a, b) => a.from - b.from) }))
    .toSorted((a, b) => place(a) - place(b));
}

function worked({ recorded, until }: Story): readonly Placed[] {
  return episodes(recorded).flatMap(({ step, host, intendedAt, watchedSince, ended, verdict }): readonly Placed[] => {
    const at = (kind: BarKind, from: number, to: number | undefined): Placed => ({
      step,
      host,
      bar: { kind, from, to: to ?? until, open: to === undefined },
    });
    const work = intendedAt === undefined ? [] : [at('work', intendedAt, ended?.at ?? watchedSince ?? verdict?.at)];
    return [...work, ...(watchedSince === undefined ? [] : [at('check', watchedSince, verdict?.at)])];
  });
}

/** Begun by one event, over with another one that names the same thing. */
type Wait = { readonly kind: BarKind; readonly from: number; readonly places: readonly (readonly [string, string | undefined])[] };

function waited({ recorded, until }: Story): readonly Placed[] {
  const open = new Map<string, Wait>();
  const all: Placed[] = [];
  const close = (id: string, to: number, isOpen: boolean): void => {
    const wait = open.get(id);
    open.delete(id);
    for (const [step, host] of wait?.places ?? [])
      all.push({ step, host, bar: { kind: wait?.kind ?? 'hold', from: wait?.from ?? to, to, open: isOpen } });
  };
  for (const each of recorded) {
    const begun = beginning(each);
    if (begun !== undefined && !open.has(begun[0])) open.set(...begun);
    const over = ending(each);
    if (over === undefined) continue;
    for (const id of over === 'everything' ? [...open.keys()] : [over]) close(id, each.at, false);
  }
  for (const id of [...open.keys()]) close(id, until, true);
  return all;
}

function beginning({ event, at }: Recorded): [id: string, wait: Wait] | undefined {
  switch (event.kind) {
    case 'approvalRequested': {
      const places = new Map(event.subject.items.map(({ step, host }) => [JSON.stringify([step, host]), [step, host] as const]));
      return [`approval ${event.request}`, { kind: 'approval', from: at, places: [...places.values()] }];
    }
    case 'questionAsked':
      return [`question ${event.question}`, { kind: 'question', from: at, places: [[event.step, event.host]] }];
    case 'troubleRaised':
      return [`trouble ${event.trouble}`, { kind: 'trouble', from: at, places: [[event.step, event.host]] }];
    case 'runHeld':
      return [`hold ${event.hold}`, { kind: 'hold', from: at, places: [[WHOLE_RUN, undefined]] }];
    case 'paused':
      return ['pause', { kind: 'pause', from: at, places: [[WHOLE_RUN, undefined]] }];
    default:
      return undefined;
  }
}

function ending({ event }: Recorded): string | 'everything' | undefined {
  switch (event.kind) {
    case 'approvalGiven':
    case 'glassBroken':
    case 'approvalRejected':
    case 'approvalExpired':
    case 'approvalVoided':
      return `approval ${event.request}`;
    case 'questionAnswered':
    case 'questionWithdrawn':
      return `question ${event.question}`;
    case 'troubleSettled':
      return `trouble ${event.trouble}`;
    case 'holdOverridden':
    case 'holdEnded':
      return `hold ${event.hold}`;
    case 'resumed':
      return 'pause';
    case 'runEnded':
      return 'everything';
    default:
      return undefined;
  }
}
