/**
 * Whether what this process needs answers now. Every check is a round trip with a time limit.
 *
 * Invariants
 * Y1 However many ask, a check is under way once at a time, and its answer holds for `freshMs`: nobody can have us flood Redis or Slack.
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

  async function askNow({ name, look }: Check): Promise<Verdict> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, limitMs, `no answer within ${limitMs / 1000} s`);
    });
    const why = await Promise.race([look(), late]).catch((error: unknown) => explain(error));
    clearTimeout(timer);
    return { name, ok: why === undefined, detail: why ?? 'answers' };
  }

  return {
    add(check) {
      let held: { readonly until: number; readonly verdict: Verdict } | undefined;
      let going: Promise<Verdict> | undefined;
      checks.push(() => {
        if (held !== undefined && now() < held.until) return Promise.resolve(held.verdict);
        going ??= askNow(check).then((verdict) => {
          held = { until: now() + (verdict.ok ? (check.freshMs ?? FRESH_MS) : Math.min(check.freshMs ?? FRESH_MS, FRESH_MS)), verdict };
          going = undefined;
          return verdict;
        });
        return going;
      });
    },
    look: async () => reportOf(await Promise.all(checks.map((check) => check()))),
  };
}
