/** A thread on a clock of its own: hours pass in an instant. Slack and the store are maps here; what is looked at is when which call is made. */
import pino from 'pino';
import type { Recorded } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { nothingAttached } from '../../../src/slack/outbox/attaching.ts';
import { createBudget, LIMITS } from '../../../src/slack/outbox/budget.ts';
import type { Courier } from '../../../src/slack/outbox/courier.ts';
import type { SlackWeb, ThreadStore } from '../../../src/slack/outbox/ports.ts';
import { type Memory, type Pass, reconcile } from '../../../src/slack/outbox/reconcile.ts';
import type { Live } from '../../../src/slack/ports.ts';

export type Call = { readonly at: number; readonly method: 'post' | 'update'; readonly ts: string; readonly text: string };

export type Clock = {
  readonly calls: readonly Call[];
  readonly now: () => number;
  /** Lets time go by; the thread is looked at whenever it asked to be, and whenever what is printed may be shown. */
  pass(ms: number, recorded: readonly Recorded[], printing?: (now: number) => Live): Promise<void>;
  /** Another process goes on: nothing is remembered but what is stored. */
  restart(): void;
};

/** Live tails that come within this make one pass (`threads.ts`). */
const LIVE_MS = 500;

export function startClock(run: string, begin: number, kept?: Live): Clock {
  const calls: Call[] = [];
  const fields = new Map<string, string>();
  let now = begin;
  let memory = nothing();

  function call(method: Call['method'], ts: string, text: string): void {
    calls.push({ at: now, method, ts, text });
  }

  const web: SlackWeb = {
    async post({ text }) {
      const ts = `${calls.length + 1}.0`;
      call('post', ts, text);
      return { kind: 'done', value: { ts } };
    },
    async update({ ts, text }) {
      call('update', ts, text);
      return { kind: 'done', value: undefined };
    },
    look: async () => ({ kind: 'done', value: { ts: undefined } }),
    upload: async () => ({ kind: 'refused', code: 'file_uploads_disabled' }),
    share: async () => ({ kind: 'refused', code: 'file_uploads_disabled' }),
    permalink: async () => ({ kind: 'refused', code: 'not_asked_here' }),
  };
  const notes: ThreadStore = {
    thread: () => ({
      get: async (field) => fields.get(field),
      all: async () => fields,
      set: async (field, value) => void fields.set(field, value),
      remove: async (field) => void fields.delete(field),
    }),
  };
  const log = pino({ level: 'silent' });
  const courier: Courier = {
    web,
    budget: createBudget(),
    limits: LIMITS,
    fileContent: async () => 'no file here',
    log,
    now: () => now,
    mayAct: () => true,
    told: new Set(),
    stop: new AbortController().signal,
  };

  function look(recorded: readonly Recorded[], live: readonly Live[]): Promise<Pass> {
    const journal = { readRun: async () => ({ state: fold(run, recorded), recorded }), lastLive: async () => kept };
    return reconcile({ run, courier, journal, notes, live, memory, wake: () => undefined, onRewind: () => undefined });
  }

  return {
    calls,
    now: () => now,
    async pass(ms, recorded, printing) {
      const end = now + ms;
      while (now < end) {
        const { again, liveIn } = await look(recorded, printing === undefined ? [] : [printing(now)]);
        const printed = printing === undefined ? Number.POSITIVE_INFINITY : Math.max(LIVE_MS, liveIn);
        now = Math.min(end, now + Math.max(1, Math.min(again ?? Number.POSITIVE_INFINITY, printed)));
      }
    },
    restart() {
      memory = nothing();
    },
  };
}

function nothing(): Memory {
  return { updatedAt: new Map(), seenAt: new Map(), kept: new Map(), plans: new Map(), linked: new Set(), files: nothingAttached() };
}
