/**
 * Who somebody is, read from Slack at the moment of the decision and never remembered.
 *
 * 1. Whatever Slack does not answer makes the person `unverified`: refused, never taken from an old copy.
 * 2. Nothing but ids decides; the name is for display.
 * 3. Two accounts of one person are one: who belongs to whom is read from the file of people, and a mistake in it makes everybody `unverified`.
 * 4. User groups are asked for only where the policy names some: most clusters list ids, and then the scope usergroups:read is not needed.
 */
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Known, whyBroken } from '../files/people.ts';
import type { Standing } from '../run/authorise.ts';
import { isSilent, sayFailure, type WebFailure, webFailure } from './failure.ts';
import type { Identity } from './web.ts';

export interface Directory {
  /** `groups`: ids of the user groups that the policy in question names. Never rejects. */
  standingOf(who: Who, groups: readonly string[]): Promise<Standing>;
}

/** As a payload names a person. */
export type Who = { readonly team: string; readonly user: string };

/** The fields of `users.info` that decide (section 9 of Slack's reference for the object `user`). */
const userSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  team_id: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_workflow_bot: z.boolean().optional(),
  is_connector_bot: z.boolean().optional(),
  is_restricted: z.boolean().optional(),
  is_ultra_restricted: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
  real_name: z.string().optional(),
  profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
});
export type SlackUser = z.infer<typeof userSchema>;

export type DirectoryOptions = {
  readonly web: WebClient;
  readonly identity: Identity;
  /** The file of people, read anew at each call. */
  readonly people: () => Known;
  readonly log: Logger;
};

export function createDirectory({ web, identity, people, log }: DirectoryOptions): Directory {
  return {
    async standingOf(who, groups) {
      const unknown = { person: { ...who, name: who.user }, memberOf: [] };
      const user = await readUser(web, who.user);
      if ('kind' in user) return { ...unknown, kind: user };
      // The team of `users.info`, not of the payload: a command and a click name it differently on Enterprise Grid, and it decides who is ours.
      const person = { team: user.team_id ?? who.team, user: user.id, name: displayName(user) };
      const why = whyBarred(user, identity);
      if (why !== undefined) return { person, memberOf: [], kind: { kind: 'barred', why } };
      const memberOf = await readGroups(web, user.id, groups, log);
      if ('kind' in memberOf) return { person, memberOf: [], kind: memberOf };
      const known = people();
      if (known.kind === 'broken') return { person, memberOf: [], kind: { kind: 'unverified', why: whyBroken(known) } };
      const same = known.identities.get(user.id);
      return { person, memberOf, kind: { kind: 'member' }, ...(same === undefined ? {} : { identity: same }) };
    },
  };
}

/** The end of the sentence “You may not: …”, or nothing for a full member of our own organisation. Pure. */
export function whyBarred(user: SlackUser, own: Pick<Identity, 'teamId' | 'enterpriseId'>): string | undefined {
  if (user.deleted === true) return 'your Slack account is deactivated.';
  if (user.is_bot === true || user.is_workflow_bot === true || user.is_connector_bot === true)
    return 'bots and workflows cannot use Keyturn.';
  if (user.is_restricted === true || user.is_ultra_restricted === true) return 'guests of this workspace cannot use Keyturn.';
  if (user.is_stranger === true || !isOwn(user, own)) return 'people of other organisations cannot use Keyturn.';
  return undefined;
}

/** `is_stranger` alone misses externals, so the workspace or the organisation must be ours. */
function isOwn(user: SlackUser, own: Pick<Identity, 'teamId' | 'enterpriseId'>): boolean {
  if (user.team_id === own.teamId) return true;
  return own.enterpriseId !== undefined && user.enterprise_user?.enterprise_id === own.enterpriseId;
}

function displayName(user: SlackUser): string {
  const names = [user.profile?.real_name, user.real_name, user.profile?.display_name, user.name];
  return names.find((name) => name !== undefined && name.trim() !== '') ?? user.id;
}

/** Why nothing is known (invariant 1). */
type Unverified = Extract<Standing['kind'], { readonly kind: 'unverified' }>;

function unverified(failure: WebFailure, about = ''): Unverified {
  return { kind: 'unverified', why: `${sayFailure(failure)}${about}`, ...(isSilent(failure) ? { silent: true } : {}) };
}

async function readUser(web: WebClient, id: string): Promise<SlackUser | Unverified> {
  try {
    const answer = await web.users.info({ user: id });
    const user = userSchema.safeParse(answer.user);
    if (!user.success || user.data.id !== id) return { kind: 'unverified', why: 'Slack described another person than the one asked for' };
    return user.data;
  } catch (error) {
    return unverified(webFailure(error));
  }
}

async function readGroups(web: WebClient, user: string, groups: readonly string[], log: Logger): Promise<readonly string[] | Unverified> {
  const answers = await Promise.all([...new Set(groups)].map((group) => isIn(web, user, group, log)));
  const failed = answers.find((answer) => answer.kind === 'failed');
  if (failed?.kind === 'failed') return failed.why;
  return answers.flatMap((answer) => (answer.kind === 'in' ? [answer.group] : []));
}

type Membership =
  | { readonly kind: 'in'; readonly group: string }
  | { readonly kind: 'out' }
  | { readonly kind: 'failed'; readonly why: Unverified };

async function isIn(web: WebClient, user: string, group: string, log: Logger): Promise<Membership> {
  try {
    const answer = await web.usergroups.users.list({ usergroup: group });
    return answer.users?.includes(user) === true ? { kind: 'in', group } : { kind: 'out' };
  } catch (error) {
    const failure = webFailure(error);
    if (failure.kind === 'said' && failure.code === 'no_such_subteam') {
      log.warn({ group }, 'a cluster file names a Slack user group that does not exist (any more); nobody is in it');
      return { kind: 'out' };
    }
    return { kind: 'failed', why: unverified(failure, ` when asked for the user group ${group}`) };
  }
}
