/** Hosts that only count: each attempt begins at most once there, as the supervisor's claim promises, and what begins is written down. */
import type { Attempts } from '../../src/ssh/attempt.ts';
import type { OutputDigest } from '../../src/record/output.ts';

export type Begun = {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly script: string;
  /** How often a worker asked for it to begin. */
  asked: number;
};

export type CountingHosts = {
  readonly attempts: Attempts;
  /** Everything that began in a run. */
  begunIn(run: string): readonly Begun[];
};

type Place = { readonly begun: Begun; over: 'no' | 'yes' | 'cancelled'; readonly whenOver: Promise<void>; end(): void };

const NOTHING: OutputDigest = { bytes: 0, lines: 0, sha256: '', head: '', tail: '', dropped: 0 };
const FENCED = { code: 'UNREACHABLE', message: 'it may not begin any more', check: 'nothing' } as const;

/** `lasts`: how long a command takes, in milliseconds. */
export function createCountingHosts(lasts: () => number): CountingHosts {
  const places = new Map<string, Place>();
  const fenced = new Set<string>();
  const never = async (): Promise<never> => {
    throw new Error('not needed here');
  };

  function begin(key: string, begun: Begun): Place {
    let end = (): void => undefined;
    const whenOver = new Promise<void>((resolve) => {
      end = resolve;
    });
    const place: Place = { begun, over: 'no', whenOver, end };
    places.set(key, place);
    setTimeout(() => {
      if (place.over === 'no') place.over = 'yes';
      end();
    }, lasts());
    return place;
  }

  const attempts: Attempts = {
    async carryOut(_target, spec, watch) {
      const key = JSON.stringify(spec.id);
      if (!places.has(key)) await watch.onAnchor?.(`store of ${spec.id.host}`);
      if (watch.signal?.aborted === true) return { kind: 'running', why: 'aborted', bytes: 0 };
      if (spec.onlyFollow === true && !places.has(key)) fenced.add(key);
      if (fenced.has(key)) return { kind: 'ended', outcome: { kind: 'refused', why: FENCED }, output: null };
      const place = places.get(key) ?? begin(key, { ...spec.id, script: spec.script, asked: 0 });
      place.begun.asked += 1;
      const left = new Promise<'aborted'>((resolve) => watch.signal?.addEventListener('abort', () => resolve('aborted'), { once: true }));
      if ((await Promise.race([place.whenOver, left])) === 'aborted') return { kind: 'running', why: 'aborted', bytes: 0 };
      if (place.over === 'cancelled')
        return { kind: 'ended', outcome: { kind: 'cancelled', remaining: [], detached: [] }, output: NOTHING };
      return { kind: 'ended', outcome: { kind: 'finished', status: 0 }, output: NOTHING };
    },
    async cancel(_target, id) {
      const key = JSON.stringify(id);
      const place = places.get(key);
      if (place === undefined) {
        fenced.add(key);
        return { kind: 'fenced' };
      }
      if (place.over !== 'no') return { kind: 'over' };
      place.over = 'cancelled';
      place.end();
      return { kind: 'ended', remaining: [], detached: [] };
    },
    async look(_target, id) {
      const place = places.get(JSON.stringify(id));
      return { kind: place === undefined ? 'none' : place.over === 'no' ? 'running' : 'done' };
    },
    give: never,
    hold: never,
    release: never,
    forget: async () => ({ kind: 'forgotten' }),
    close: async () => undefined,
  };
  return { attempts, begunIn: (run) => [...places.values()].map(({ begun }) => begun).filter((begun) => begun.run === run) };
}
