/** The one place that says who may do what. Pure: what Slack knows of a person comes in as a value, read at the moment of the decision. */
import type { Cluster, People } from '../inventory/model.ts';
import { assertNever } from './assert-never.ts';
import type { Person, Stands } from './events.ts';

/**
 * start: begin a run. approve: be the second person. press: a gate on a safe step. settle: retry, look again, ask again, resume.
 * stop: pause, cancel, abort. plan: read the cluster's roles and show what would be done. read: list, status.
 */
export type Action = 'start' | 'plan' | 'approve' | 'press' | 'settle' | 'stop' | 'read';

/** What is known of a person at the moment of asking. `memberOf` holds ids of user groups, of those that the policy names. */
export type Standing = {
  readonly person: Person;
  readonly kind:
    | { readonly kind: 'member' }
    /** Bot, guest, external or deactivated: `why` is the sentence's end. */
    | { readonly kind: 'barred'; readonly why: string }
    /** Slack did not answer; refused, for an old copy may be wrong. */
    | { readonly kind: 'unverified'; readonly why: string };
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

/** The run or, before there is one, the cluster that the action is about. */
export type About = { readonly cluster: Cluster; readonly requester: Person | undefined };

export function authorise(action: Action, standing: Standing, about: About): Verdict {
  if (standing.kind.kind === 'barred') return refused(`You may not: ${standing.kind.why}`);
  if (standing.kind.kind === 'unverified')
    return refused(`Slack could not confirm who you are (${standing.kind.why}); try again in a moment.`);
  const { may, name } = about.cluster;
  switch (action) {
    case 'read':
      return { kind: 'allowed' };
    case 'start':
      return listed(may.start, standing)
        ? { kind: 'allowed' }
        : refused(`You may not start runs on ${name}. ${whoMay('start', may.start)}`);
    case 'approve':
      return second(standing, about);
    case 'plan':
    case 'press':
    case 'settle':
    case 'stop':
      return listed(may.start, standing) || listed(may.approve, standing) || isSame(standing.person, about.requester)
        ? { kind: 'allowed' }
        : refused(`You may neither start nor approve runs on ${name}. ${whoMay('approve', may.approve)}`);
    default:
      return assertNever(action);
  }
}

function second(standing: Standing, about: About): Verdict {
  const { may, name } = about.cluster;
  if (isSame(standing.person, about.requester)) {
    return refused(`You requested this run, so you cannot be its second person. ${whoMay('approve', may.approve)}`);
  }
  if (!listed(may.approve, standing)) return refused(`You may not approve runs on ${name}. ${whoMay('approve', may.approve)}`);
  return { kind: 'allowed' };
}

/** Same account. Slack's user ids are unique across workspaces, and a person's workspace may change within an organisation; names never count. */
export function isSame(a: Person, b: Person | undefined): boolean {
  return b !== undefined && a.user === b.user;
}

function listed(people: People, standing: Standing): boolean {
  return people.users.includes(standing.person.user) || people.groups.some((group) => standing.memberOf.includes(group));
}

/** Who may, as Slack mentions that notify nobody when sent in private. */
function whoMay(verb: 'start' | 'approve', people: People): string {
  const names = [...people.users.map((id) => `<@${id}>`), ...people.groups.map((id) => `<!subteam^${id}>`)];
  return names.length === 0 ? `Nobody may ${verb}: the cluster file lists no one.` : `Who may ${verb}: ${names.join(', ')}.`;
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
