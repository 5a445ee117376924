/** The journal as a sequence: it begins once, nothing is missing, time goes forward, nothing follows the end, and people write for themselves. */
import type { Person, Recorded, RunEvent } from '../events.ts';
import { type History, JITTER_MS, stepOf, type Violation } from './history.ts';

export function orderFaults(history: History): readonly Violation[] {
  return [...beginnings(history), ...gaps(history), ...clocks(history), ...afterEnd(history), ...authors(history), ...places(history)];
}

function beginnings({ of }: History): readonly Violation[] {
  return of('runRequested')
    .slice(1)
    .map(({ seq }) => ({ seq, kind: 'begunTwice', sentence: 'The run is requested a second time in its own journal.' }));
}

function gaps({ all }: History): readonly Violation[] {
  return all.flatMap(({ seq }, index): readonly Violation[] => {
    if (seq === index + 1) return [];
    return [{ seq, kind: 'gap', sentence: `Event ${seq} stands in place ${index + 1}.` }];
  });
}

function clocks({ all }: History): readonly Violation[] {
  let latest = -Infinity;
  return all.flatMap(({ seq, at }): readonly Violation[] => {
    const back = latest - at;
    latest = Math.max(latest, at);
    if (back <= JITTER_MS) return [];
    const sentence = `Event ${seq} was written ${Math.round(back / 1000)} s before an event that stands above it; the clocks of Keyturn’s machines differ, or it was put there later.`;
    return [{ seq, kind: 'clockBack', sentence }];
  });
}

function afterEnd({ all, of }: History): readonly Violation[] {
  const end = of('runEnded')[0];
  if (end === undefined) return [];
  return all
    .filter(({ seq }) => seq > end.seq)
    .map(({ seq, event }) => ({ seq, kind: 'afterEnd', sentence: `Event ${seq} (${event.kind}) was written after the run had ended.` }));
}

/** What somebody is said to have decided was written for exactly that person. */
function authors({ all }: History): readonly Violation[] {
  return all.flatMap((entry): readonly Violation[] => {
    const by = deciderOf(entry.event);
    if (by === undefined || isWrittenFor(entry, by)) return [];
    const sentence = `Event ${entry.seq} (${entry.event.kind}) speaks for ${by.name} (${by.user}), and was written for ${authorOf(entry)}.`;
    return [{ seq: entry.seq, kind: 'notByThem', sentence }];
  });
}

function deciderOf(event: RunEvent): Person | undefined {
  if (event.kind === 'runRequested') return event.requester;
  return 'by' in event && typeof event.by === 'object' ? event.by : undefined;
}

function isWrittenFor({ actor }: Recorded, by: Person): boolean {
  return actor.kind === 'person' && actor.person.user === by.user && actor.person.team === by.team;
}

function authorOf({ actor }: Recorded): string {
  return actor.kind === 'person' ? `${actor.person.name} (${actor.person.user})` : 'Keyturn itself';
}

/** Every step and host that an event names is one of the pinned procedure and cluster. */
function places(history: History): readonly Violation[] {
  const hosts = new Set(history.requested.cluster.hosts.map(({ name }) => name));
  return history.all.flatMap(({ seq, event }): readonly Violation[] => {
    const faults: Violation[] = [];
    if ('step' in event && stepOf(history, event.step) === undefined)
      faults.push({
        seq,
        kind: 'unknownStep',
        sentence: `Event ${seq} (${event.kind}) names a step ${event.step} that the procedure does not have.`,
      });
    if ('host' in event && event.host !== undefined && !hosts.has(event.host))
      faults.push({
        seq,
        kind: 'unknownHost',
        sentence: `Event ${seq} (${event.kind}) names a host ${event.host} that the cluster does not have.`,
      });
    return faults;
  });
}
