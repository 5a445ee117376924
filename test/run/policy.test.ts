/** How many of whom: rules over people, groups, numbers and accounts. */
import type { People, Rule } from '../../src/procedure/policy-model.ts';
import { ruleOf } from '../../src/procedure/policy-source.ts';
import { type Approver, helps, isNamed, missingIn, rulesFor } from '../../src/run/policy.ts';
import { cluster, command } from './samples.ts';

const who = (user: string, memberOf: readonly string[] = [], accounts: readonly string[] = [user]): Approver => ({
  user,
  memberOf,
  accounts,
});
const [ann, ben, cem] = [who('UANN'), who('UBEN', ['SOPS']), who('UCEM', ['SOPS', 'SDBA'])];
const annAgain = who('UANN2', ['SOPS'], ['UANN', 'UANN2']);

const list = ruleOf(['UANN', 'SOPS']);
const twoOfOps = ruleOf({ count: 2, of: ['SOPS', 'UANN'] });
const dbaAndOps = ruleOf({ all: [['SDBA'], ['SOPS']] });
const leadOrTwo = ruleOf({ any: [{ of: ['ULEAD'] }, { count: 2, of: ['SOPS'] }] });
const nobody = ruleOf([]);

const wanted = (rules: readonly Rule[], approvers: readonly Approver[]): number =>
  missingIn(rules, approvers).reduce((sum, { count }) => sum + count, 0);

test.each<[string, readonly Rule[], readonly Approver[], number]>([
  ['anybody of a list is enough', [list], [ben], 0],
  ['somebody who is not listed does not count', [list], [who('UXYZ')], 1],
  ['nobody listed is never met', [nobody], [ann, ben, cem], 1],
  ['one of two is not enough', [twoOfOps], [ben], 1],
  ['two different people are enough', [twoOfOps], [ben, cem], 0],
  ['the same account counts once', [twoOfOps], [ben, ben], 1],
  ['two accounts of one person count once', [twoOfOps], [ann, annAgain], 1],
  ['nobody counts for two groups', [dbaAndOps], [cem], 1],
  ['the only one of a group is left to it', [dbaAndOps], [cem, ben], 0],
  ['whoever comes first does not take the place of another', [dbaAndOps], [ben, cem], 0],
  ['an alternative that is met is enough', [leadOrTwo], [who('ULEAD')], 0],
  [
    'parts of two alternatives are not one',
    [
      ruleOf({
        any: [
          { count: 2, of: ['ULEAD', 'UANN'] },
          { count: 2, of: ['SOPS'] },
        ],
      }),
    ],
    [ann, ben],
    1,
  ],
  ['every rule must be met', [list, dbaAndOps], [ann, ben], 1],
  ['one person may meet two rules', [list, twoOfOps], [ben, cem], 0],
])('%s', (_title, rules, approvers, count) => {
  expect(wanted(rules, approvers)).toBe(count);
});

test('the words go to those who are still missing', () => {
  expect(missingIn([dbaAndOps], [ben])).toEqual([{ people: { users: [], groups: ['SDBA'] }, count: 1 }]);
  expect(missingIn([twoOfOps], [])).toEqual([{ people: { users: ['UANN'], groups: ['SOPS'] }, count: 2 }]);
});

test('whoever brings nothing nearer does not help', () => {
  const opsTwiceAndDba = ruleOf({ all: [{ count: 1, of: ['SOPS'] }, ['SDBA']] });
  expect(helps([opsTwiceAndDba], [ben], who('UOTHER', ['SOPS']))).toBe(false);
  expect(helps([opsTwiceAndDba], [ben], cem)).toBe(true);
  expect(helps([list, twoOfOps], [ann], ben)).toBe(true);
});

test('cluster, its entry, procedure and step add up', () => {
  const people: People = { users: [], groups: ['SDBA'] };
  const strict = { ...cluster, procedures: { p: { approve: [[{ people, count: 1 }]] }, other: { approve: nobody } } };
  const procedure = { ...procedureOf('p'), may: { approve: [[{ count: 2 }]] } };
  const step = command('A', { approve: [[{ people: { users: ['UANN'], groups: [] }, count: 1 }]] });
  const rules = rulesFor({ cluster: strict, procedure }, [step]);
  expect(rules).toEqual([
    [[{ people: cluster.may.approve, count: 1 }]],
    [[{ people, count: 1 }]],
    [[{ people: cluster.may.approve, count: 2 }]],
    [[{ people: { users: ['UANN'], groups: [] }, count: 1 }]],
  ]);
  expect([ann, cem, who('UXYZ')].map((each) => isNamed(rules, each))).toEqual([true, true, false]);
});

test('a procedure called like what every object has is no entry', () => {
  expect(rulesFor({ cluster: { ...cluster, procedures: {} }, procedure: procedureOf('constructor') })).toHaveLength(1);
});

function procedureOf(name: string) {
  return {
    name,
    product: 'p',
    title: 't',
    params: {},
    variables: {},
    roles: {},
    secrets: {},
    readOnly: false,
    approvalSeconds: 60,
    steps: [command('A', {})],
    hash: 'h',
  };
}
