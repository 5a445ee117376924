/** How long a wait may take. Pure. */
import { findHost } from '../inventory/hosts.ts';
import { evaluate } from '../procedure/expression.ts';
import { quoted } from '../procedure/finding.ts';
import type { Until } from '../procedure/model.ts';
import { contextFor, type Setting, surroundings } from './context.ts';
import type { Resolved } from './subject.ts';

/** A week: nobody waits longer for something to hold. */
const MOST_SECONDS = 604_800;

/** Seconds; blocked where the expression gives no sensible number. */
export function limitOf(setting: Setting, { withinSeconds }: Pick<Until, 'withinSeconds'>, hostName: string): Resolved<number> {
  if (typeof withinSeconds === 'number') return { kind: 'resolved', value: withinSeconds };
  const found = evaluate(withinSeconds, contextFor(setting, findHost(setting.cluster, hostName)), surroundings(setting));
  if (found.kind === 'failed') return { kind: 'blocked', why: `how long to wait cannot be found: ${found.why}` };
  const { value } = found;
  if (typeof value === 'number' && value > 0 && value <= MOST_SECONDS) return { kind: 'resolved', value };
  return {
    kind: 'blocked',
    why: `how long to wait must be a number of seconds above 0 and at most ${MOST_SECONDS}; ${withinSeconds} gives ${quoted(value)}`,
  };
}
