/** The plan, in private before a run and in the thread of one. */
import { checkBlocks } from '../../../infra/sandbox/slack/check-blocks.ts';
import { secretMark } from '../../../src/procedure/secret-mark.ts';
import { buildPlan } from '../../../src/run/build-plan.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import type { LastTime, Plan } from '../../../src/run/plan.ts';
import { planView } from '../../../src/slack/views/index.ts';
import { command, journal } from '../../run/samples.ts';
import { broken, mrkdwn, shown } from './limits.ts';
import { ended, intended } from './sample.ts';
import { byHand, find, RUN, view } from './talk.ts';

const steps = [
  command('S1', { title: 'Find the main', bind: { found: 'rows[0].member' }, readOnly: true, run: 'show_members' }),
  command('S2', {
    title: 'Activate',
    on: { kind: 'all', role: 'node' },
    safety: { kind: 'unsafe', why: 'it stops {{ roles.found }}' },
    run: 'activate "$NAME"',
    env: { NAME: 'host.name', SECRET: 'secrets.db' },
    shell: { name: 'alation', run: 'chroot /opt/alation' },
    become: 'root',
    answers: [{ prompt: 'Go on\\?', answer: '"y"' }],
    unless: { run: 'is_active', read: 'text', expect: 'true', saying: 'it is active already' },
    undo: 'Go back.',
  }),
  command('S3', {
    title: 'Edit',
    on: { kind: 'one', role: 'found' },
    run: undefined,
    edit: { path: '"/etc/x"', set: { mode: '"hard"' }, replace: [] },
  }),
  command('S4', { title: 'Elsewhere only', when: 'false' }),
  byHand('P5', { about: 'confirm', text: 'Is it up?', second: 'People use it.' }),
  { kind: 'announce' as const, id: 'A6', title: 'Tell', text: 'It is back.' },
];
const fields = { secrets: { db: 'of the database' } };
const last: LastTime = { run: 'runold', endedAt: 1_000_000, ms: 724_000, steps: { S2: 605_000 } };

function planOf(events: readonly RunEvent[] = [], more?: LastTime): Plan {
  return buildPlan(fold(RUN, journal(steps, events, fields)), [], more);
}

const found: readonly RunEvent[] = [
  { kind: 'stepOpened', step: 'S1', hosts: ['main-1'] },
  intended('S1', 'main-1', 1),
  ended('S1', 'main-1', 1, 'main-1'),
  { kind: 'rolesBound', step: 'S1', host: 'main-1', roles: { found: 'node-2' } },
  { kind: 'hostPassed', step: 'S1', host: 'main-1', attempt: 1, seen: 'main-1' },
];

test('the private plan reads as recorded', () => {
  const content = planView(planOf(found, last));
  expect(content).toMatchSnapshot();
  expect(broken(content)).toEqual([]);
  expect(shown(content)).not.toContain('\u0001');
});

test.each([
  ['who is asked', 'UNSAFE: it stops node-2; asks a second person; on node-1, node-2, all at once'],
  ['the shell and the user', 'Runs in the shell alation (chroot /opt/alation), as root'],
  ['the look beforehand', 'Looked at first; not needed where: it is active already'],
  ['what is edited', 'It edits /etc/x: sets mode to hard'],
  ['what is skipped and why', 'Elsewhere only: safe; skipped: its condition does not hold here: false'],
  ['what people are asked', 'Do P5: asks a second person: “Is it up?”'],
  ['how long it took last time', 'Last time it took 12 min 4 s (runold, ended'],
  ['how long a step took last time', 'Last time it took 10 min 5 s; at most 1 min'],
])('the private plan says %s', (_title, sentence) => {
  expect(mrkdwn(planView(planOf(found, last)))).toContain(sentence);
});

test('values and answers stand with the script, secrets by name', () => {
  const text = shown(planView(planOf(found)));
  expect(text).toContain(`# on node-1 with NAME=node-1 SECRET=‹secret db›`);
  expect(text).toContain('# when it prints Go on\\? it is told "y"');
  expect(text).not.toContain(secretMark('db'));
});

test('a plan without a run before says so', () => {
  expect(mrkdwn(planView(planOf(found)))).toContain('it has not succeeded here before');
});

test('the digest stands short in the plan and whole in its text', () => {
  const plan = planOf(found);
  const content = planView(plan);
  expect(mrkdwn({ ...content, text: '' })).toContain(`Digest \`${plan.digest.slice(0, 12)}\``);
  expect(content.text).toContain(`Digest ${plan.digest}`);
});

test.each([1, 22, 23, 40, 200])('a plan of %i steps keeps to the limits', (count) => {
  const many = Array.from({ length: count }, (_, at) => ({
    ...steps[1],
    ...command(`S${at}`, { ...(steps[1]?.kind === 'command' ? steps[1] : {}), id: `S${at}`, run: 'x\n'.repeat(200) }),
  }));
  const journalled = journal(many, [], fields);
  const plan = planView(buildPlan(fold(RUN, journalled), ['p'.repeat(3_000)], last));
  const reply = find(view(journalled), 'plan');
  for (const content of [plan, reply]) {
    expect(broken(content)).toEqual([]);
    expect(checkBlocks(content.blocks, 'message', () => 'b')).toMatchObject({ kind: 'ok' });
  }
});

describe('the reply in the thread', () => {
  const digest: RunEvent = { kind: 'planResolved', digest: planOf(found).digest };
  const reply = (events: readonly RunEvent[]) => find(view(journal(steps, events, fields)), 'plan');

  test('is not final before the digest is known', () => {
    const early = reply(found.slice(0, 3));
    expect(early.final).toBe(false);
    expect(mrkdwn(early)).toContain('Its digest follows');
    expect(mrkdwn(early)).toContain('*S3* Edit: safe; hosts known later');
  });

  test('shows what the digest covers, and then never changes', () => {
    const known = reply([...found, digest]);
    expect(known.final).toBe(true);
    expect(mrkdwn(known)).toContain(`Digest \`${planOf(found).digest.slice(0, 12)}\``);
    expect(known.text).toContain(`Digest ${planOf(found).digest}`);
    expect(mrkdwn(known)).toContain('*S3* Edit: safe; on node-2');
    const later: readonly RunEvent[] = [
      { kind: 'rolesBound', step: 'S1', host: 'main-1', roles: { found: 'node-1' } },
      { kind: 'valuesCaptured', step: 'S1', host: 'main-1', values: { x: 1 } },
      { kind: 'runEnded', outcome: 'failed', why: 'x' },
    ];
    expect(reply([...found, digest, ...later])).toEqual(known);
  });

  test('of a run that ended before is final without a digest', () => {
    const over = reply([...found.slice(0, 3), { kind: 'runEnded', outcome: 'cancelled', why: 'x' }]);
    expect(over.final).toBe(true);
    expect(mrkdwn(over)).not.toContain('Its digest follows');
    expect(mrkdwn(over)).not.toContain('Digest');
  });
});
