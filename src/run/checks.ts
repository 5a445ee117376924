/** What must be so for a step to be allowed at all (`requires`): how it reads in a subject, and what is not so. Pure. */
import { resolve } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep, Requirement, Selector } from '../procedure/model.ts';
import type { Setting } from './context.ts';
import type { Check } from './events.ts';
import type { Approval } from './state.ts';

/** For the subject: what is looked at, where, how, and what must come of it. */
export function requirementsOf(step: CommandStep): readonly string[] {
  return (step.requires ?? []).map(
    ({ says, on, run, expect }) => `${says}${on === undefined ? '' : ` (on ${selectorWords(on)})`}: ${run} → ${expect}`,
  );
}

/** As a procedure writes it. */
export function selectorWords({ kind, role }: Selector): string {
  return kind === 'one' ? role : `${kind} ${role}`;
}

/** Where it is looked at; `own`: the hosts on which the step is due. */
export type Looking =
  /** On each of them, or on the first that answers. */
  | { readonly kind: 'hosts'; readonly hosts: readonly Host[]; readonly each: boolean }
  /** Nobody is in the role. For `each` that is fine, as it is for a step. */
  | { readonly kind: 'nobody'; readonly ok: boolean; readonly why: string };

export function whereLooked(setting: Setting, requirement: Requirement, own: readonly Host[]): Looking {
  const { on } = requirement;
  if (on === undefined) return { kind: 'hosts', hosts: own, each: true };
  const found = resolve(on, setting.cluster, setting.roles);
  if (found.kind === 'hosts') return { kind: 'hosts', hosts: found.hosts, each: on.kind !== 'any' };
  return { kind: 'nobody', ok: found.kind === 'none' && on.kind === 'each', why: found.why };
}

/** Those that are not so, in words; undefined where there are none, or where nothing was to be checked. */
export function whyNotReady(checks: readonly Check[]): string | undefined {
  const bad = checks.filter(({ ok }) => !ok);
  return bad.length === 0 ? undefined : bad.map(({ what, host, seen }) => `${what}: not so on ${host} (${seen})`).join('; ');
}

/** Why nobody can approve the request as it stands, whoever it is and however; undefined where its checks are all as they must be. */
export function whyNotApprovable({ checks }: Pick<Approval, 'checks'>): string | undefined {
  const why = whyNotReady(checks);
  return why === undefined ? undefined : `What must be so beforehand is not: ${why}. Put it right, then press Check Again.`;
}
