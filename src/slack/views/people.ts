/** People as Slack mentions, which name an account that its owner cannot rename. Pure. */
import type { People } from '../../inventory/model.ts';
import type { Person } from '../../run/events.ts';
import type { Missing } from '../../run/policy.ts';
import { cutText } from './cut.ts';
import { escapeLine } from './escape.ts';

/** Ids of users, groups and channels (Slack object ids); anything else stays text. */
const ID = /^[A-Z0-9_]{1,41}$/;
/** Mentions in one sentence; a longer list is counted. */
const MOST = 20;

/** The mention and the name as it was then: the name is found by search and stays in an export. */
export function person(who: Person): string {
  return `${user(who.user)} (${named(who)})`;
}

export function named(who: Person): string {
  return escapeLine(cutText(who.name, 80));
}

/** `<@U1>, <!subteam^S1>`, or that it is nobody. */
export function people(list: People): string {
  const all = [...list.users.map(user), ...list.groups.map(group)];
  if (all.length === 0) return 'nobody: the cluster file lists no one';
  const rest = all.length - MOST;
  return all.slice(0, MOST).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/** `2 of @a, @b; and @c`: how many of whom are wanted. */
export function quorums(missing: readonly Missing[]): string {
  return missing.map(({ people: list, count }) => `${ofWhom(list, count)}${people(list)}`).join('; and ');
}

/** Where several are listed and one is enough, that is said: two names with a comma between them read as both. */
function ofWhom({ users, groups }: People, count: number): string {
  if (count > 1) return `${count} of `;
  return users.length + groups.length > 1 ? 'one of ' : '';
}

export function user(id: string): string {
  return ID.test(id) ? `<@${id}>` : escapeLine(cutText(id, 60));
}

export function channel(id: string): string {
  return ID.test(id) ? `<#${id}>` : escapeLine(cutText(id, 60));
}

function group(id: string): string {
  return ID.test(id) ? `<!subteam^${id}>` : escapeLine(cutText(id, 60));
}
