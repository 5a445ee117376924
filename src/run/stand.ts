/** Whether one person's word is enough for something that needs a second person, or how many more are wanted. Pure. */
import type { Rule } from '../procedure/policy-model.ts';
import { aboutRun, authorise, missingWords, type Standing, standsOf } from './authorise.ts';
import type { Stands } from './events.ts';
import { type Approver, helps, isSamePerson, type Missing, missingIn, rulesFor } from './policy.ts';
import type { Backer, RunState } from './state.ts';

/** What is to be decided: for these steps, by those who stand for it already and one more. */
export type Matter = {
  readonly steps: readonly string[];
  readonly backers: readonly Backer[];
  /** What a second factor must have been proved for: the digest of a request, or the id of a trouble or question. */
  readonly about: string;
};

export type Stood =
  /** Nobody else is needed. */
  | { readonly kind: 'enough'; readonly stands: Stands }
  | { readonly kind: 'more'; readonly stands: Stands; readonly wanted: string }
  /** It would change nothing: said already, or of people who are not wanted any more. */
  | { readonly kind: 'moot'; readonly told: string }
  | { readonly kind: 'refused'; readonly why: string };

/** One person stands for it. */
export function stand(state: RunState, { steps, backers, about }: Matter, standing: Standing): Stood {
  const verdict = authorise('approve', standing, aboutRun(state, steps));
  if (verdict.kind === 'refused') return verdict;
  const rules = rulesOf(state, steps);
  const before = backers.map(approverOf);
  const me: Approver = approverIn(standing);
  if (hasSaid(backers, standing)) {
    return {
      kind: 'moot',
      told: `You said so already, and a person counts once; still wanted: ${missingWords(wantedStill(rules, before))}.`,
    };
  }
  const unproved = whyNotProved(state, standing, about);
  if (unproved !== undefined) return { kind: 'refused', why: unproved };
  if (!helps(rules, before, me)) {
    return {
      kind: 'moot',
      told: `Enough of those who are listed with you have said so; still wanted: ${missingWords(wantedStill(rules, before))}.`,
    };
  }
  const missing = missingIn(rules, [...before, me]);
  const stands = standsOf(standing);
  return missing.length === 0
    ? { kind: 'enough', stands }
    : { kind: 'more', stands, wanted: missingWords(wantedStill(rules, [...before, me])) };
}

/** Whether this person is one of them, by any of their accounts. */
export function hasSaid(backers: readonly Backer[], standing: Standing): boolean {
  const me = approverIn(standing);
  return backers.map(approverOf).some((each) => isSamePerson(each, me));
}

/** Where the cluster wants a second factor: that none was proved for exactly this. */
export function whyNotProved({ cluster }: Pick<RunState, 'cluster'>, { proof }: Standing, about: string): string | undefined {
  if (cluster.secondFactor === undefined || proof?.about === about) return undefined;
  return `${cluster.name} wants a code of your second factor for exactly this, and none came with it.`;
}

/** Who is still wanted; nobody where those who stand for it are enough. */
export function missingFor(state: RunState, steps: readonly string[], backers: readonly Backer[]): readonly Missing[] {
  return wantedStill(rulesOf(state, steps), backers.map(approverOf));
}

/** What is missing, without those who have said so by name: they are not waited for, and are not called again. */
function wantedStill(rules: readonly Rule[], before: readonly Approver[]): readonly Missing[] {
  const said = new Set(before.flatMap(({ user, accounts }) => [user, ...accounts]));
  return missingIn(rules, before).map(({ people, count }) => ({
    people: { ...people, users: people.users.filter((id) => !said.has(id)) },
    count,
  }));
}

/** How many must say so altogether, at least. */
export function wantedCount(state: RunState, steps: readonly string[]): number {
  // Rules may be met by the same people; the largest one says how many there are at least.
  return Math.max(...rulesOf(state, steps).map((rule) => missingIn([rule], []).reduce((sum, { count }) => sum + count, 0)));
}

export function approverIn({ person, memberOf, identity }: Standing): Approver {
  return { user: person.user, accounts: identity?.accounts ?? [person.user], memberOf };
}

function approverOf({ by, stands }: Backer): Approver {
  return { user: by.user, accounts: stands?.accounts ?? [by.user], memberOf: stands?.memberOf ?? [] };
}

function rulesOf(state: RunState, ids: readonly string[]): readonly Rule[] {
  return rulesFor(state, aboutRun(state, ids).steps);
}
