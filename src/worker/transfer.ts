/** What a file step needs before its attempt: the same facts as were intended, and for a copy the bytes beside their place. */
import { findHost } from '../inventory/hosts.ts';
import type { CommandStep } from '../procedure/model.ts';
import { assertNever } from '../run/assert-never.ts';
import type { Item } from '../run/events.ts';
import { coveringApproval } from '../run/permit.ts';
import { trouble } from '../run/trouble.ts';
import type { Start } from '../run/start.ts';
import { type Approval, type RunState, talkKey } from '../run/state.ts';
import { type Resolved, stepsIn, subjectDigest, subjectOf, withMine } from '../run/subject.ts';
import type { Copied } from '../ssh/files.ts';
import { FOLLOW_MS, type Work } from './following.ts';
import { AGAIN, type Hands, type Move } from './hands.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Session } from './session.ts';

const CUT_MS = 2_000;

/** Resolved once more; another file, another content or another place than what was intended is not touched. */
export async function intended(hands: Hands, state: RunState, step: CommandStep, due: Start): Promise<Resolved<Prepared>> {
  const prepared = await prepare(hands, state, step, due);
  if (prepared.kind === 'blocked' || isIntended(state, step, due, prepared.value.item)) return prepared;
  return {
    kind: 'blocked',
    why: 'a file is not what it was when this was intended, so nothing was done; try again to see it as it is now',
  };
}

/** Whether this is, byte for byte, what was intended. */
export function isIntended(state: RunState, step: CommandStep, due: Start, item: Item): boolean {
  const approval = approvalOf(state, step, due);
  const observed = approval?.subject.roles ?? Object.fromEntries(step.recheck.map((role) => [role, state.roles[role] ?? '']));
  const subject = subjectOf(stepsIn(state, approval?.subject, step), withMine(approval?.subject, item), observed);
  return subjectDigest(state.run, state, subject) === state.digests[talkKey({ step: step.id, ...due })];
}

/** That of the intent, also where what was left of it is void by now. */
function approvalOf(state: RunState, step: CommandStep, due: Start): Approval | undefined {
  const current = state.steps[step.id];
  const at = current?.kind === 'open' ? current.hosts[due.host] : undefined;
  const named = at?.kind === 'began' && at.approval !== undefined ? state.approvals[at.approval] : undefined;
  return named ?? coveringApproval(state, step, due);
}

/** Undefined once nothing more has to be brought; else what to do meanwhile. */
export async function transferred(
  hands: Hands,
  session: Session,
  { step, due, since }: Work,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<Move | undefined> {
  const { item, transfer } = prepared;
  if (transfer === undefined) return undefined;
  const place = { run: session.run, step: step.id, ...due };
  const key = stageKey(session.run, step, due);
  let shown = 0;
  const show = (bytes: number, total: number): void => {
    if (hands.now() - shown < 1_000) return;
    shown = hands.now();
    const seen = `${megabytes(bytes)} of ${megabytes(total)} MB copied`;
    void hands.live.set({ ...place, text: '', bytes, at: shown, seen }).catch(() => undefined);
  };
  const late = hands.now() - since > step.timeoutSeconds * 1000;
  if (late) hands.stager.abandon(key);
  const staged = await hands.stager.stage(key, { ...prepared, transfer }, { budgetMs: FOLLOW_MS, onProgress: show, signal });
  if (staged.kind === 'running') return AGAIN;
  hands.log.debug({ ...place, kind: staged.kind }, 'a copy has ended');
  // Nothing is in its place yet, so a broken line costs time and nothing else.
  if (staged.kind === 'cut' && !late) return { kind: 'later', ms: CUT_MS, key: `copy-${step.id}-${due.host}-${due.attempt}` };
  if (staged.kind === 'copied' && staged.sha256 === item.env.SHA256) {
    const { bytes, sha256 } = staged;
    const copied = { kind: 'copyStaged' as const, step: step.id, ...due, bytes, sha256, from: item.env.SOURCE ?? '' };
    return (await session.append([copied], hands.now())) ? undefined : AGAIN;
  }
  const host = findHost(session.state().cluster, due.host);
  await session.append(
    [trouble(session.state(), step, due, { kind: 'failed', why: whyNotCopied(staged, host?.name ?? due.host) })],
    hands.now(),
  );
  return AGAIN;
}

/** Names a transfer among all of this process. */
export function stageKey(run: string, step: CommandStep, due: Start): string {
  return `${run}/${talkKey({ step: step.id, ...due })}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0);
}

function whyNotCopied(staged: Copied, host: string): string {
  switch (staged.kind) {
    case 'copied':
      return `the file that arrived on ${host} is not the one that was intended; nothing was put in its place`;
    case 'cut':
      return `nothing was put in its place on ${host}: ${staged.why}`;
    case 'aborted':
      return `nothing was put in its place on ${host}: the copy took longer than the step may, and was stopped`;
    case 'failed':
      return `nothing was put in its place on ${host}: ${staged.why} Check: ${staged.check}`;
    case 'refused':
      return `the copy never began: ${staged.why.message} Check: ${staged.why.check}`;
    default:
      return assertNever(staged);
  }
}
