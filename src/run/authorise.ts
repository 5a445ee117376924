/** The one place that says who may do what. Pure: what Slack knows of a person comes in as a value, read at the moment of the decision. */
import type { Cluster, People } from '../inventory/model.ts';
import type { Procedure, Step } from '../procedure/model.ts';
import { NOBODY, type Rule } from '../procedure/policy-model.ts';
import { assertNever } from './assert-never.ts';
import type { Person, Stands } from './events.ts';
import { isListed, isNamed, type Missing, missingIn, type Policy, rulesFor, stricterRights } from './policy.ts';
import type { RunState } from './state.ts';

/**
 * start: begin a run. approve: be the second person. press: a gate on a safe step. settle: retry, look again, ask again, resume.
 * stop: pause, cancel, abort. override: let a run act in a freeze window. breakGlass: do without a second person. plan: read the cluster's roles and show what would be done. read: list, status.
 */
export type Action = 'start' | 'plan' | 'approve' | 'press' | 'settle' | 'stop' | 'override' | 'breakGlass' | 'read';

/** What is known of a person at the moment of asking. `memberOf` holds ids of user groups, of those that the policy names. */
export type Standing = {
  readonly person: Person;
  readonly kind:
    | { readonly kind: 'member' }
    /** Bot, guest, external or deactivated: `why` is the sentence's end. */
    | { readonly kind: 'barred'; readonly why: string }
    /** Slack did not answer; refused, for an old copy may be wrong. `silent`: it could not be asked at all, so it said nothing about the person. */
    | { readonly kind: 'unverified'; readonly why: string; readonly silent?: true }
    /** Slack could not be asked; at Keyturn's own machine a second factor has proved who it is. Enough to stop, and for nothing else. */
    | { readonly kind: 'proved'; readonly why: string };
  readonly memberOf: readonly string[];
  /** Where the file of people knows several accounts of this person: all of them, and the name there. */
  readonly identity?: { readonly name: string; readonly accounts: readonly string[] };
  /** A second factor was proved at this moment, for this: the digest of a request, or the id of a trouble or question. */
  readonly proof?: { readonly about: string };
};

/** What the record keeps of it. */
export function standsOf({ person, memberOf, identity, proof }: Standing): Stands {
  return {
    memberOf: [...memberOf],
    accounts: [...(identity?.accounts ?? [person.user])],
    ...(identity === undefined ? {} : { identity: identity.name }),
    ...(proof === undefined ? {} : { factor: 'totp' as const }),
  };
}

export type Verdict = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly why: string };

/** What the action is about: the cluster, the procedure where one is meant, and the run where there is one. */
export type About = Policy & {
  readonly requester: Person | undefined;
  /** Who else has changed what the run was given. */
  readonly shapers: readonly Person[];
  /** The steps that a second person is to stand for. */
  readonly steps: readonly Step[];
};

/** Before there is a run. */
export function aboutCluster(cluster: Cluster, procedure?: Procedure): About {
  return { cluster, procedure, requester: undefined, shapers: [], steps: [] };
}

/** In a run, for the steps with these ids. */
export function aboutRun(state: RunState, ids: readonly string[] = []): About {
  const { cluster, procedure, requester } = state;
  const steps = procedure.steps.filter(({ id }) => ids.includes(id));
  return { cluster, procedure, requester, shapers: shapersOf(state), steps };
}

/** Whoever typed what a tool of a safe step was told: what later steps go by may come from it. In an unsafe step it is the second person's own word. */
function shapersOf(state: RunState): readonly Person[] {
  return Object.values(state.questions).flatMap(({ about, second, status }) =>
    about === 'prompt' && second === undefined && status.kind === 'answered' ? [status.by] : [],
  );
}

export function authorise(action: Action, standing: Standing, about: About): Verdict {
  if (standing.kind.kind === 'barred') return refused(`You may not: ${standing.kind.why}`);
  if (standing.kind.kind === 'unverified')
    return refused(`It could not be confirmed who you are: ${standing.kind.why}. Nothing was done; try again in a moment.`);
  if (standing.kind.kind === 'proved' && action !== 'stop')
    return refused(
      `Without Slack's word only pausing and cancelling are possible: ${standing.kind.why}. Nothing was done; try again when Slack answers.`,
    );
  if (action === 'approve') return second(standing, about);
  if (action === 'override' && isSame(standing, about.requester)) {
    return refused(
      `You requested this run, so you cannot override what holds it. ${whoMay('override', [about.cluster.freeze?.override ?? NOBODY])}`,
    );
  }
  const wanted = listsFor(action, about);
  const missed = wanted.find(({ people, orRequester }) => !isIn(people, standing) && !(orRequester && isSame(standing, about.requester)));
  return missed === undefined ? { kind: 'allowed' } : refused(`${whyNot(action, about)} ${whoMay(verbOf(action), missed.people)}`);
}

/** One list that must name the person. */
type Wanted = { readonly people: readonly People[]; readonly orRequester: boolean };

/** Every list that must be passed: the cluster's, and what makes it stricter for the procedure. */
function listsFor(action: Exclude<Action, 'approve'>, about: About): readonly Wanted[] {
  const { may } = about.cluster;
  const stricter = stricterRights(about);
  const concerned = [may.start, may.approve];
  const narrowed = (key: 'start' | 'settle' | 'cancel' | 'read', orRequester = false): readonly Wanted[] =>
    stricter.flatMap((rights) => (rights[key] === undefined ? [] : [{ people: [rights[key]], orRequester }]));
  switch (action) {
    case 'read':
      if (may.read === undefined) return narrowed('read', true);
      return [
        { people: [may.read, ...concerned, may.settle ?? NOBODY, may.cancel ?? NOBODY], orRequester: true },
        ...narrowed('read', true),
      ];
    case 'start':
      return [{ people: [may.start], orRequester: false }, ...narrowed('start')];
    case 'plan':
      return [{ people: concerned, orRequester: false }, ...narrowed('read')];
    case 'press':
    case 'settle':
      if (may.settle === undefined) return [{ people: concerned, orRequester: true }, ...narrowed('settle')];
      return [{ people: [may.settle], orRequester: false }, ...narrowed('settle')];
    case 'stop':
      return [{ people: may.cancel === undefined ? concerned : [may.cancel], orRequester: true }, ...narrowed('cancel', true)];
    case 'override':
      return [{ people: [about.cluster.freeze?.override ?? NOBODY], orRequester: false }];
    case 'breakGlass':
      return [{ people: [about.cluster.breakGlass?.people ?? NOBODY], orRequester: false }];
    default:
      return assertNever(action);
  }
}

function isIn(lists: readonly People[], { person, memberOf }: Standing): boolean {
  return lists.some((people) => isListed(people, { user: person.user, memberOf }));
}

function verbOf(action: Exclude<Action, 'approve'>): string {
  switch (action) {
    case 'press':
    case 'settle':
      return 'decide';
    case 'breakGlass':
      return 'break the glass';
    case 'override':
    case 'plan':
    case 'read':
    case 'start':
    case 'stop':
      return action;
    default:
      return assertNever(action);
  }
}

function whyNot(action: Exclude<Action, 'approve'>, { cluster, procedure }: About): string {
  const where = procedure === undefined ? cluster.name : `${cluster.name} with ${procedure.name}`;
  switch (action) {
    case 'read':
      return `You may not see runs on ${where}.`;
    case 'start':
      return `You may not start runs on ${where}.`;
    case 'override':
      return `You may not override freeze windows of ${cluster.name}.`;
    case 'breakGlass':
      return `You may not break the glass on ${cluster.name}.`;
    case 'plan':
    case 'press':
    case 'settle':
    case 'stop':
      return `You may not decide about runs on ${where}.`;
    default:
      return assertNever(action);
  }
}

function second(standing: Standing, about: About): Verdict {
  const rules = rulesFor(about, about.steps);
  if (isSame(standing, about.requester)) {
    return refused(`You requested this run, so you cannot be its second person. ${whoMayApprove(rules)}`);
  }
  if (about.shapers.some((shaper) => isSame(standing, shaper))) {
    return refused(`You answered a tool of this run, so you cannot be its second person as well. ${whoMayApprove(rules)}`);
  }
  if (isNamed(rules, { user: standing.person.user, memberOf: standing.memberOf })) return { kind: 'allowed' };
  return refused(`You may not approve runs on ${about.cluster.name}. ${whoMayApprove(rules)}`);
}

/**
 * The same person, by any of the accounts that the file of people knows. Slack's user ids are unique across workspaces, and a person's workspace
 * may change within an organisation; names never count.
 */
export function isSame(standing: Standing, person: Person | undefined): boolean {
  return person !== undefined && (standing.person.user === person.user || standing.identity?.accounts.includes(person.user) === true);
}

/** Who may, as Slack mentions that notify nobody when sent in private. */
function whoMay(verb: string, lists: readonly People[]): string {
  const names = [...new Set(lists.flatMap(mentions))];
  return names.length === 0 ? `Nobody may ${verb}: the cluster file lists no one.` : `Who may ${verb}: ${names.join(', ')}.`;
}

function whoMayApprove(rules: readonly Rule[]): string {
  const missing = missingIn(rules, []);
  return missing.every(({ people }) => mentions(people).length === 0)
    ? 'Nobody may approve: the cluster file lists no one.'
    : `Who may approve: ${missingWords(missing)}.`;
}

/** What is still wanted: `2 of @a, @b, and 1 of @c`; mentions by id. */
export function missingWords(missing: readonly Missing[]): string {
  return missing
    .map(({ people, count }) => `${count === 1 ? '' : `${count} of `}${mentions(people).join(', ') || 'nobody'}`)
    .join('; and ');
}

function mentions(people: People): readonly string[] {
  return [...people.users.map((id) => `<@${id}>`), ...people.groups.map((id) => `<!subteam^${id}>`)];
}

function refused(why: string): Verdict {
  return { kind: 'refused', why };
}

/** A cluster may name the channels in which it is worked on; none named means any that Keyturn is in. The sentence, or nothing. */
export function whyNotIn(cluster: Cluster, channel: string): string | undefined {
  if (cluster.channels.length === 0 || cluster.channels.includes(channel)) return undefined;
  const names = cluster.channels.map((id) => `<#${id}>`).join(', ');
  return `${cluster.name} is not worked on in this channel. Its cluster file lists: ${names}.`;
}
