/** Whether a start may be made now, and who is to be asked. Pure. */
import type { CommandStep } from '../procedure/model.ts';
import { whyNotReady } from './checks.ts';
import { type Decision, record, stepState } from './decision.ts';
import { brokenJoint, furtherParts } from './joint.ts';
import { remindAt } from './reminder.ts';
import type { Start } from './start.ts';
import { type Approval, type RunState, stepsOf } from './state.ts';
import { trouble } from './trouble.ts';

/** A start is due: is it permitted, or who is to be asked? */
export function permit(state: RunState, step: CommandStep, start: Start, now: number): Decision {
  if (step.safety.kind === 'safe') return { kind: 'start', step, start, approval: undefined };
  const broken = brokenJoint(state, step);
  if (broken !== undefined) return record([{ kind: 'approvalVoided', request: broken.approval.request, why: broken.why }]);
  const approval = coveringApproval(state, step, start);
  if (approval === undefined) return { kind: 'ask', step, starts: remaining(state, step), further: furtherParts(state, step) };
  if (approval.status.kind === 'given') {
    const stale = whyStale(state, approval, approval.status.at, now);
    if (stale === undefined) return { kind: 'start', step, start, approval };
    return record([{ kind: 'approvalVoided', request: approval.request, why: stale }]);
  }
  if (now < approval.expiresAt) {
    const remind = remindAt(approval);
    if (remind === undefined || now < remind) return { kind: 'wait', until: remind ?? approval.expiresAt };
    return record([{ kind: 'approvalReminded', request: approval.request }]);
  }
  const minutes = `within ${Math.round(state.procedure.approvalSeconds / 60)} min`;
  const red = whyNotReady(approval.checks);
  const why = red === undefined ? `nobody decided ${minutes}` : `nobody could approve it, and nobody put it right ${minutes}: ${red}`;
  return record([{ kind: 'approvalExpired', request: approval.request }, trouble(state, step, start, { kind: 'expired', why })]);
}

/** The newest request whose subject holds exactly this start, if it is open or given: a later no is never overruled by an earlier yes. */
export function coveringApproval(state: RunState, step: CommandStep, start: Start): Approval | undefined {
  const newest = Object.values(state.approvals).findLast((approval) =>
    approval.subject.items.some((item) => item.step === step.id && item.host === start.host && item.attempt === start.attempt),
  );
  return newest?.status.kind === 'open' || newest?.status.kind === 'given' ? newest : undefined;
}

/** A yes is for now: left lying for as long as a request may stay open (a pause, a worker that was down), it is asked for again. */
function whyStale(state: RunState, approval: Approval, givenAt: number, now: number): string | undefined {
  const hosts = stepsOf(approval).flatMap((id) => {
    const current = state.steps[id];
    return current?.kind === 'open' ? Object.values(current.hosts) : [];
  });
  const since = Math.max(givenAt, ...hosts.map((host) => (host.kind === 'passed' ? host.at : 0)));
  if (now - since <= state.procedure.approvalSeconds * 1000) return undefined;
  return `it was not used within ${Math.round(state.procedure.approvalSeconds / 60)} min, and much may have changed since`;
}

/** Every start of the step that is still to come: one approval covers them all. */
export function remaining(state: RunState, step: CommandStep): readonly Start[] {
  const current = stepState(state, step);
  if (current.kind !== 'open') return [];
  return current.order.flatMap((host) => {
    const at = current.hosts[host];
    return at?.kind === 'waiting' ? [{ host, attempt: at.attempt }] : [];
  });
}
