/** The card that asks for an approval or a press, and what became of it. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Item, Subject } from '../../run/events.ts';
import type { Approval, ApprovalStatus, RunState } from '../../run/state.ts';
import { ACTION, requestValue } from './actions.ts';
import { button } from './buttons.ts';
import { type Draft, type Part, say, sayLines, show } from './compose.ts';
import { code, escapeLine } from './escape.ts';
import { people, person } from './people.ts';
import { slackTime } from './times.ts';
import { about, commandOf, filled, listed, name, roleLines, stepName, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** Whatever the card says beside its outcome was known when it was asked; `status` is the first outcome, for a later void has a reply of its own. */
export type Asked = { readonly seq: number; readonly rolesSeenAt: number; readonly status: ApprovalStatus };

export function approvalDraft(state: RunState, asked: Approval, { seq, rolesSeenAt, status }: Asked): Draft {
  const approval = { ...asked, status };
  const settled = outcomeOf(state, approval);
  const first = headline(state, approval);
  const lines = facts(state, approval, rolesSeenAt);
  const may = `Who may approve: ${whoMay(state, approval)}`;
  const end = settled ?? `Expires ${slackTime(approval.expiresAt)}. ${may}`;
  return {
    key: `approval:${approval.request}`,
    place: REPLY,
    seq,
    final: settled !== undefined,
    text: [`${first}. ${end}`, about(state), ...lines, `Script: ${scripts(approval.subject, 900)}`],
    parts: [
      sayLines([`*${first}*`, ...lines]),
      ...shownScripts(approval.subject),
      say(checks(state, approval)),
      sayLines([`Digest ${code(approval.digest.slice(0, 12))} covers everything above.`, end]),
      ...(settled === undefined ? [decide(state, approval)] : []),
    ],
  };
}

function headline(state: RunState, approval: Approval): string {
  const hosts = [...new Set(approval.subject.items.map((item) => item.host))].map(name);
  const risk = approval.needs === 'second' ? 'UNSAFE' : 'gate';
  return `${stepName(state, approval.step)} on ${listed(hosts, 10)}: ${risk}, ${standing(approval)}`;
}

/** The risk stays in the record's words; what became of the request stands beside it. */
function standing({ status, needs }: Approval): string {
  switch (status.kind) {
    case 'open':
      return needs === 'second' ? 'needs a second person' : 'needs a press';
    case 'given':
      return 'approved';
    case 'rejected':
    case 'expired':
    case 'voided':
      return status.kind;
    default:
      return assertNever(status);
  }
}

function facts(state: RunState, approval: Approval, observed: number): readonly string[] {
  const hosts = approval.subject.items.slice(0, 20).map((item) => `• ${hostLine(item, approval.subject)}`);
  const more = approval.subject.items.length - 20;
  const roles = roleLines(approval.subject.roles);
  return [
    `Requested by ${person(state.requester)}.`,
    `*Why:* ${words(approval.why)}`,
    '*Hosts:*',
    ...hosts,
    ...(more > 0 ? [`• and ${more} more`] : []),
    ...(roles === '' ? [] : [`*Roles*, as observed ${slackTime(observed)}:`, roles]),
  ];
}

function hostLine(item: Item, subject: Subject): string {
  const roles = Object.entries(subject.roles).flatMap(([role, host]) => (host === item.host ? [name(role)] : []));
  const attempt = item.attempt === 1 ? '' : `, attempt ${item.attempt}`;
  return `${name(item.host)} (${name(item.address)})${roles.length === 0 ? '' : `: ${listed(roles, 10)}`}${attempt}`;
}

/** Each different script with its values once, with the hosts that it is for. */
function groups(subject: Subject): readonly { readonly hosts: readonly string[]; readonly item: Item }[] {
  const found = new Map<string, { readonly hosts: readonly string[]; readonly item: Item }>();
  for (const item of subject.items) {
    const key = JSON.stringify([item.script, Object.entries(item.env).sort()]);
    const known = found.get(key);
    found.set(key, { hosts: [...(known?.hosts ?? []), item.host], item: known?.item ?? item });
  }
  return [...found.values()];
}

function shownScripts(subject: Subject): readonly Part[] {
  return groups(subject).flatMap(({ hosts, item }) => [
    say(`Exactly this is run on ${listed(hosts.map(name), 10)}:`),
    show(item.script.replace(/\n$/, '')),
    ...values(item),
  ]);
}

function values(item: Item): readonly Part[] {
  const all = Object.entries(item.env);
  if (all.length === 0) return [];
  return [say('With these values:'), show(all.map(([key, value]) => `${key}=${value}`).join('\n'))];
}

function scripts(subject: Subject, longest: number): string {
  return words(
    groups(subject)
      .map(({ item }) => item.script)
      .join(' ; '),
    longest,
  );
}

function checks(state: RunState, approval: Approval): string {
  const step = commandOf(state, approval.step);
  const evidence = approval.evidence.slice(0, 20).map((each) => `• ${words(each, 300)}`);
  const expected = approval.subject.expectations.slice(0, 10).map((each) => `• ${words(each, 300)}`);
  const until = step?.until === undefined ? [] : [`• waiting for: ${filled(state, step.until.waiting, oneHost(approval.subject))}`];
  const afterwards = [...until, ...expected];
  return [
    ...(evidence.length === 0 ? [] : ['*Evidence:*', ...evidence]),
    ...(afterwards.length === 0 ? ['Afterwards: only the exit status is checked.'] : ['*Checked afterwards:*', ...afterwards]),
    step?.undo === undefined ? '*No undo.*' : `*Undo:* ${filled(state, step.undo, oneHost(approval.subject))}`,
  ].join('\n');
}

function oneHost(subject: Subject): string | undefined {
  return subject.items.length === 1 ? subject.items[0]?.host : undefined;
}

/** Mentioned where the request waits for them; an update of the card notifies nobody again. */
function whoMay(state: RunState, approval: Approval): string {
  if (approval.needs === 'gate') return `${person(state.requester)}, and whoever may start or approve runs here.`;
  return `${people(state.cluster.may.approve)}. Never the requester.`;
}

function decide(state: RunState, approval: Approval): Part {
  const value = requestValue(state.run, approval.request);
  return {
    kind: 'buttons',
    id: `approval-${approval.request}`,
    buttons: [button(ACTION.approve, `Approve ${approval.step}`, value, 'primary'), button(ACTION.reject, 'Reject', value)],
  };
}

/** Undefined while it is open. */
function outcomeOf(state: RunState, approval: Approval): string | undefined {
  const status = approval.status;
  switch (status.kind) {
    case 'open':
      return state.ended === undefined
        ? undefined
        : `Closed ${slackTime(state.ended.at)}: the run ${state.ended.outcome} before it was decided.`;
    case 'given':
      return `Approved by ${person(status.by)}, ${slackTime(status.at)}.`;
    case 'rejected':
      return `Rejected by ${person(status.by)}, ${slackTime(status.at)}: ${escapeLine(status.reason.slice(0, 800)) || 'no reason given'}`;
    case 'expired':
      return `Expired ${slackTime(status.at)}: nobody decided in time. Nothing was started.`;
    case 'voided':
      return `Voided ${slackTime(status.at)}: ${words(status.why)}`;
    default:
      return assertNever(status);
  }
}
