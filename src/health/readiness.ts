/**
 * Whether what this process needs answers now. Every check is a round trip with a time limit.
 *
 * Invariants
 * Y1 However many ask, a check is under way once at a time, also one that nobody waits for any longer, and its answer holds for `freshMs`: nobody can
 *    have us flood Redis or Slack, or pile up calls to a disk that hangs.
 * Y2 An answer that does not come in time is a no.
 */
import { type Report, reportOf, type Verdict } from './report.ts';

export type Check = {
  readonly name: string;
  /** Resolves with why not, in plain words; undefined where all is well. What it throws is why not as well. */
  readonly look: () => Promise<string | undefined>;
  /** How long a good answer holds, in milliseconds; a second unless told. A bad one holds for a second at most. */
  readonly freshMs?: number;
};

export type ReadinessOptions = {
  readonly explain: (error: unknown) => string;
  /** Milliseconds that a check may take; 2500 unless told. */
  readonly limitMs?: number;
  readonly now?: () => number;
};

export type Readiness = { readonly add: (check: Check) => void; readonly look: () => Promise<Report> };

const FRESH_MS = 1_000;

export function createReadiness({ explain, limitMs = 2_500, now = () => performance.now() }: ReadinessOptions): Readiness {
  const checks: (() => Promise<Verdict>)[] = [];

  /** Each question waits for the look that is under way, and for no longer than the limit. */
  function once(look: Check['look']): () => Promise<string | undefined> {
    let going: Promise<string | undefined> | undefined;
    return async () => {
      going ??= look()
        .catch(explain)
        .finally(() => {
          going = undefined;
        });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<string>((resolve) => {
        timer = setTimeout(resolve, limitMs, `no answer within ${limitMs / 1000} s`);
      });
      return Promise.race([going, late]).finally(() => clearTimeout(timer));
    };
  }

  return {
    add({ name, look, freshMs = FRESH_MS }) {
      const ask = once(look);
      let held: { readonly until: number; readonly verdict: Verdict } | undefined;
      checks.push(async () => {
        if (held !== undefined && now() < held.until) return held.verdict;
        const why = await ask();
        const verdict = { name, ok: why === undefined, detail: why ?? 'answers' };
        held = { until: now() + (verdict.ok ? freshMs : Math.min(freshMs, FRESH_MS)), verdict };
        return verdict;
      });
    },
    look: async () => reportOf(await Promise.all(checks.map((check) => check()))),
  };
}
