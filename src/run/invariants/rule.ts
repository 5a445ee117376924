/** Whether these people are enough, read from the words of the policy: every way to let each of them stand for one quorum is tried. */
import type { People, Quorum, Rule } from '../../procedure/policy-model.ts';
import type { Person, Stands } from '../events.ts';

/** Somebody who stood for something, and what the journal knows of them; `stands` is absent in journals of earlier releases. */
export type Stander = { readonly by: Person; readonly stands?: Stands | undefined };

/** By user id, or by a group in which Slack had them then. Where that was not written down, they may have been in any. */
export function isNamed(people: People, { by, stands }: Stander): boolean {
  if (people.users.includes(by.user)) return true;
  return stands === undefined ? people.groups.length > 0 : people.groups.some((group) => stands.memberOf.includes(group));
}

/** One alternative is enough; of that, every quorum is needed. `approvers`: whom the cluster names, for a quorum that names nobody. */
export function isMet(rule: Rule, standers: readonly Stander[], approvers: People): boolean {
  return rule.some((alternative) => canFill(alternative, alternative.map(needed), standers, approvers));
}

function needed({ count }: Quorum): number {
  return count;
}

/** The first of them counts for nothing, or for one of the quorums that still lack somebody and name them; then the others. */
function canFill(quorums: readonly Quorum[], lacking: readonly number[], standers: readonly Stander[], approvers: People): boolean {
  const sum = lacking.reduce((total, count) => total + count, 0);
  if (sum === 0) return true;
  const [first, ...others] = standers;
  if (first === undefined || sum > standers.length) return false;
  return (
    canFill(quorums, lacking, others, approvers) ||
    quorums.some(
      ({ people = approvers }, index) =>
        (lacking[index] ?? 0) > 0 && isNamed(people, first) && canFill(quorums, oneLess(lacking, index), others, approvers),
    )
  );
}

function oneLess(lacking: readonly number[], at: number): readonly number[] {
  return lacking.map((count, index) => (index === at ? count - 1 : count));
}

/** Accounts of one and the same person. */
export function isOnePerson(a: Stander, b: Stander): boolean {
  return accountsOf(a).some((account) => accountsOf(b).includes(account));
}

export function accountsOf({ by, stands }: Stander): readonly string[] {
  return [by.user, ...(stands?.accounts ?? [])];
}
