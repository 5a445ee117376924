/** One run as an object for programs. Pure; described in docs/history.md. */
import { retold } from '../history/retold.ts';
import { fillFor } from '../run/context.ts';
import { deviationsOf } from '../run/deviations.ts';
import { type Approval, stepsOf } from '../run/state.ts';
import type { Shown } from '../slack/views/index.ts';
import { statusWords, waitLines } from '../slack/views/standing.ts';
import { plainWords } from './plain-words.ts';

export function shownJson({ state, recorded, afters, permalink }: Omit<Shown, 'now'>): object {
  const { ended, procedure, cluster } = state;
  const told = retold(state, recorded, afters ?? []);
  return {
    run: state.run,
    seq: state.seq,
    procedure: procedure.name,
    title: procedure.title,
    product: procedure.product,
    cluster: cluster.name,
    requester: state.requester,
    params: state.params,
    channel: state.channel.id,
    permalink: permalink ?? null,
    outcome: ended?.outcome ?? 'open',
    why: ended?.why ?? null,
    started: iso(state.startedAt),
    ended: isoOrNull(ended?.at),
    durationMs: ended === undefined ? null : ended.at - state.startedAt,
    status: plainWords(statusWords(state)),
    waits: ended === undefined ? waitLines(state).map(plainWords) : [],
    deviations: deviationsOf(state, recorded).map(({ kind, at, where, said, by, why }) => ({
      ...{ kind, at: iso(at), said, by: by ?? null, why: why ?? null },
      window: where.kind === 'window' ? where.window : null,
      step: where.kind === 'step' || where.kind === 'wholeStep' ? where.step : null,
      host: where.kind === 'step' ? (where.host ?? null) : null,
    })),
    troubles: told.troubles.map(({ raised: { trouble, step, host, attempt, what }, at, settled }) => ({
      ...{ trouble, step, host: host ?? null, attempt: attempt ?? null, at: iso(at), kind: what.kind, why: what.why },
      settled:
        settled === undefined
          ? null
          : { choice: settled.event.choice, by: settled.event.by, at: iso(settled.at), reason: settled.event.reason },
    })),
    approvals: Object.values(state.approvals).map(approvalJson),
    steps: told.steps.map(({ step, stands, attempts }) => ({
      step,
      title: fillFor(state, procedure.steps.find(({ id }) => id === step)?.title ?? ''),
      ...standsJson(stands),
      attempts: attempts.map(({ host, attempt, outcome, warnings, began, tookMs }) => ({
        ...{ host, attempt, outcome, warnings, began: isoOrNull(began), tookMs: tookMs ?? null },
      })),
    })),
    stepsNotReached: told.unreached,
    notes: told.notes.map(({ by, at, text, length, edits, files, late }) => ({
      ...{ by, at: iso(at), text: text ?? null, length: length ?? text?.length ?? null, edits, files, afterEnd: late },
    })),
    reviews: told.reviews.map(({ by, at, note }) => ({ by, at: iso(at), note })),
    roles: state.roles,
  };
}

function approvalJson(approval: Approval): object {
  const { request, needs, digest, askedAt, expiresAt, backers, status } = approval;
  const how = status.kind === 'given' && status.glass !== undefined ? 'glassBroken' : status.kind;
  return {
    ...{ request, steps: stepsOf(approval), needs, digest, asked: iso(askedAt), expires: iso(expiresAt), status: how },
    at: status.kind === 'open' ? null : iso(status.at),
    by: 'by' in status ? status.by : null,
    reason: 'reason' in status ? status.reason : 'why' in status ? status.why : 'glass' in status ? status.glass : null,
    backers: backers.map(({ by, at, stands }) => ({ by, at: iso(at), factor: stands?.factor ?? null })),
  };
}

function standsJson(stands: ReturnType<typeof retold>['steps'][number]['stands']): object {
  const by = stands.kind === 'answered' ? stands.by : null;
  return {
    stands: stands.kind,
    why: stands.kind === 'skipped' ? stands.why : null,
    by,
    at: stands.kind === 'answered' ? iso(stands.at) : null,
  };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : iso(ms);
}
