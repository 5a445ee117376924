/**
 * How many of whom must stand for something unsafe, and whether those who do are enough. Pure.
 *
 * Invariants
 * P1 Rules only add up: the cluster's, its entry for the procedure, the procedure's own and each step's must all be met.
 * P2 Within one alternative of a rule nobody counts twice, whatever groups they are in and whatever account they use.
 * P3 Nobody named means nobody: an empty list is never met.
 */
import type { Cluster } from '../inventory/model.ts';
import type { Procedure, Step } from '../procedure/model.ts';
import { NOBODY, type People, type Quorum, type Rights, type Rule } from '../procedure/policy-model.ts';

/** Somebody who stands for a decision, as far as rules are concerned. */
export type Approver = { readonly user: string; readonly accounts: readonly string[]; readonly memberOf: readonly string[] };

/** What a rule still wants: so many of these people. */
export type Missing = { readonly people: People; readonly count: number };

export type Policy = { readonly cluster: Cluster; readonly procedure: Procedure | undefined };

/** Whether a list names this account, by itself or by a group. */
export function isListed(people: People, { user, memberOf }: Pick<Approver, 'user' | 'memberOf'>): boolean {
  return people.users.includes(user) || people.groups.some((group) => memberOf.includes(group));
}

/** Rights that make the cluster's stricter: its own for this procedure, and the procedure's. */
export function stricterRights({ cluster, procedure }: Policy): readonly Rights[] {
  if (procedure === undefined) return [];
  const own =
    cluster.procedures !== undefined && Object.hasOwn(cluster.procedures, procedure.name) ? cluster.procedures[procedure.name] : undefined;
  return [own, procedure.may].filter((rights) => rights !== undefined);
}

/** Everything that must be met for these steps, with every quorum's people filled in. */
export function rulesFor(policy: Policy, steps: readonly Step[] = []): readonly Rule[] {
  const { may } = policy.cluster;
  const ofSteps = steps.flatMap((step) => (step.kind === 'announce' || step.approve === undefined ? [] : [step.approve]));
  const stricter = stricterRights(policy).flatMap(({ approve }) => (approve === undefined ? [] : [approve]));
  const all = [may.rule ?? [[{ people: may.approve, count: 1 }]], ...stricter, ...ofSteps];
  return all.map((rule) => rule.map((alternative) => alternative.map((quorum) => ({ people: may.approve, ...quorum }))));
}

/** Whoever is named in any of the rules may stand; what their word is worth is for `missingIn`. */
export function isNamed(rules: readonly Rule[], approver: Pick<Approver, 'user' | 'memberOf'>): boolean {
  return rules.some((rule) =>
    rule.some((alternative) => alternative.some(({ people }) => people !== undefined && isListed(people, approver))),
  );
}

/** What is still wanted, of the alternative of each rule that wants least; nothing where everything is met. */
export function missingIn(rules: readonly Rule[], approvers: readonly Approver[]): readonly Missing[] {
  return rules.flatMap((rule) => {
    const [first, ...others] = rule.map((alternative) => unfilled(alternative, approvers));
    return others.reduce((least, each) => (size(each) < size(least) ? each : least), first ?? [{ people: NOBODY, count: 1 }]);
  });
}

/** Whether one more brings any rule nearer. */
export function helps(rules: readonly Rule[], approvers: readonly Approver[], one: Approver): boolean {
  const isNearer = (alternative: readonly Quorum[]): boolean =>
    size(unfilled(alternative, [...approvers, one])) < size(unfilled(alternative, approvers));
  return rules.some((rule) => size(missingIn([rule], approvers)) > 0 && rule.some(isNearer));
}

/** Every group that decides in a cluster's matters: asked of Slack at the moment of a decision. */
export function groupsIn(policy: Policy, steps: readonly Step[] = []): readonly string[] {
  const { may, breakGlass, freeze } = policy.cluster;
  const rights = stricterRights(policy);
  const lists = [
    ...[may.start, may.approve, may.settle, may.cancel, may.read, breakGlass?.people, freeze?.override],
    ...rights.flatMap(({ start, settle, cancel, read }) => [start, settle, cancel, read]),
    ...rulesFor(policy, steps).flatMap((rule) => rule.flatMap((alternative) => alternative.map(({ people }) => people))),
  ];
  return [...new Set(lists.flatMap((people) => people?.groups ?? []))];
}

function size(missing: readonly Missing[]): number {
  return missing.reduce((sum, { count }) => sum + count, 0);
}

/** The places of one alternative that stay empty when as many as possible are filled, each by another person. */
function unfilled(alternative: readonly Quorum[], approvers: readonly Approver[]): readonly Missing[] {
  const people = distinct(approvers);
  const places = alternative.flatMap(({ people: of = NOBODY, count }) => Array.from({ length: count }, () => of));
  const taken = filled(places, people);
  return alternative.flatMap(({ people: of = NOBODY, count }, index) => {
    const from = alternative.slice(0, index).reduce((sum, each) => sum + each.count, 0);
    const empty = places.slice(from, from + count).filter((_, place) => !taken.has(from + place)).length;
    return empty === 0 ? [] : [{ people: of, count: empty }];
  });
}

/** One entry a person: of two accounts of one person the first counts (P2). */
function distinct(approvers: readonly Approver[]): readonly Approver[] {
  return approvers.filter((each, index) => !approvers.slice(0, index).some((earlier) => isSamePerson(earlier, each)));
}

/** By account, as either of the two was known when they stood. */
export function isSamePerson(a: Pick<Approver, 'user' | 'accounts'>, b: Pick<Approver, 'user' | 'accounts'>): boolean {
  return a.user === b.user || a.accounts.includes(b.user) || b.accounts.includes(a.user);
}

/** Place to person, as many as can be: augmenting paths (Kuhn), since the first who comes must not take the only place of another. */
function filled(places: readonly People[], people: readonly Approver[]): ReadonlyMap<number, number> {
  const taken = new Map<number, number>();
  const seat = (person: number, tried: Set<number>): boolean => {
    const who = people[person];
    return places.some((of, place) => {
      if (who === undefined || tried.has(place) || !isListed(of, who)) return false;
      tried.add(place);
      const holder = taken.get(place);
      if (holder !== undefined && !seat(holder, tried)) return false;
      taken.set(place, person);
      return true;
    });
  };
  people.forEach((_, person) => {
    seat(person, new Set());
  });
  return taken;
}
