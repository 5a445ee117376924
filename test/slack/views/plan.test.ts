/** The plan, in private before a run and in the thread of one. */
import { checkBlocks } from '../../../infra/sandbox/slack/check-blocks.ts';
import { secretMark } from '../../../src/procedure/secret-mark.ts';
import { buildPlan } from '../../../src/run/build-plan.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import type { LastTime, Plan } from '../../../src/run/plan.ts';
import { planViews } from '../../../src/slack/views/index.ts';
import { command, dana, journal } from '../../run/samples.ts';
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

/** The first of the messages; of a small plan it is the only one. */
function planView(plan: Plan) {
  const [first] = planViews(plan);
  if (first === undefined) throw new Error('a plan without a message');
  return first;
}

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

function manySteps(count: number, lines: number) {
  const [, model] = steps;
  const activate = model?.kind === 'command' ? model : command('S2');
  return Array.from({ length: count }, (_, at) => ({ ...activate, id: `S${at}`, run: `run_${at}\n`.repeat(lines) }));
}

test.each([
  [1, 1_000],
  [10, 20],
  [22, 200],
  [40, 5],
  [200, 1],
])('a plan of %i steps of %i lines keeps to the limits', (count, lines) => {
  const known: RunEvent = { kind: 'planResolved', digest: 'd'.repeat(64) };
  const journalled = journal(manySteps(count, lines), [known], fields);
  const plans = planViews(buildPlan(fold(RUN, journalled), ['p'.repeat(3_000)], last));
  const replies = view(journalled).filter(({ key }) => key.startsWith('plan'));
  for (const content of [...plans, ...replies]) {
    expect(broken(content)).toEqual([]);
    expect(checkBlocks(content.blocks, 'message', () => 'b')).toMatchObject({ kind: 'ok' });
  }
});

test('scripts that do not fit into one message follow whole in others', () => {
  const many = manySteps(30, 12);
  const plans = planViews(buildPlan(fold(RUN, journal(many, [], fields)), [], last));
  expect(plans.length).toBeGreaterThan(2);
  expect(mrkdwn(plans[0] ?? planView(planOf()))).toContain('The scripts and their values follow');
  const text = plans.map(shown).join('\n');
  for (const { run } of many) expect(text).toContain(run.trim());
  expect(text).not.toContain('omitted');
  expect(plans[1]?.text).toContain(`scripts, 1 of ${plans.length - 1}`);
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

  test('has its scripts behind it where they do not fit, once they are known', () => {
    const many = manySteps(30, 12);
    const keys = (events: readonly RunEvent[]) => view(journal(many, events, fields)).map(({ key, final }) => `${key} ${final}`);
    expect(keys([])).toEqual(['card false', 'plan false']);
    const later = keys([{ kind: 'paused', by: dana, reason: '' }, digest, { kind: 'resumed', by: dana }]);
    expect(later.slice(0, 4)).toEqual(['card false', 'plan true', 'decision:2 true', 'plan:scripts:1 true']);
    expect(later.at(-1)).toBe('decision:4 true');
    const text = view(journal(many, [digest], fields))
      .map(shown)
      .join('\n');
    for (const { run } of many) expect(text).toContain(run.trim());
  });

  test('of a run that ended before is final without a digest', () => {
    const over = reply([...found.slice(0, 3), { kind: 'runEnded', outcome: 'cancelled', why: 'x' }]);
    expect(over.final).toBe(true);
    expect(mrkdwn(over)).not.toContain('Its digest follows');
    expect(mrkdwn(over)).not.toContain('Digest');
  });
});
