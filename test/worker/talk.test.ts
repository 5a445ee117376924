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

type Give = Hands['attempts']['give'];

function listening(events: readonly RunEvent[], answering: readonly Awaited<ReturnType<Give>>[] = [], asking = step) {
  let now = state([asking], events);
  const written: string[] = [];
  const given: string[] = [];
  const held: { number: number; at: number | undefined; heard: number | undefined }[] = [];
  let quiet = (): void => undefined;
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
      ...{
        carryOut: never,
        cancel: never,
        look: never,
        hold: async () => ({ kind: 'held' as const }),
        release: async () => ({ kind: 'released' as const }),
        forget: never,
        close: never,
      },
      give: async (_target, _id, { number, text, at, heard }) => {
        given.push(text);
        held.push({ number, at, heard });
        return answering[held.length - 1] ?? { kind: 'given' };
      },
    },
    secrets: () => ({ kind: 'missing', why: 'there are none here' }),
    now: () => 5_000,
    after: (_ms, then) => {
      quiet = then;
      return () => undefined;
    },
    log: pino({ level: 'silent' }),
  };
  /** When the tool was told so many answers. */
  const told = async (times: number): Promise<void> => {
    while (given.length < times) await new Promise(setImmediate);
  };
  const talk = createTalks().join(hands, { session, step: asking, due, target, anchor: () => undefined });
  /** When everything that was begun so far is through: nothing here waits for anything but promises. */
  const idle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
  return { talk, written, given, held, told, silence: () => quiet(), idle, seen: () => now };
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

const seenOnce: RunEvent = { kind: 'promptSeen', step: 'A', ...due, number: 1, end: 5, bytes: 6, prompt: 'Sure?', said: {}, answer: 0 };
const answered: RunEvent = { kind: 'promptAnswered', step: 'A', ...due, number: 1, answer: 'y' };

test('an answer of the procedure is held to its prompt once a newer one stands there', async () => {
  const heard = listening([...opened, seenOnce, answered], [{ kind: 'wentOn' }]);
  const text = 'Sure? no answer\nSure? ';
  heard.talk.hear(Buffer.from(text), 0, text.length);
  await heard.talk.leave();
  expect(heard.held).toEqual([
    { number: 1, at: 6, heard: undefined },
    { number: 2, at: undefined, heard: text.length },
  ]);
  expect(heard.written).toEqual(['answerWithheld', 'promptSeen', 'promptAnswered']);
});

test('nothing is given before the output is heard up to its prompt', async () => {
  const heard = listening([...opened, seenOnce, answered]);
  await heard.talk.leave();
  expect(heard.held).toEqual([]);
});

test('a tool that prints without end is answered all the same', async () => {
  const heard = listening(opened, Array(3).fill({ kind: 'behind' }));
  heard.talk.hear(Buffer.from('Sure? '), 0, 6);
  for (let turn = 0; turn < 5; turn += 1) {
    heard.talk.hear(Buffer.from('\r|'), 6 + turn * 2, 8 + turn * 2);
    while (heard.held.length < Math.min(turn + 1, 4)) await new Promise(setImmediate);
  }
  await heard.talk.leave();
  expect(heard.held.at(-1)).toEqual({ number: 1, at: undefined, heard: undefined });
  expect(heard.held).toHaveLength(4);
});

test('of prompts that came at once only the newest is answered', async () => {
  const heard = listening(opened);
  heard.talk.hear(Buffer.from('Sure? Sure? Sure? '), 0, 18);
  await heard.talk.leave();
  expect(heard.held).toEqual([{ number: 1, at: undefined, heard: 18 }]);
  expect(heard.written).toEqual(['promptSeen', 'promptSeen', 'promptSeen', 'promptAnswered']);
});

test.each<[string, string, number]>([
  ['a tool that gave up a prompt without an answer asks people', '\nNo key came. Delete all? ', 1],
  ['progress in the same line does not give up a prompt', ' . . .', 0],
  ['whole lines behind a prompt do not give it up', '\nstill waiting\n', 0],
])('%s', async (_title, more, questions) => {
  const waiting = command('A', { answers: [{ prompt: 'Key:', answer: 'peer.key' }] });
  const heard = listening(opened, [], waiting);
  const asked = 'Key: \n(64 digits) ';
  heard.talk.hear(Buffer.from(asked), 0, asked.length);
  heard.silence();
  await heard.idle();
  heard.talk.hear(Buffer.from(more), asked.length, asked.length + more.length);
  heard.silence();
  await heard.talk.leave();
  expect(Object.values(heard.seen().questions)).toHaveLength(questions);
  expect(heard.given).toEqual([]);
});
