/** The card that asks for an approval or a press, and what became of it. Pure. */
import { assertNever } from '../../run/assert-never.ts';
import type { Subject } from '../../run/events.ts';
import { type Approval, type ApprovalStatus, type RunState, stepsOf } from '../../run/state.ts';
import { ACTION, requestValue } from './actions.ts';
import { changedLines, changedParts } from './approval-changes.ts';
import { checkLines, isApprovable, NOT_READY } from './approval-checks.ts';
import { hostLines, itemParts, scriptsIn } from './approval-items.ts';
import { askedId, askedName, isJoint, jointLines, jointParts } from './approval-joint.ts';
import { button } from './buttons.ts';
import { type Draft, isWhole, type Part, say, sayLines } from './compose.ts';
import { code } from './escape.ts';
import { glassButtons } from './glass.ts';
import { person } from './people.ts';
import { everybody, neededWords, soFar, wanted } from './second.ts';
import { slackTime } from './times.ts';
import { about, commandOf, ended, filled, listed, name, roleLines, words } from './words.ts';

const REPLY = { kind: 'reply' } as const;

/** Whatever the card says beside its outcome was known when it was asked; `status` is the first outcome, for a later void has a reply of its own. */
export type Asked = { readonly seq: number; readonly rolesSeenAt: number; readonly status: ApprovalStatus };

export function approvalDraft(state: RunState, asked: Approval, { seq, rolesSeenAt, status }: Asked): Draft {
  const approval = { ...asked, status };
  const settled = outcomeOf(state, approval);
  const first = headline(state, approval);
  const lines = facts(state, approval, rolesSeenAt);
  const checked = checkLines(approval).length === 0 ? [] : [sayLines(checkLines(approval))];
  const shown = isJoint(approval) ? jointParts(state, approval) : itemParts(approval.subject);
  const whole = isWhole([...shown, ...AROUND]);
  const may = whole ? (isApprovable(approval) ? undefined : NOT_READY) : NOT_WHOLE;
  const end = settled === undefined ? [...asks(state, approval, may), `Expires ${slackTime(approval.expiresAt)}.`] : [settled];
  return {
    key: `approval:${approval.request}`,
    place: REPLY,
    seq,
    final: settled !== undefined,
    text: [
      `${first}. ${about(state)}`,
      ...end,
      ...changedLines(state, approval),
      ...checkLines(approval),
      ...lines,
      `Script: ${scriptsIn(approval.subject, 900)}`,
    ],
    parts: [
      ...headed(`*${first}*`, changedParts(state, approval), lines),
      ...checked,
      ...shown,
      sayLines(checks(state, approval)),
      sayLines([`Digest ${code(approval.digest.slice(0, 12))} covers everything above.`, ...end]),
      ...(settled === undefined ? [decide(state, approval, whole)] : []),
    ],
  };
}

function headed(first: string, changed: readonly Part[], lines: readonly string[]): readonly Part[] {
  return changed.length === 0 ? [sayLines([first, ...lines])] : [say(first), ...changed, sayLines(lines)];
}

/** The parts that stand around what is to be started. */
const AROUND: readonly Part[] = Array.from({ length: 8 }, () => say(''));
/** The engine asks for nothing that is too long; this is for what it counted otherwise. */
const NOT_WHOLE = '*It is too long to be shown whole here, so nobody can approve it.* Reject it, and have the step made shorter.';

function headline(state: RunState, approval: Approval): string {
  const hosts = [...new Set(approval.subject.items.map((item) => item.host))].map(name);
  const risk = approval.needs === 'second' ? 'UNSAFE' : 'gate';
  return `${askedName(state, approval)} on ${listed(hosts, 10)}: ${risk}, ${standing(state, approval)}`;
}

/** The risk stays in the record's words; what became of the request stands beside it. */
function standing(state: RunState, approval: Approval): string {
  const { status, needs } = approval;
  const glass = status.kind === 'given' ? status.glass : undefined;
  switch (status.kind) {
    case 'open':
      if (!isApprovable(approval)) return 'a check is NOT OK';
      return needs === 'second' ? `needs ${neededWords(state, stepsOf(approval), approval.backers)}` : 'needs a press';
    case 'given':
      return glass === undefined ? 'approved' : 'given by break-glass';
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
    `${approval.needs === 'second' ? '*Why unsafe:*' : '*Why:*'} ${words(approval.why)}`,
    ...(isJoint(approval) ? jointLines(state, approval) : hostLines(approval.subject)),
    ...(roles === '' ? [] : [`*Roles*, as observed ${slackTime(observed)}:`, roles]),
  ];
}

function checks(state: RunState, approval: Approval): readonly string[] {
  const evidence = approval.evidence.slice(0, 20).map((each) => `• ${words(each, 300)}`);
  return [...(evidence.length === 0 ? [] : ['*Evidence:*', ...evidence]), ...(isJoint(approval) ? [] : afterwardsOf(state, approval))];
}

function afterwardsOf(state: RunState, approval: Approval): readonly string[] {
  const step = commandOf(state, approval.step);
  const expected = approval.subject.expectations.slice(0, 10).map((each) => `• ${words(each, 300)}`);
  const until = step?.until === undefined ? [] : [`• waiting for: ${filled(state, step.until.waiting, oneHost(approval.subject))}`];
  const afterwards = [...until, ...expected];
  return [
    ...(afterwards.length === 0 ? ['Afterwards: only the exit status is checked.'] : ['*Checked afterwards:*', ...afterwards]),
    step?.undo === undefined ? '*No undo.*' : `*Undo:* ${filled(state, step.undo, oneHost(approval.subject))}`,
  ];
}

function oneHost(subject: Subject): string | undefined {
  return subject.items.length === 1 ? subject.items[0]?.host : undefined;
}

/** Whom an open request waits for, or why nobody can approve it. They are mentioned; an update of the card notifies nobody again. */
function asks(state: RunState, approval: Approval, cannot: string | undefined): readonly string[] {
  const said = soFar(state, stepsOf(approval), approval.backers);
  const before = said === undefined ? [] : [`*Approved so far:* ${said}. Never the requester.`];
  if (cannot !== undefined) return [...before, cannot];
  if (approval.needs === 'gate') return [`Who may approve: ${person(state.requester)}, and whoever may start or approve runs here.`];
  return said === undefined ? [`Who may approve: ${wanted(state, stepsOf(approval))}. Never the requester.`] : before;
}

function decide(state: RunState, approval: Approval, whole: boolean): Part {
  const value = requestValue({ run: state.run, request: approval.request, digest: approval.digest });
  const ready = isApprovable(approval);
  const approve = whole && ready ? [button(ACTION.approve, `Approve ${askedId(approval)}`, value, 'primary')] : [];
  const again = ready ? [] : [button(ACTION.checkAgain, 'Check Again', value)];
  const glass = whole && ready ? glassButtons(state, approval) : [];
  return {
    kind: 'buttons',
    id: `approval-${approval.request}`,
    buttons: [...approve, ...again, button(ACTION.reject, 'Reject', value), ...glass],
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
      if (status.glass !== undefined)
        return `*Break-glass* by ${person(status.by)}, ${slackTime(status.at)}, without a second person: ${ended(words(status.glass, 800))}`;
      return `Approved by ${everybody(approval, status.by, status.at)}.`;
    case 'rejected':
      return `Rejected by ${person(status.by)}, ${slackTime(status.at)}: ${ended(words(status.reason, 800) || 'no reason given')}`;
    case 'expired':
      return `Expired ${slackTime(status.at)}: nobody decided in time. Nothing was started.`;
    case 'voided':
      return `Voided ${slackTime(status.at)}: ${ended(words(status.why))}`;
    default:
      return assertNever(status);
  }
}
