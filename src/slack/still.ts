/** A desk whose files stand still: each list is read at most once, so one command sees one state of the disk, and reads it once. */
import type { Desk } from './ports.ts';

export function still(desk: Desk): Desk {
  const procedures = once(() => desk.procedures());
  const clusters = once(() => desk.clusters());
  const findings = once(() => desk.findings());
  return {
    procedures,
    clusters,
    findings,
    start: (request) => desk.start(request),
    plan: (request) => desk.plan(request),
    act: (run, intent, standing) => desk.act(run, intent, standing),
    note: (run, remark) => desk.note(run, remark),
    reviews: () => desk.reviews(),
    review: (run, note, standing) => desk.review(run, note, standing),
    refused: (standing, action, why) => desk.refused(standing, action, why),
    open: () => desk.open(),
    endedSince: (at) => desk.endedSince(at),
    damaged: () => desk.damaged(),
    state: (run) => desk.state(run),
    journal: (run) => desk.journal(run),
  };
}

function once<T>(read: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: read() };
    return kept.value;
  };
}
