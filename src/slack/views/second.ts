/** Who may be the second person, who has said so already, and who is still wanted: the same words on every card. Pure. */
import type { Person } from '../../run/events.ts';
import { missingFor, wantedCount } from '../../run/stand.ts';
import type { Approval, Backer, RunState } from '../../run/state.ts';
import { person, quorums } from './people.ts';
import { slackTime } from './times.ts';

/** `2 of @a, @b; and @c`, of those who are still wanted. */
export function wanted(state: RunState, steps: readonly string[], backers: readonly Backer[] = []): string {
  return quorums(missingFor(state, steps, backers));
}

/** `a second person`, or `2 people`; and how many of them have said so already. */
export function neededWords(state: RunState, steps: readonly string[], backers: readonly Backer[] = []): string {
  const count = wantedCount(state, steps);
  if (count <= 1) return 'a second person';
  if (backers.length === 0) return `${count} people`;
  const most = ofCount(state, steps, backers);
  return `${most} people (${backers.length} of ${most} approved)`;
}

/** `1 of 2: @a (A), 10:04; still wanted: @b`; nothing where one person is enough, and nothing while nobody said anything. */
export function soFar(state: RunState, steps: readonly string[], backers: readonly Backer[]): string | undefined {
  if (backers.length === 0) return undefined;
  const said = backers.map(({ by, at }) => `${person(by)}, ${slackTime(at)}`).join('; ');
  const missing = wanted(state, steps, backers);
  const rest = missing === '' ? '' : `. Still wanted: ${missing}`;
  return `${backers.length} of ${ofCount(state, steps, backers)}: ${said}${rest}`;
}

/** Where those who said so do not fill every place, at least one more than they are: two operators are no administrator. */
function ofCount(state: RunState, steps: readonly string[], backers: readonly Backer[]): number {
  const least = missingFor(state, steps, backers).length === 0 ? backers.length : backers.length + 1;
  return Math.max(least, wantedCount(state, steps));
}

/** What some said of a trouble or a question that one alone cannot decide, a line for each thing that was said. */
export function saidSoFar(state: RunState, step: string, about: string, label: (choice: string) => string): readonly string[] {
  const said = Object.values(state.backings).filter((backing) => backing.about === about);
  return said.map(({ choice, backers }) => `${label(choice)}: ${soFar(state, [step], backers) ?? 'nobody yet'}.`);
}

/** Everybody who stood for what was given by this person then, in their order; journals of earlier releases know the last one only. */
export function everybody(approval: Approval | undefined, by: Person, at: number): string {
  const all = (approval?.backers ?? []).filter((backer) => backer.at <= at);
  const shown = all.length === 0 ? [{ by, at }] : all;
  return shown.map((backer) => `${person(backer.by)}, ${slackTime(backer.at)}`).join('; ');
}
