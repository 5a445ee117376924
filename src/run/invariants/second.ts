/** Who stood for something that needs a second person, held against the policy that the run pinned. */
import type { People, Rule } from '../../procedure/policy-model.ts';
import { type History, stepOf, type Violation } from './history.ts';
import { accountsOf, isMet, isNamed, isOnePerson, type Stander } from './rule.ts';

/** One of those who stand for a decision, and where that is written. */
export type Stand = Stander & { readonly seq: number };

/** What each of them must be, whether or not they are enough. `about` ends the sentences. */
export function standFaults(history: History, stands: readonly Stand[], steps: readonly string[], about: string): readonly Violation[] {
  return stands.flatMap((stand, index): readonly Violation[] => {
    const { seq, by } = stand;
    const faults = [...unknownFaults(history, stand, about)];
    if (accountsOf(stand).includes(history.requested.requester.user))
      faults.push({ seq, kind: 'ownApproval', sentence: `${by.name} requested the run and stands as its second person for ${about}.` });
    if (shapersBefore(history, seq).some((user) => accountsOf(stand).includes(user)))
      faults.push({
        seq,
        kind: 'ownApproval',
        sentence: `${by.name} answered a tool of this run and stands as the second person for ${about}.`,
      });
    if (!namedIn(history, steps).some((people) => isNamed(people, stand)))
      faults.push({ seq, kind: 'notNamed', sentence: `${by.name} (${by.user}) is not named by the policy for ${about}.` });
    const earlier = stands.slice(0, index).find((each) => isOnePerson(each, stand));
    if (earlier !== undefined)
      faults.push({ seq, kind: 'countedTwice', sentence: `${by.name} counts a second time for ${about}, after event ${earlier.seq}.` });
    return faults;
  });
}

/** Whoever typed what a tool of a safe step was told: later steps may go by it. */
function shapersBefore({ of }: History, before: number): readonly string[] {
  const asked = of('questionAsked').filter(({ event }) => event.about === 'prompt' && event.second === undefined);
  return of('questionAnswered')
    .filter(({ seq, event }) => seq < before && asked.some((each) => each.event.question === event.question))
    .map(({ event }) => event.by.user);
}

/** Whoever stands for anything is on record, with the second factor where the cluster wants one. */
export function unknownFaults({ requested, demands }: History, { seq, by, stands }: Stand, about: string): readonly Violation[] {
  const { secondFactor, may, procedures } = requested.cluster;
  const isNew = may.rule !== undefined || procedures !== undefined || secondFactor !== undefined;
  if (stands === undefined) {
    if (demands.stands !== true && !isNew) return [];
    return [{ seq, kind: 'standsMissing', sentence: `Nothing was written down of who ${by.name} was when they stood for ${about}.` }];
  }
  if (secondFactor === undefined || stands.factor === secondFactor) return [];
  return [{ seq, kind: 'noFactor', sentence: `${by.name} stood for ${about} without the second factor that the cluster wants.` }];
}

/** Each person once: whoever counts a second time does not make a quorum. */
export function different(stands: readonly Stand[]): readonly Stand[] {
  return stands.filter((stand, index) => !stands.slice(0, index).some((each) => isOnePerson(each, stand)));
}

/** Those who stood at the moment of the decision were enough by every rule that holds for these steps. */
export function quorumFaults(
  history: History,
  stands: readonly Stand[],
  steps: readonly string[],
  about: string,
  seq: number,
): readonly Violation[] {
  const approvers = history.requested.cluster.may.approve;
  const unmet = rulesFor(history, steps).filter(({ rule }) => !isMet(rule, stands, approvers));
  return unmet.map(({ whose }) => ({
    seq,
    kind: 'quorum',
    sentence: `${stands.map(({ by }) => by.name).join(', ')} stood for ${about}, which is not enough by the rule of ${whose}.`,
  }));
}

type Ruled = { readonly whose: string; readonly rule: Rule };

/** Each of these must hold: a procedure and a step only make stricter. */
function rulesFor(history: History, steps: readonly string[]): readonly Ruled[] {
  const { cluster, procedure } = history.requested;
  const approvers: Rule = [[{ people: cluster.may.approve, count: 1 }]];
  return [
    { whose: 'the cluster', rule: cluster.may.rule ?? approvers },
    ...given('the cluster for this procedure', rightsOf(history)?.approve),
    ...given('the procedure', procedure.may?.approve),
    ...steps.flatMap((id) => given(`step ${id}`, approveOf(history, id))),
  ];
}

function rightsOf({ requested: { cluster, procedure } }: History) {
  const all = cluster.procedures ?? {};
  return Object.hasOwn(all, procedure.name) ? all[procedure.name] : undefined;
}

function approveOf(history: History, id: string): Rule | undefined {
  const step = stepOf(history, id);
  return step === undefined || step.kind === 'announce' ? undefined : step.approve;
}

function given(whose: string, rule: Rule | undefined): readonly Ruled[] {
  return rule === undefined ? [] : [{ whose, rule }];
}

/** Everybody whom a rule for these steps names. */
function namedIn(history: History, steps: readonly string[]): readonly People[] {
  const { approve } = history.requested.cluster.may;
  return rulesFor(history, steps).flatMap(({ rule }) => rule.flat().map(({ people = approve }) => people));
}

/** For what needs no second person: the requester, and everybody whom the policy names for anything. */
export function isKnown(history: History, stander: Stander): boolean {
  const { cluster, procedure, requester } = history.requested;
  const { start, approve, settle, cancel } = cluster.may;
  const rights = [rightsOf(history), procedure.may];
  const people = [start, approve, settle, cancel, ...rights.flatMap((each) => [each?.start, each?.settle, each?.cancel])];
  const steps = procedure.steps.map(({ id }) => id);
  return (
    accountsOf(stander).includes(requester.user) ||
    [...people, ...namedIn(history, steps)].some((each) => each !== undefined && isNamed(each, stander))
  );
}
