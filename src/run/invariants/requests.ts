/** Requests for approval: what they show, that each is decided once and in time, and by whom. */
import type { EventOf, Recorded } from '../events.ts';
import { subjectDigest } from '../subject.ts';
import { commandOf, type Entry, type History, repeated, type Violation } from './history.ts';
import { isNamed } from './rule.ts';
import { different, isKnown, quorumFaults, type Stand, standFaults, unknownFaults } from './second.ts';

type Request = Entry<'approvalRequested'>;

/** Whatever happens to a request after it was made, in words. */
const AFTERWARDS = {
  approvalBacked: 'A first approval',
  approvalGiven: 'An approval',
  glassBroken: 'A broken glass',
  approvalReminded: 'A reminder',
  approvalRejected: 'A rejection',
  approvalExpired: 'An expiry',
  approvalVoided: 'A withdrawal',
} as const;
type Afterwards = Entry<keyof typeof AFTERWARDS>;

function isAfterwards(entry: Recorded): entry is Afterwards {
  return Object.hasOwn(AFTERWARDS, entry.event.kind);
}

export function requestFaults(history: History): readonly Violation[] {
  const requests = history.of('approvalRequested');
  const afterwards = history.all.filter(isAfterwards);
  return [
    ...repeated(requests, ({ event }) => event.request).map(({ seq, event }): Violation => {
      return { seq, kind: 'requestTwice', sentence: `Request ${event.request} was made before.` };
    }),
    ...afterwards.filter(({ event }) => !requests.some((each) => each.event.request === event.request)).map(orphan),
    ...requests.flatMap((request) => [
      ...contentFaults(history, request),
      ...courseFaults(
        history,
        request,
        afterwards.filter(({ event }) => event.request === request.event.request),
      ),
    ]),
  ];
}

function orphan({ seq, event }: Afterwards): Violation {
  return { seq, kind: 'noRequest', sentence: `${AFTERWARDS[event.kind]} is about a request ${event.request} that was never made.` };
}

/** The digest is that of what is stored, and what is stored is of the pinned procedure and cluster. */
function contentFaults(history: History, { seq, event }: Request): readonly Violation[] {
  const digest = subjectDigest(history.run, { ...history.requested, roles: {}, captured: {} }, event.subject);
  const faults: Violation[] = [];
  if (digest !== event.digest)
    faults.push({ seq, kind: 'wrongDigest', sentence: `The digest of request ${event.request} is not that of what it shows.` });
  for (const item of event.subject.items) {
    const host = history.requested.cluster.hosts.find(({ name }) => name === item.host);
    const safety = commandOf(history, item.step)?.safety.kind;
    if (host === undefined || item.address !== `${host.user}@${host.address}:${host.port}`)
      faults.push({
        seq,
        kind: 'wrongItem',
        sentence: `Request ${event.request} shows ${item.host} at an address that the cluster does not have.`,
      });
    if (safety === undefined || safety === 'safe')
      faults.push({ seq, kind: 'wrongItem', sentence: `Request ${event.request} asks for ${item.step}, which needs no approval.` });
    else if ((safety === 'unsafe') !== (event.needs === 'second'))
      faults.push({
        seq,
        kind: 'wrongNeed',
        sentence: `Request ${event.request} asks the wrong people for ${item.step}, which is ${safety}.`,
      });
  }
  return faults;
}

/** Open, then decided once; what was allowed can be voided once; after that there is nothing. */
function courseFaults(history: History, request: Request, afterwards: readonly Afterwards[]): readonly Violation[] {
  const faults: Violation[] = [];
  const stands: Stand[] = [];
  let status: 'open' | 'allowed' | 'over' = 'open';
  for (const entry of afterwards) {
    const { seq, event } = entry;
    if (seq < request.seq) faults.push(orphan(entry));
    const isAllowedHere = status === 'open' || (status === 'allowed' && event.kind === 'approvalVoided');
    if (!isAllowedHere)
      faults.push({
        seq,
        kind: 'decidedTwice',
        sentence: `${AFTERWARDS[event.kind]} came after request ${event.request} had been decided.`,
      });
    faults.push(...timeFaults(request, entry), ...decisionFaults(history, request, entry, stands));
    if (event.kind === 'approvalGiven' || event.kind === 'glassBroken') status = status === 'open' ? 'allowed' : status;
    else if (event.kind !== 'approvalBacked' && event.kind !== 'approvalReminded') status = 'over';
  }
  const reminded = afterwards.filter(({ event }) => event.kind === 'approvalReminded').slice(1);
  return [...faults, ...reminded.map(({ seq }): Violation => remindedTwice(seq, request))];
}

function remindedTwice(seq: number, { event }: Request): Violation {
  return { seq, kind: 'decidedTwice', sentence: `Request ${event.request} is called for a second time.` };
}

function timeFaults(request: Request, { seq, at, event }: Afterwards): readonly Violation[] {
  const { expiresAt } = request.event;
  if (event.kind === 'approvalExpired' && at < expiresAt)
    return [{ seq, kind: 'early', sentence: `Request ${event.request} expired before its time.` }];
  const isYes = event.kind === 'approvalBacked' || event.kind === 'approvalGiven' || event.kind === 'glassBroken';
  if (!isYes || at < expiresAt) return [];
  return [
    {
      seq,
      kind: 'late',
      sentence: `${AFTERWARDS[event.kind]} came ${Math.round((at - expiresAt) / 1000)} s after request ${event.request} had expired.`,
    },
  ];
}

/** Adds whoever stands to `stands`, which holds those before. */
function decisionFaults(history: History, request: Request, { seq, event }: Afterwards, stands: Stand[]): readonly Violation[] {
  if (event.kind !== 'approvalBacked' && event.kind !== 'approvalGiven' && event.kind !== 'glassBroken') return [];
  const about = `request ${event.request}`;
  const red = (request.event.checks ?? []).filter(({ ok }) => !ok);
  const redFaults = red.map(({ host, what }): Violation => {
    return { seq, kind: 'redCheck', sentence: `Request ${event.request} was allowed although a check on ${host} was red: ${what}.` };
  });
  const stand: Stand = { seq, by: event.by, stands: event.stands };
  if (event.kind === 'glassBroken') return [...redFaults, ...glassFaults(history, request, seq, event, stand)];
  if (request.event.needs === 'gate') return [...redFaults, ...gateFaults(history, stand, about)];
  const steps = [...new Set(request.event.subject.items.map(({ step }) => step))];
  stands.push(stand);
  const mine = standFaults(history, stands, steps, about).filter((fault) => fault.seq === seq);
  const isLast = event.kind === 'approvalGiven';
  return [...redFaults, ...mine, ...(isLast ? quorumFaults(history, different(stands), steps, about, seq) : [])];
}

function gateFaults(history: History, stand: Stand, about: string): readonly Violation[] {
  if (isKnown(history, stand)) return [];
  return [{ seq: stand.seq, kind: 'notNamed', sentence: `${stand.by.name} (${stand.by.user}) has no rights here and let ${about} pass.` }];
}

function glassFaults(history: History, request: Request, seq: number, event: EventOf<'glassBroken'>, stand: Stand): readonly Violation[] {
  const { breakGlass } = history.requested.cluster;
  const about = `request ${event.request}`;
  const wrong = (sentence: string): Violation => ({ seq, kind: 'glass', sentence });
  if (breakGlass === undefined) return [wrong(`The glass was broken for ${about}, and the cluster knows no break-glass.`)];
  return [
    ...unknownFaults(history, stand, about),
    ...(isNamed(breakGlass.people, stand) ? [] : [wrong(`${event.by.name} broke the glass for ${about} and is not named for it.`)]),
    ...(event.reason.trim() === '' ? [wrong(`The glass was broken for ${about} without a reason.`)] : []),
    ...(event.channel === breakGlass.channel ? [] : [wrong(`That the glass was broken for ${about} was told to another channel.`)]),
    ...(request.event.needs === 'second' ? [] : [wrong(`The glass was broken for ${about}, which needs no second person.`)]),
  ];
}
