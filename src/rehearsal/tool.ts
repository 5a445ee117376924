/** One command on a rehearsed host: prints, asks, takes its time, is ended when its time is up. As the supervisor does it, seen from outside. */
import { createMasker } from '../record/mask.ts';
import { createMeasure } from '../record/measure.ts';
import type { OutputDigest } from '../record/output.ts';
import type { AttemptSpec, Ended } from '../ssh/attempt.ts';
import { finished, type Outcome } from '../ssh/outcome.ts';
import type { Clock } from './clock.ts';
import { Broken } from './failure.ts';
import type { Done } from './files.ts';
import type { Turn } from './model.ts';

export interface Tool {
  /** Tells everything printed so far, as one piece from place 0, and then each new piece; returns how to stop listening. */
  listen(hear: (chunk: Buffer, position: number) => void): () => void;
  readonly ended: Promise<Ended>;
  isOver(): boolean;
  /** A line for its input; each number counts once. */
  give(number: number, text: string): void;
  hold(): void;
  release(): void;
  cancel(): void;
}

type Going = {
  readonly turn: Turn;
  readonly spec: Pick<AttemptSpec, 'id' | 'secrets' | 'timeoutSeconds' | 'interactive'>;
  readonly anchor: string;
  readonly clock: Clock;
  /** What the host does where the turn has the command end well; its own words, where the turn has none. */
  readonly finish: () => Done;
  /** Keeps what was printed, for whoever reads it later. */
  readonly keep: (digest: OutputDigest, text: string) => void;
};

/** Begins at once. Whatever the test got wrong rejects `ended`. */
export function startTool({ turn, spec, anchor, clock, finish, keep }: Going): Tool {
  const startedAt = clock.now();
  const listeners = new Set<(chunk: Buffer, position: number) => void>();
  const lines = new Map<number, string>();
  const limit = createLimit(clock, spec.timeoutSeconds * 1000, () => end({ kind: 'timedOut', remaining: [], detached: [] }));
  let output = Buffer.alloc(0);
  let isOver = false;
  let wake = (): void => undefined;
  let settle: { resolve(ended: Ended): void; reject(error: unknown): void };
  const ended = new Promise<Ended>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Nobody may be waiting when it happens; the next call hears of it.
  ended.catch(() => undefined);

  function print(text: string): void {
    const masker = createMasker(spec.secrets);
    const chunk = Buffer.concat([masker.push(Buffer.from(text)), masker.end()]);
    if (chunk.length === 0) return;
    const position = output.length;
    output = Buffer.concat([output, chunk]);
    for (const hear of listeners) hear(chunk, position);
  }

  function end(outcome: Outcome): void {
    if (isOver) return;
    isOver = true;
    limit.stop();
    const measure = createMeasure();
    measure.add(output);
    const digest: OutputDigest = { ...measure.digest(), dropped: 0 };
    keep(digest, output.toString());
    settle.resolve({ kind: 'ended', outcome, output: digest, anchor, startedAt, endedAt: clock.now() });
  }

  async function line(number: number): Promise<string> {
    for (;;) {
      const given = lines.get(number);
      if (given !== undefined) return given;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function live(): Promise<void> {
    if (turn.asks.length > 0 && spec.interactive !== true) throw new Broken(deaf(spec));
    for (const [index, { prints, told }] of turn.asks.entries()) {
      print(prints);
      const given = await line(index + 1);
      if (isOver) return;
      if (told !== undefined && given !== told) throw new Broken(mistold(spec, prints, told, given));
    }
    if (turn.takesMs > 0) await new Promise<void>((resolve) => clock.after(turn.takesMs, resolve));
    if (isOver) return;
    const own = turn.status === 0 && turn.lost === undefined ? finish() : { status: turn.status, prints: '' };
    print(turn.prints === '' ? own.prints : turn.prints);
    print(turn.errors);
    end(turn.lost === undefined ? finished(own.status) : { kind: 'lost', why: turn.lost });
  }

  void live().catch((error: unknown) => {
    isOver = true;
    limit.stop();
    settle.reject(error);
  });
  return {
    listen(hear) {
      if (output.length > 0) hear(output, 0);
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    ended,
    isOver: () => isOver,
    give(number, text) {
      if (lines.has(number)) return;
      lines.set(number, text);
      wake();
    },
    hold: limit.hold,
    release: limit.release,
    cancel: () => end({ kind: 'cancelled', remaining: [], detached: [] }),
  };
}

/** The time limit, whose clock can be held. */
function createLimit(clock: Clock, ms: number, over: () => void) {
  let left = ms;
  let isOver = false;
  let since = clock.now();
  let callOff: (() => void) | undefined = clock.after(left, over);
  return {
    hold() {
      if (callOff === undefined) return;
      callOff();
      callOff = undefined;
      left -= clock.now() - since;
    },
    release() {
      if (callOff !== undefined || isOver) return;
      since = clock.now();
      callOff = clock.after(left, over);
    },
    stop() {
      callOff?.();
      callOff = undefined;
      isOver = true;
    },
  };
}

function deaf({ id }: Going['spec']): Broken['failure'] {
  return {
    expected: `the tool of ${id.step} on ${id.host} can be answered`,
    happened: 'it asks, and its input is closed: the step has no `answers`',
    check: '`answers` of the step; an empty list is enough where people are to answer',
  };
}

function mistold({ id }: Going['spec'], prints: string, told: string, given: string): Broken['failure'] {
  return {
    expected: `${id.step} on ${id.host}, asked “${prints.trim()}”, is told “${told}”`,
    happened: `it is told “${given}”`,
    check: '`answers` of the step, and `told` in the test',
  };
}
