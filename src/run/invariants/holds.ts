/** Freeze windows: held once, let go once, and overridden only by those whom the cluster names. */
import { type Entry, type History, repeated, type Violation } from './history.ts';
import { accountsOf, isNamed } from './rule.ts';
import { unknownFaults } from './second.ts';

export function holdFaults(history: History): readonly Violation[] {
  const held = history.of('runHeld');
  const closed = history.of('holdOverridden', 'holdEnded');
  return [
    ...repeated(held, ({ event }) => event.hold).map(({ seq, event }): Violation => {
      return { seq, kind: 'holdTwice', sentence: `Hold ${event.hold} began before.` };
    }),
    ...repeated(closed, ({ event }) => event.hold).map(({ seq, event }): Violation => {
      return { seq, kind: 'holdTwice', sentence: `Hold ${event.hold} was over already.` };
    }),
    ...closed.flatMap(({ seq, event }): readonly Violation[] => {
      if (held.some((each) => each.seq < seq && each.event.hold === event.hold)) return [];
      return [{ seq, kind: 'noHold', sentence: `Hold ${event.hold} was ended and had never begun.` }];
    }),
    ...history.of('holdOverridden').flatMap((entry) => overrideFaults(history, entry)),
  ];
}

function overrideFaults(history: History, { seq, event }: Entry<'holdOverridden'>): readonly Violation[] {
  const { cluster, requester } = history.requested;
  const people = cluster.freeze?.override;
  const about = `the freeze window ${event.hold}`;
  const wrong = (sentence: string): Violation => ({ seq, kind: 'override', sentence });
  return [
    ...unknownFaults(history, { seq, by: event.by, stands: event.stands }, about),
    ...(people !== undefined && isNamed(people, event) ? [] : [wrong(`${event.by.name} overrode ${about} and is not named for it.`)]),
    ...(accountsOf(event).includes(requester.user) ? [wrong(`${event.by.name} requested the run and overrode ${about}.`)] : []),
    ...(event.reason.trim() === '' ? [wrong(`${event.by.name} overrode ${about} without a reason.`)] : []),
  ];
}
