/** The card that asks for an approval or a press, and what became of it. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Subject } from '../../run/events.ts';
import type { Approval, ApprovalStatus, RunState } from '../../run/state.ts';
import { ACTION, requestValue } from './actions.ts';
import { hostLines, itemParts, scriptsIn } from './approval-items.ts';
import { button } from './buttons.ts';
import { type Draft, isWhole, type Part, say, sayLines } from './compose.ts';
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
  const shown = itemParts(approval.subject);
  const whole = isWhole([...shown, ...AROUND]);
  const may = whole ? `Who may approve: ${whoMay(state, approval)}` : NOT_WHOLE;
  const end = settled ?? `Expires ${slackTime(approval.expiresAt)}. ${may}`;
  return {
    key: `approval:${approval.request}`,
    place: REPLY,
    seq,
    final: settled !== undefined,
    text: [`${first}. ${end}`, about(state), ...lines, `Script: ${scriptsIn(approval.subject, 900)}`],
    parts: [
      sayLines([`*${first}*`, ...lines]),
      ...shown,
      say(checks(state, approval)),
      sayLines([`Digest ${code(approval.digest.slice(0, 12))} covers everything above.`, end]),
      ...(settled === undefined ? [decide(state, approval, whole)] : []),
    ],
  };
}

/** The parts that stand around what is to be started. */
const AROUND: readonly Part[] = [say(''), say(''), say(''), say('')];
/** The engine asks for nothing that is too long; this is for what it counted otherwise. */
const NOT_WHOLE = '*It is too long to be shown whole here, so nobody can approve it.* Reject it, and have the step made shorter.';

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
  const roles = roleLines(approval.subject.roles);
  return [
    `Requested by ${person(state.requester)}.`,
    `*Why:* ${words(approval.why)}`,
    ...hostLines(approval.subject),
    ...(roles === '' ? [] : [`*Roles*, as observed ${slackTime(observed)}:`, roles]),
  ];
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

function decide(state: RunState, approval: Approval, whole: boolean): Part {
  const value = requestValue({ run: state.run, request: approval.request, digest: approval.digest });
  const approve = whole ? [button(ACTION.approve, `Approve ${approval.step}`, value, 'primary')] : [];
  return { kind: 'buttons', id: `approval-${approval.request}`, buttons: [...approve, button(ACTION.reject, 'Reject', value)] };
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
