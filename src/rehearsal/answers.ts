/** Which answer of the test file a host gives. The first entry that fits is taken; of one with several turns, the next. */
import type { Answer, Turn } from './model.ts';
import { requestIn, type SentText } from './script-text.ts';

/** What a host is asked to do. */
export type Errand = {
  readonly host: string;
  readonly step: string | undefined;
  readonly work:
    | ({ readonly kind: 'script' } & SentText)
    /** `path`: where the copy goes, or what is edited. */
    | { readonly kind: 'copy' | 'edit'; readonly path: string };
  /** The script of the command that was carried out there last. */
  readonly last: string | undefined;
};

export interface Answers {
  /** Takes the turn of the first entry that fits and whose turn is `wanted`; undefined where there is none. */
  take(errand: Errand, wanted?: (turn: Turn) => boolean): Turn | undefined;
  /** Entries that were needed at least once. */
  needed(): ReadonlySet<Answer>;
  /** Entries of the case itself with turns that nobody needed: how many of them were. */
  unneeded(): readonly { readonly answer: Answer; readonly turns: number }[];
}

/** Where an entry is in its turns. `since`: when the present one was first taken. */
type Turning = { index: number; since: number | undefined };

export function createAnswers(all: readonly Answer[], now: () => number): Answers {
  const turning = new Map<Answer, Turning>();

  /** The present turn; one that has been taken, or has lasted as long as it should, is over unless it is the last. */
  function present(answer: Answer): Turning {
    const at = turning.get(answer) ?? { index: 0, since: undefined };
    const turn = answer.turns[at.index];
    const isOver = at.since !== undefined && (turn?.forMs === undefined || now() - at.since >= turn.forMs);
    return isOver && at.index < answer.turns.length - 1 ? { index: at.index + 1, since: undefined } : at;
  }

  return {
    take(errand, wanted = () => true) {
      for (const answer of all) {
        if (!fits(answer, errand)) continue;
        const { index, since = now() } = present(answer);
        const turn = answer.turns[index];
        if (turn === undefined || !wanted(turn)) continue;
        turning.set(answer, { index, since });
        return turn;
      }
      return undefined;
    },
    needed: () => new Set(turning.keys()),
    unneeded: () =>
      all.flatMap((answer) => {
        const at = turning.get(answer);
        const turns = at === undefined ? 0 : at.index + 1;
        return answer.own && turns < answer.turns.length ? [{ answer, turns }] : [];
      }),
  };
}

function fits({ on, steps, what, values, after }: Answer, errand: Errand): boolean {
  if (on !== undefined && !on.includes(errand.host)) return false;
  if (steps !== undefined && (errand.step === undefined || !steps.includes(errand.step))) return false;
  if (after !== undefined && errand.last?.includes(after) !== true) return false;
  const given = errand.work.kind === 'script' ? errand.work.values : {};
  if (!Object.entries(values).every(([name, value]) => given[name] === value)) return false;
  return isMeant(what, errand.work);
}

function isMeant(what: Answer['what'], work: Errand['work']): boolean {
  switch (what.kind) {
    case 'anything':
      return true;
    case 'run':
      return work.kind === 'script' && work.script.includes(what.part);
    case 'http': {
      const request = work.kind === 'script' ? requestIn(work) : undefined;
      return request?.url.includes(what.part) === true && (what.method === undefined || request.method === what.method);
    }
    case 'copy':
    case 'edit':
      return work.kind === what.kind && work.path.includes(what.part);
  }
}
