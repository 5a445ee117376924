/**
 * A run in memory for properties: the real fold, intents, decisions and worker acts, over a journal that is a list and hosts that are dice.
 * Whatever a worker asks of a host may take as long as people need to do something else in between.
 */
import { pino } from 'pino';
import type { Journal } from '../../src/journal/journal.ts';
import type { Stored } from '../../src/journal/stored.ts';
import type { OutputDigest } from '../../src/record/output.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Actor, RunEvent } from '../../src/run/events.ts';
import type { Decided } from '../../src/run/decided.ts';
import { evolve, fold } from '../../src/run/evolve.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import type { Decision } from '../../src/run/decision.ts';
import { next } from '../../src/run/next.ts';
import type { RunState } from '../../src/run/state.ts';
import { type Approvers, createApprovers } from '../../src/worker/approvers.ts';
import { ask } from '../../src/worker/ask.ts';
import { NO_EMERGENCIES } from '../../src/worker/emergencies.ts';
import { NO_LISTING } from '../../src/worker/listing.ts';
import { endAttempt } from '../../src/worker/end-attempt.ts';
import type { Hands } from '../../src/worker/hands.ts';
import { judgeAgain } from '../../src/worker/judge-again.ts';
import { precheck } from '../../src/worker/precheck.ts';
import { openSession, type Session } from '../../src/worker/session.ts';
import { follow, start } from '../../src/worker/start.ts';
import { createTalks } from '../../src/worker/talk.ts';
import { watch } from '../../src/worker/watch.ts';

export const RUN = 'run2';

/** What a host answers next. */
export type HostLuck = {
  readonly probe: 'node-1' | 'node-2' | 'silent';
  readonly command: 'good' | 'bad' | 'lost' | 'timedOut' | 'refused' | 'unreachable';
  readonly cancel: 'fenced' | 'over' | 'lost' | 'refused';
};

export type Luck = HostLuck & {
  /** Hosts that have another. */
  readonly hosts?: Readonly<Record<string, HostLuck>>;
  /** What Slack says just before a start of those who approved; as it was at their click unless told. */
  readonly slack?: 'same' | 'gone' | 'outOfGroups' | 'silent';
};

/** Somebody's wish, with what was known of them at that moment. */
export type Wish = { readonly intent: Intent; readonly standing: Standing };

export interface Play {
  readonly events: () => readonly Stored<RunEvent>[];
  /** For each time that a host was asked to carry out an attempt: whether it may begin it. */
  readonly mayBegin: readonly boolean[];
  /** The standings with which each request was approved or its glass broken, the last of them last. */
  readonly approvers: ReadonlyMap<string, readonly Standing[]>;
  state(): RunState;
  wish(wish: Wish): Decided;
  /** One act of the worker; `between` happens while it talks to a host. */
  work(luck: Luck, between: readonly (() => Wish)[]): Promise<Decision>;
  wait(ms: number): void;
  now(): number;
}

const KEYTURN: Actor = { kind: 'keyturn' };

export function play(first: RunEvent, ...more: readonly RunEvent[]): Play {
  const begins: Actor = first.kind === 'runRequested' ? { kind: 'person', person: first.requester } : KEYTURN;
  const stored: Stored<RunEvent>[] = [first, ...more].map((event, index) => entry(index + 1, event, 1_000, index === 0 ? begins : KEYTURN));
  const mayBegin: boolean[] = [];
  const approvers = new Map<string, readonly Standing[]>();
  const known = new Map<string, Standing>();
  let slack: Luck['slack'];
  let now = 2_000;
  let ids = 0;
  let state = fold(RUN, stored);

  function write(events: readonly RunEvent[], at: number, actor: Actor): readonly Stored<RunEvent>[] {
    const more = events.map((event, index) => entry(stored.length + 1 + index, event, at, actor));
    stored.push(...more);
    state = more.reduce(evolve, state);
    return more;
  }

  function wish({ intent, standing }: Wish): Decided {
    const decided = decide(state, intent, standing, now);
    known.set(standing.person.user, standing);
    if (decided.kind === 'moot') return decided;
    for (const event of decided.events) {
      const allows = event.kind === 'approvalBacked' || event.kind === 'approvalGiven' || event.kind === 'glassBroken';
      if (allows) approvers.set(event.request, [...(approvers.get(event.request) ?? []), standing]);
    }
    write(decided.events, now, { kind: 'person', person: standing.person });
    return decided;
  }

  const journal: Journal<RunEvent> = {
    ...noJournal,
    read: async (_run, options) => stored.slice((options?.from ?? 1) - 1),
    append: async (_run, head, events, { at, actor }) => {
      const last = stored.at(-1);
      if (last === undefined || last.seq !== head.seq) return { kind: 'behind', head: { seq: last?.seq ?? 0, hash: last?.hash ?? '' } };
      const more = write(events, at, actor);
      const end = more.at(-1) ?? last;
      return { kind: 'appended', head: { seq: end.seq, hash: end.hash }, stored: more };
    },
  };

  /** Of whom Slack would say now what it said last, but for the luck. */
  const stillGood = createApprovers(
    async (who) => {
      const last = known.get(who.user) ?? { person: { ...who, name: who.user }, kind: { kind: 'member' }, memberOf: [] };
      switch (slack) {
        case 'gone':
          return { ...last, kind: { kind: 'barred', why: 'your Slack account is deactivated.' } };
        case 'silent':
          return { ...last, kind: { kind: 'unverified', why: 'timeout' } };
        case 'outOfGroups':
          return { ...last, memberOf: [] };
        case 'same':
        case undefined:
          return last;
      }
    },
    () => now,
  );

  async function work(luck: Luck, between: readonly (() => Wish)[]): Promise<Decision> {
    const queue = [...between];
    const meanwhile = (): void => {
      for (const make of queue.splice(0)) wish(make());
    };
    const id = (): string => {
      ids += 1;
      return `q${ids}`;
    };
    slack = luck.slack;
    const hands = handsWith({ journal, luck, meanwhile, now: () => now, id, asked: (may) => mayBegin.push(may), stillGood });
    const session = await openSession(journal, RUN);
    const decision = next(session.state(), now);
    await act(hands, session, decision);
    meanwhile();
    return decision;
  }

  return {
    events: () => stored,
    approvers,
    mayBegin,
    state: () => state,
    wish,
    work,
    now: () => now,
    wait(ms) {
      now += ms;
    },
  };
}

/** Hashes are the journal's own matter (test/journal). */
function entry(seq: number, event: RunEvent, at: number, actor: Actor): Stored<RunEvent> {
  return { seq, id: `e${seq}`, at, actor, prev: `h${seq - 1}`, hash: `h${seq}`, event };
}

async function act(hands: Hands, session: Session, decision: Decision): Promise<unknown> {
  const { signal } = new AbortController();
  switch (decision.kind) {
    case 'record':
      return session.append(decision.events, hands.now());
    case 'ask':
      return ask(hands, session, decision);
    case 'start':
      return start(hands, session, decision, signal);
    case 'follow':
      return follow(hands, session, decision, signal);
    case 'watch':
      return watch(hands, session, decision);
    case 'endAttempt':
      return endAttempt(hands, session, decision, signal);
    case 'precheck':
      return precheck(hands, session, decision);
    case 'judge':
      return judgeAgain(hands, session, decision);
    case 'together':
      return Promise.all(decision.decisions.map((each) => act(hands, session, each)));
    case 'wait':
    case 'over':
      return undefined;
  }
}

const never = async (): Promise<never> => {
  throw new Error('not needed here');
};
const noJournal: Journal<RunEvent> = {
  create: never,
  append: never,
  read: never,
  readRaw: never,
  inspect: never,
  head: never,
  openRuns: never,
  finishedRuns: never,
  listOf: never,
  holder: never,
  lookup: never,
  storeId: never,
};

const problem = { code: 'UNREACHABLE', message: 'nobody there', check: 'the network' } as const;
const nothing: OutputDigest = { bytes: 0, lines: 0, sha256: '', head: '', tail: '', dropped: 0 };

type World = {
  readonly journal: Journal<RunEvent>;
  readonly luck: Luck;
  readonly meanwhile: () => void;
  readonly now: () => number;
  readonly id: () => string;
  readonly asked: (mayBegin: boolean) => void;
  readonly stillGood: Approvers;
};

function handsWith({ journal, luck: all, meanwhile, now, id, asked, stillGood }: World): Hands {
  const luckOf = (host: string): HostLuck => all.hosts?.[host] ?? all;
  return {
    journal,
    now,
    after: () => () => undefined,
    id,
    log: pino({ level: 'silent' }),
    live: { set: async () => undefined },
    files: { describe: never, read: never },
    stager: { stage: never, going: () => undefined, abandon: () => undefined, close: async () => undefined },
    talks: createTalks(),
    secrets: () => ({ kind: 'missing', why: 'there are none here' }),
    ownFile: async () => ({ kind: 'refused', why: 'there are none here' }),
    forget: () => undefined,
    approvers: (state, approval) => {
      meanwhile();
      return stillGood(state, approval);
    },
    emergencies: NO_EMERGENCIES,
    listing: NO_LISTING,
    lastTime: async () => undefined,
    lastSteps: async () => new Map(),
    login: { key: undefined, passphrase: undefined, agent: undefined },
    outputText: async () => '',
    probe: async ({ host }) => {
      meanwhile();
      const luck = luckOf(host);
      if (luck.probe === 'silent') return { kind: 'lost', why: 'the connection broke' };
      return { kind: 'answered', status: 0, stdout: luck.probe, stderr: '', truncated: false };
    },
    attempts: {
      carryOut: async ({ host }, spec, watching) => {
        asked(spec.onlyFollow !== true);
        await watching.onAnchor?.('anchor-1');
        meanwhile();
        return answerOf(luckOf(host));
      },
      cancel: async ({ host }) => {
        meanwhile();
        return cancelOf(luckOf(host));
      },
      give: never,
      hold: never,
      release: never,
      look: async ({ host }) => (luckOf(host).command === 'unreachable' ? { kind: 'refused', why: problem } : { kind: 'running' }),
      forget: never,
      close: async () => undefined,
    },
  };
}

type Answer = Awaited<ReturnType<Hands['attempts']['carryOut']>>;

function answerOf({ command }: HostLuck): Answer {
  switch (command) {
    case 'good':
    case 'bad':
      return { kind: 'ended', outcome: { kind: 'finished', status: command === 'good' ? 0 : 1 }, output: nothing };
    case 'lost':
      return { kind: 'ended', outcome: { kind: 'lost', why: 'the store is gone' }, output: null };
    case 'timedOut':
      return { kind: 'ended', outcome: { kind: 'timedOut', remaining: [], detached: [] }, output: null };
    case 'refused':
      return { kind: 'ended', outcome: { kind: 'refused', why: problem }, output: null };
    case 'unreachable':
      return { kind: 'running', why: 'unreachable', bytes: 0 };
  }
}

function cancelOf({ cancel }: HostLuck): Awaited<ReturnType<Hands['attempts']['cancel']>> {
  switch (cancel) {
    case 'fenced':
    case 'over':
      return { kind: cancel };
    case 'lost':
      return { kind: 'lost', why: 'the store is gone', remaining: [] };
    case 'refused':
      return { kind: 'refused', why: problem };
  }
}
