/**
 * A second opinion on a run, from its journal alone: was everything that is written there allowed to happen? Neither the engine's decisions
 * (`next`, `permit`, `decide`) nor its policy are asked, so that a mistake there is seen here. Pure.
 *
 * Every test's journals and `keyturn verify` are judged by it. The hash chain is the journal's own matter (journal/chain.ts).
 */
import type { Recorded } from './events.ts';
import { attemptFaults } from './invariants/attempts.ts';
import { endFaults } from './invariants/end.ts';
import { type Demands, historyOf, type Violation } from './invariants/history.ts';
import { holdFaults } from './invariants/holds.ts';
import { orderFaults } from './invariants/order.ts';
import { requestFaults } from './invariants/requests.ts';
import { settlementFaults } from './invariants/settlements.ts';
import { startFaults } from './invariants/starts.ts';
import { talkFaults } from './invariants/talks.ts';

export { type Demands, VIOLATION_KINDS, type Violation, type ViolationKind } from './invariants/history.ts';

/** Everything in a run's journal that must never happen, in its order; empty means that nothing was found. `recorded` is the whole journal. */
export function violationsIn(run: string, recorded: readonly Recorded[], demands: Demands = {}): readonly Violation[] {
  const history = historyOf(run, recorded, demands);
  // Without its first event there is nothing to judge the others by.
  if (history === undefined) {
    return [{ seq: recorded[0]?.seq ?? 1, kind: 'notBegun', sentence: 'The journal does not begin with a request for a run.' }];
  }
  const found = [orderFaults, requestFaults, startFaults, attemptFaults, settlementFaults, holdFaults, talkFaults, endFaults].flatMap(
    (rule) => rule(history),
  );
  return found.toSorted((a, b) => a.seq - b.seq);
}
