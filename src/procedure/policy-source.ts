/** Who may do what, as people write it in cluster files and procedures, and the engine's form of it. Pure. */
import { z } from 'zod';
import { strict } from './issues.ts';
import type { Mistake } from './mistake.ts';
import type { Path } from './finding.ts';
import { MOST_WANTED, type People, type Quorum, type Rights, type Rule } from './policy-model.ts';

const person = z.string().regex(/^[UWS][A-Z0-9_]{1,40}$/, 'must be the id of a Slack user (U… or W…) or user group (S…), not a name');
/** Ids; an empty list means nobody. */
export const peopleSourceSchema = z.array(person);

const count = z.int().min(1).max(MOST_WANTED).optional().describe('So many different people of them; 1 if absent');

const of = peopleSourceSchema
  .optional()
  .describe('Ids of users and groups; in a procedure absent: whoever the cluster file names as approvers');
const ofPeople = z.union([peopleSourceSchema, strict({ count, of })]);
const all = z.array(ofPeople).min(1).optional().describe('Each of these, by different people');

const formSchema = strict({
  count,
  of,
  all,
  any: z
    .array(z.union([peopleSourceSchema, strict({ count, of, all })]))
    .min(1)
    .optional()
    .describe('One of these is enough'),
}).meta({ id: 'rule', title: 'How many of whom' });

/** In a cluster file: a list of ids (any one of them), or a form. */
export const ruleSourceSchema = z.union([peopleSourceSchema, formSchema]);
/** In a procedure also a number: so many of those whom the cluster file names. */
export const procedureRuleSourceSchema = z.union([z.int().min(1).max(MOST_WANTED), peopleSourceSchema, formSchema]);

const narrower = {
  start: peopleSourceSchema.optional().describe('Who may start it, of those who may start runs on the cluster'),
  settle: peopleSourceSchema.optional().describe('Who may press gates, settle troubles and resume'),
  cancel: peopleSourceSchema.optional().describe('Who may pause, cancel and abort, beside the requester'),
  read: peopleSourceSchema.optional().describe('Who sees its runs, beside the requester'),
};

/** Of a procedure on one cluster. */
export const clusterRightsSourceSchema = strict({
  ...narrower,
  approve: ruleSourceSchema.optional().describe('Who must approve as well: a list of ids (any one of them), or how many of whom'),
});
/** Of a procedure everywhere. */
export const procedureRightsSourceSchema = strict({
  ...narrower,
  approve: procedureRuleSourceSchema.optional().describe('Who must approve as well: a number, a list of ids, or how many of whom'),
});

type PeopleSource = z.infer<typeof peopleSourceSchema>;
export type RuleSource = z.infer<typeof procedureRuleSourceSchema>;
type QuorumSource = z.infer<typeof ofPeople>;
export type RightsSource = z.infer<typeof procedureRightsSourceSchema>;

export function peopleOf(ids: PeopleSource): People {
  return { users: ids.filter((id) => !id.startsWith('S')), groups: ids.filter((id) => id.startsWith('S')) };
}

/** Alternatives, each a list of quorums that must all be met. */
export function ruleOf(source: RuleSource): Rule {
  if (typeof source === 'number') return [[{ count: source }]];
  if (Array.isArray(source)) return [[quorumOf(source)]];
  const { any, all: each, ...one } = source;
  if (any !== undefined) return any.flatMap(ruleOf);
  return [each === undefined ? [quorumOf(one)] : each.map(quorumOf)];
}

function quorumOf(source: QuorumSource): Quorum {
  if (Array.isArray(source)) return { people: peopleOf(source), count: 1 };
  return { ...(source.of === undefined ? {} : { people: peopleOf(source.of) }), count: source.count ?? 1 };
}

/** Everybody whom a rule names. */
export function namedIn(rule: Rule): People {
  const all = rule.flat().flatMap(({ people }) => (people === undefined ? [] : [people]));
  return {
    users: [...new Set(all.flatMap(({ users }) => users))],
    groups: [...new Set(all.flatMap(({ groups }) => groups))],
  };
}

export function rightsOf({ start, settle, cancel, read, approve }: RightsSource): Rights {
  return {
    ...(start === undefined ? {} : { start: peopleOf(start) }),
    ...(approve === undefined ? {} : { approve: ruleOf(approve) }),
    ...(settle === undefined ? {} : { settle: peopleOf(settle) }),
    ...(cancel === undefined ? {} : { cancel: peopleOf(cancel) }),
    ...(read === undefined ? {} : { read: peopleOf(read) }),
  };
}

/** What the form allows and nobody can mean: two forms in one, nobody named where the cluster is not there to name them, more than there are. */
export function ruleMistakes(source: RuleSource, path: Path, isCluster: boolean): readonly Mistake[] {
  if (typeof source === 'number' || Array.isArray(source)) return [];
  const forms = (['of', 'all', 'any'] as const).filter((key) => source[key] !== undefined);
  const check = 'one of: of (with count), all, any';
  if (forms.length > 1 || (source.count !== undefined && (source.all !== undefined || source.any !== undefined))) {
    return [
      { path, message: `${[...(source.count === undefined ? [] : ['count']), ...forms].join(' and ')} cannot stand together`, check },
    ];
  }
  if (source.all !== undefined) return source.all.flatMap((each, index) => quorumMistakes(each, [...path, 'all', index], isCluster));
  if (source.any !== undefined) return source.any.flatMap((each, index) => ruleMistakes(each, [...path, 'any', index], isCluster));
  return quorumMistakes(source, path, isCluster);
}

function quorumMistakes(source: QuorumSource, path: Path, isCluster: boolean): readonly Mistake[] {
  if (Array.isArray(source)) return [];
  const { of, count: wanted = 1 } = source;
  if (of === undefined)
    return isCluster ? [{ path, message: 'it does not say of whom', check: '`of`: ids of Slack users and user groups' }] : [];
  const users = new Set(of);
  const isShort = users.size < wanted && [...users].every((id) => !id.startsWith('S'));
  return isShort
    ? [{ path, message: `${wanted} different people are wanted of ${users.size}, so nobody could ever approve`, check: '`count` and `of`' }]
    : [];
}
