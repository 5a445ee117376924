/** `keyturn register`: who was refused, what was gone round in an emergency and who looked at it, what was written in the
 * thread of a run that was over, who has which second factor since when. */
import { createRegister } from '../journal/register.ts';
import { assertNever } from '../run/assert-never.ts';
import type { Person } from '../run/events.ts';
import { KeyturnError } from '../errors.ts';
import { utcSecond } from '../utc.ts';
import { type ListName, LISTS, type Listed, listed } from '../verify/register-list.ts';
import { withStore } from './store.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

export type RegisterOptions = { readonly json: boolean; readonly from?: string; readonly to?: string };

/** Changes nothing. Throws KeyturnError for a list or a time that is none, and as `withStore` does. */
export async function register(world: CliWorld, list: string | undefined, { json, ...times }: RegisterOptions): Promise<Exit> {
  const ask = { list: listNamed(list), from: timeIn('--from', times.from), to: timeIn('--to', times.to) };
  let count = 0;
  await withStore(world.env, async ({ redis, keyFor }) => {
    for await (const entry of listed(createRegister({ redis, key: keyFor('register') }), ask)) {
      count += 1;
      if (json) world.say(jsonOf(entry));
      else for (const line of linesOf(entry)) world.say(line);
    }
  });
  if (count === 0 && !json)
    world.say(`Nothing of the kind is on record${times.from === undefined && times.to === undefined ? '' : ' of that time'}.`);
  return EXIT.ok;
}

function listNamed(list: string | undefined): ListName | undefined {
  const found = LISTS.find((each) => each === list);
  if (list === undefined || found !== undefined) return found;
  throw new KeyturnError('LIST_UNKNOWN', `There is no list "${list}"`, `the word: one of ${LISTS.join(', ')}; without one, all of them`);
}

/** A day is its first moment, UTC. */
function timeIn(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text)
    ? Date.parse(/[zZ]|[+-]\d{2}:\d{2}$/.test(text) || text.length === 10 ? text : `${text}Z`)
    : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new KeyturnError(
    'TIME_UNKNOWN',
    `${option} is "${text}"`,
    'that it is a day or a time, UTC, such as 2026-01-31 or 2026-01-31T06:00',
  );
}

/** One line each, so that any number can be piped on. */
function jsonOf({ seq, id, at, event, review }: Listed): string {
  const isEmergency = event.kind === 'glassBroken' || event.kind === 'holdOverridden';
  const looked = review === undefined ? null : { ...review, at: new Date(review.at).toISOString() };
  return JSON.stringify({ seq, id, at: new Date(at).toISOString(), ...event, ...(isEmergency ? { review: looked } : {}) });
}

function linesOf({ at, event, review }: Listed): readonly string[] {
  const when = utcSecond(at);
  switch (event.kind) {
    case 'refused': {
      const where = [event.procedure, event.cluster, event.run].filter((each) => each !== undefined).join(' · ');
      const more = event.unrecorded === undefined ? '' : ` (${event.unrecorded} more within the hour before were counted, not recorded)`;
      return [
        `${when}  refused  ${who(event.person)}: ${event.action}${where === '' ? '' : `, ${where}`}`,
        `  ${oneLine(event.why)}${more}`,
      ];
    }
    case 'glassBroken':
      return [`${when}  break-glass at ${event.step}  ${event.run}  ${event.cluster}`, ...emergencyLines(event, review)];
    case 'holdOverridden':
      return [`${when}  freeze window overridden: ${event.window}  ${event.run}  ${event.cluster}`, ...emergencyLines(event, review)];
    case 'lateNote': {
      const whose = event.by === undefined ? '' : `  ${who(event.by)}`;
      const text = event.text === undefined ? [] : [`  ${oneLine(event.text)}`];
      return [`${when}  note ${event.what} after the end  ${event.run}  ${event.cluster}${whose}`, ...text];
    }
    case 'factorEnrolled':
      return [`${when}  second factor enrolled for ${event.user} by ${event.by}`];
    case 'factorReset':
      return [`${when}  second factor of ${event.user} reset by ${event.by}: ${oneLine(event.reason)}`];
    case 'reviewed':
      return [];
    default:
      return assertNever(event);
  }
}

function emergencyLines({ by, reason }: { readonly by: Person; readonly reason: string }, review: Listed['review']): readonly string[] {
  const looked = review === undefined ? 'NOT REVIEWED' : `reviewed by ${who(review.by)}, ${utcSecond(review.at)}: ${oneLine(review.note)}`;
  return [`  by ${who(by)}: ${oneLine(reason)}`, `  ${looked}`];
}

function who({ name, user }: Person): string {
  return `${name} (${user})`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
