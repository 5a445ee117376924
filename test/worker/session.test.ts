import type { Journal, Stored } from '../../src/journal/journal.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { openSession, type Session } from '../../src/worker/session.ts';
import { command, journal } from '../run/samples.ts';

const opened: RunEvent = { kind: 'stepOpened', step: 'S1', hosts: ['node-1'] };
const met: RunEvent = { kind: 'hostMet', host: 'node-1', anchor: 'a' };
const paused: RunEvent = { kind: 'paused', by: { team: 'T1', user: 'U1', name: 'Dana' }, reason: '' };

/** A session over a journal that is a list; `meanwhile` is what others append just before our append arrives. */
async function sessionOn(meanwhile: readonly RunEvent[], during: (session: Session) => void = () => undefined): Promise<Session> {
  const stored: Stored<RunEvent>[] = [];
  const write = (events: readonly RunEvent[]): readonly Stored<RunEvent>[] => {
    const more = events.map((event, index): Stored<RunEvent> => {
      const seq = stored.length + 1 + index;
      return { seq, id: `${seq}`, at: seq, actor: { kind: 'keyturn' }, prev: `${seq - 1}`, hash: `${seq}`, event };
    });
    stored.push(...more);
    return more;
  };
  const head = () => ({ seq: stored.length, hash: `${stored.length}` });
  const listed: Pick<Journal<RunEvent>, 'read' | 'append'> = {
    read: async (_run, { from = 1 } = {}) => stored.slice(from - 1),
    append: async (_run, seen, events) => {
      write(meanwhile);
      during(session);
      if (stored.length > seen.seq) return { kind: 'behind', head: head() };
      const more = write(events);
      return { kind: 'appended', head: head(), stored: more };
    },
  };
  write(journal([command('S1')], []).map(({ event }) => event));
  const session = await openSession(listed, 'run2');
  return session;
}

test('news of an append under way are no news', async () => {
  let reach = 0;
  const session = await sessionOn([], (during) => {
    reach = during.reach();
  });
  session.defer([opened], 2);
  expect(await session.append([met], 3)).toBe(true);
  expect(reach).toBe(3);
  expect(session.reach()).toBe(3);
});

test('an append that comes second takes in what was first', async () => {
  const session = await sessionOn([paused]);
  session.defer([opened], 2);
  expect(await session.append([met], 3)).toBe(false);
  expect(session.reach()).toBe(2);
  expect(session.state()).toMatchObject({ paused: { reason: '' }, anchors: {}, steps: { S1: { kind: 'pending' } } });
});

test('a flush that comes second says so', async () => {
  const session = await sessionOn([paused]);
  session.defer([opened], 2);
  expect(await session.flush(3)).toBe(false);
  expect(await session.flush(4)).toBe(true);
});
