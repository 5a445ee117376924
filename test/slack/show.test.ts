/** `/ha show`: one run, for whoever may read it, from one reading of its journal. */
import type { Channel } from '../../src/slack/channels.ts';
import type { Standing } from '../../src/run/authorise.ts';
import { runCommand } from '../../src/slack/commands/run-command.ts';
import type { Office } from '../../src/slack/office.ts';
import { type Bench, logInMemory, startBench } from './bench.ts';
import { cluster, FakeDesk, OPS, stateOf, TEAM } from './fake-desk.ts';

const SAM = 'U0SAM00001';
const only = (...users: readonly string[]) => ({ ...cluster, may: { ...cluster.may, read: { users: [...users], groups: [] } } });
const over = { outcome: 'failed', why: 'status 1', at: 1_790_000_065_000 } as const;

describe('in the sandbox Slack', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench('socket', {}, async () => 'https://sandbox.slack.com/archives/C1/p1');
  });
  afterEach(() => bench.close());

  test('a run is shown with parameters, outcome, duration and thread', async () => {
    bench.desk.runs.set('run2', stateOf('run2', { params: { note: 'disk <!channel>' }, ended: over }));
    const told = await bench.answer('dana', 'ops', '/ha show RUN2');
    for (const part of ['failed', 'run2', 'U0DANA0001', 'took 1 min 5 s', 'Why: status 1', '*Deviations*: none', 'note: disk', '/p1'])
      expect(told).toContain(part);
    expect(told).not.toContain('<!channel>');
    expect(bench.desk.reads).toBe(1);
  });

  test('hidden and unknown runs are answered alike', async () => {
    bench.desk.runs.set('run2', stateOf('run2', { cluster: only(SAM) }));
    const hidden = await bench.answer('alex', 'ops', '/ha show run2');
    expect(hidden).toContain('knows no run');
    expect((await bench.answer('alex', 'ops', '/ha show run9')).replace('run9', 'run2')).toBe(hidden);
    expect(bench.desk.turnedAway).toMatchObject([{ user: 'U0ALEX0001', action: 'read' }]);
  });
});

/** Files as they are now, and somebody who asks. */
async function told(
  user: string,
  now: typeof cluster,
  memberOf: readonly string[] = [],
): Promise<{ readonly text: string; readonly asked: readonly string[] }> {
  const desk = new FakeDesk();
  desk.clusters = () => [now];
  desk.runs.set('run1', stateOf('run1', { cluster: only(SAM), ended: over }));
  desk.runs.set('run2', stateOf('run2', { ended: over }));
  desk.runs.set('run3', stateOf('run3', { cluster: { ...cluster, may: { ...cluster.may, read: { users: [], groups: ['S0NIGHT'] } } } }));
  const asked: string[] = [];
  const here: Channel = { kind: 'channel', id: OPS, member: true, shared: false, archived: false };
  const standing: Standing = { person: { team: TEAM, user, name: user }, kind: { kind: 'member' }, memberOf: [] };
  const office: Office = {
    desk,
    channels: { look: async () => here },
    directory: {
      standingOf: async (_who, groups) => {
        asked.push(...groups);
        return { ...standing, memberOf: memberOf.filter((group) => groups.includes(group)) };
      },
    },
    factors: { verify: async () => ({ kind: 'notEnrolled' }) },
    log: logInMemory().logger,
    permalinkOf: async () => undefined,
    threadOf: async () => undefined,
    recordOf: async () => undefined,
    firstOf: async () => undefined,
    upload: async () => undefined,
    openForm: async () => undefined,
  };
  const show = async (run: string): Promise<string> => {
    const answer = await runCommand(office, { team: TEAM, user, channel: OPS, channelName: 'ops', text: `show ${run}`, triggerId: 't1' });
    return answer.kind === 'now' && answer.content?.text.includes('Steps') === true ? run : '';
  };
  return { text: [await show('run1'), await show('run2'), await show('run3')].join(' ').trim(), asked };
}

test('runs that are over are shown by the files of now, as the history finds them', async () => {
  expect((await told('U0ALEX0001', cluster)).text).toBe('run1 run2');
  expect((await told('U0ALEX0001', only(SAM))).text).toBe('');
  expect((await told(SAM, only(SAM))).text).toBe('run1 run2 run3');
  expect((await told('U0DANA0001', only())).text).toBe('run1 run2 run3');
});

test('a run that goes on is shown by the groups of its own files', async () => {
  const night = await told('U0ALEX0001', cluster, ['S0NIGHT']);
  expect(night.text).toBe('run1 run2 run3');
  expect(night.asked).toContain('S0NIGHT');
});
