/** What a tool is told while other things happen to its run. The host is a list of what it was given. */
import { pino } from 'pino';
import type { RunEvent } from '../../src/run/events.ts';
import { evolve } from '../../src/run/evolve.ts';
import type { Hands } from '../../src/worker/hands.ts';
import type { Session } from '../../src/worker/session.ts';
import { createTalks } from '../../src/worker/talk.ts';
import { command, sam, state } from '../run/samples.ts';

const step = command('A', { answers: [{ prompt: 'Sure\\?', answer: '"y"' }] });
const due = { host: 'main-1', attempt: 1 };
const opened: RunEvent[] = [
  { kind: 'stepOpened', step: 'A', hosts: ['main-1'] },
  { kind: 'attemptIntended', step: 'A', ...due, digest: 'd' },
];
const cancelled: RunEvent = { kind: 'cancelRequested', by: sam, reason: '' };
const target: Parameters<Hands['attempts']['give']>[0] = {
  ...{ host: 'main-1', address: 'main-1.example', port: 22, user: 'ops', cluster: 'sample-prod' },
  identity: { kind: 'agent', socket: '' },
};

const never = async (): Promise<never> => {
  throw new Error('not needed here');
};

function listening(events: readonly RunEvent[]) {
  let now = state([step], events);
  const written: string[] = [];
  const given: string[] = [];
  const session: Session = {
    run: now.run,
    state: () => now,
    head: () => ({ seq: now.seq, hash: '' }),
    reach: () => now.seq,
    append: async (more) => {
      for (const event of more) now = evolve(now, { seq: now.seq + 1, at: 5_000, actor: { kind: 'keyturn' }, event });
      written.push(...more.map(({ kind }) => kind));
      return true;
    },
    defer: () => undefined,
    flush: async () => true,
    refresh: async () => undefined,
    onGrow: () => () => undefined,
  };
  const hands: Parameters<ReturnType<typeof createTalks>['join']>[0] = {
    attempts: {
      ...{ carryOut: never, cancel: never, look: never, hold: never, release: never, forget: never, close: never },
      give: async (_target, _id, { text }) => {
        given.push(text);
        return { kind: 'given' };
      },
    },
    secrets: () => ({ kind: 'missing', why: 'there are none here' }),
    now: () => 5_000,
    after: () => () => undefined,
    log: pino({ level: 'silent' }),
  };
  /** When the tool was told so many answers. */
  const told = async (times: number): Promise<void> => {
    while (given.length < times) await new Promise(setImmediate);
  };
  const talk = createTalks().join(hands, { session, step, due, target, anchor: () => undefined });
  return { talk, written, given, told };
}

test.each<[string, RunEvent[], string[], string[]]>([
  ['a tool that asks is told what was foreseen', opened, ['promptSeen', 'promptAnswered'], ['y']],
  ['a tool of a run that is being cancelled is told nothing', [...opened, cancelled], [], []],
])('%s', async (_title, events, written, given) => {
  const heard = listening(events);
  await Promise.resolve();
  heard.talk.hear(Buffer.from('Sure? '), 0, 6);
  await heard.talk.leave();
  expect({ written: heard.written, given: heard.given }).toEqual({ written, given });
});

test('a tool that asks for ever is not answered for ever', async () => {
  const heard = listening(opened);
  for (let times = 0; times < 250; times += 1) {
    heard.talk.hear(Buffer.from('Sure? '), times * 6, times * 6 + 6);
    await heard.told(Math.min(times + 1, 200));
  }
  await heard.talk.leave();
  expect(heard.given).toHaveLength(200);
  expect(heard.written).toHaveLength(400);
});
