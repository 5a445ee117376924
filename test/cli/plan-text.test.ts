/** What `keyturn plan` shows, of a plan made from a procedure that says everything. */
import { planLines } from '../../src/cli/plan-text.ts';
import { parseCluster } from '../../src/inventory/parse.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';
import { buildPlan } from '../../src/run/build-plan.ts';
import type { LastTime, Plan } from '../../src/run/plan.ts';
import { planViews } from '../../src/slack/views/index.ts';

const PROCEDURE = `
procedure: it
product: sample
title: Do it
params: { mode: { type: enum, values: [soft, hard], default: soft } }
secrets: { password: { title: Password of the server } }
shells: { product: { run: sudo /etc/init.d/product shell } }
steps:
  - { id: who, title: Find the leader, on: any node, run: who leads, timeout: 30s, read: lines, bind: { leader: 'lines[0]' } }
  - announce: 'It begins ({{ params.mode }}).'
  - { id: backup, confirm: Is there a backup of today?, second: Nothing can be taken back. }
  - { id: swap, manual: Exchange the machine. }
  - id: A
    title: Stop it
    on: all node
    unless: { run: state, expect: 'stdout == "down"', saying: '{{ host.name }} is down' }
    shell: product
    become: product
    env: { PASSWORD: secrets.password, NAME: host.name }
    run: |
      stop "$NAME"
      echo "$PASSWORD"
    timeout: 90s
    unsafe: It stops.
    answers: [{ prompt: 'Really\\? ', answer: '"y"' }]
    until: { run: state, expect: 'stdout == "down"', within: 2m, waiting: it to be down }
  - { id: B, title: Tell the leader, on: leader, run: tell, timeout: 3h, gate: Is everybody ready?, requires: [{ run: ready, expect: status == 0, says: '{{ host.name }} is ready', on: each node }], undo: Tell it again. }
  - { id: C, title: Set the mode, on: main, edit: { path: '"/etc/it.conf"', set: { mode: params.mode } }, timeout: 1m }
  - { id: D, title: Copy it, on: each spare, copy: { from: main, path: '"/etc/it.conf"' }, timeout: 1m }
  - { id: E, title: End it, on: main, when: 'params.mode == "hard"', run: end, timeout: 1m }
`;
const CLUSTER = `
cluster: sample-prod
product: sample
title: Sample
hosts:
  - { name: main-1, address: a, user: ops, roles: [main, node] }
  - { name: node-2, address: b, user: ops, roles: [node] }
secrets: { password: { env: PASSWORD } }
may: { start: [U0DANA], approve: [U0SAM, S0OPS] }
`;

function plan(
  more: { readonly roles?: Record<string, string>; readonly problems?: readonly string[]; readonly last?: LastTime } = {},
): Plan {
  const procedure = parseProcedure(PROCEDURE, 'it.yaml');
  const cluster = parseCluster(CLUSTER, 'sample-prod.yaml');
  if (procedure.kind === 'bad' || cluster.kind === 'bad') throw new Error(JSON.stringify([procedure, cluster]));
  const setting = {
    procedure: procedure.procedure,
    cluster: cluster.cluster,
    params: { mode: 'soft' },
    roles: more.roles ?? {},
    captured: {},
  };
  return buildPlan(setting, more.problems ?? [], more.last);
}

/** The lines of one step. */
function linesOf(of: Plan, id: string): readonly string[] {
  const blocks = planLines(of).join('\n').split('\n\n');
  return (blocks.find((block) => block.startsWith(`${id} `)) ?? '').split('\n').map((line) => line.trimEnd());
}

test('the head says what was given, found, who may approve, and the digest', () => {
  const of = plan({
    roles: { leader: 'node-2' },
    last: { run: 'run2abc', endedAt: Date.UTC(2026, 0, 5, 9, 30), ms: 754_000, steps: { A: 61_000 } },
  });
  expect(planLines(of).slice(0, 6)).toEqual([
    'Plan of it (Do it) on sample-prod: nothing was started.',
    'Given: mode=soft',
    'Roles as found now: leader node-2',
    'Who may approve (Slack ids): U0SAM, S0OPS',
    'Last time it took 12 min 34 s (run2abc, ended 2026-01-05 09:30 UTC).',
    `Digest ${of.digest}: a run notes the same as long as nothing changes.`,
  ]);
  expect(linesOf(of, 'A').at(-1)).toBe('          at most 1 min 30 s; last time it took 1 min 1 s');
});

test('an unsafe step is shown whole, its secrets by name', () => {
  expect(linesOf(plan(), 'A')).toEqual([
    'A         UNSAFE    Stop it (on main-1, node-2, all at once)',
    '          It stops.',
    '          asks a second person, never the requester',
    '          looked at first; not needed where: the host is down',
    '          runs in the shell product (sudo /etc/init.d/product shell), as product',
    '          $ stop "$NAME"',
    '          $ echo "$PASSWORD"',
    '          on main-1 with PASSWORD=‹secret password›  NAME=main-1',
    '          on node-2 with PASSWORD=‹secret password›  NAME=node-2',
    '          when it prints Really\\?  it is told "y"',
    '          then waits for: it to be down',
    '          $ state',
    '          no undo',
    '          at most 1 min 30 s',
  ]);
});

test('people are asked in words', () => {
  expect(linesOf(plan(), 'backup')).toEqual([
    'backup    asks      Confirm',
    '          Is there a backup of today?',
    '          asks a second person, never the requester',
  ]);
  expect(linesOf(plan(), 'swap')[2]).toBe('          asks the requester, or whoever may start or approve');
  expect(linesOf(plan(), 'announce-1')).toEqual(['announce-1  announce  Announce', '          It begins (soft).']);
});

test('whom a step wants besides, with what it is asked, and its title are said', () => {
  const source = `
procedure: down
product: sample
title: Take it down
params: { mode: { type: text } }
steps:
  - phase: going down
    unsafe: It stops.
    approval: together
    steps:
      - { id: N, title: 'Stop ({{ params.mode }})', on: each node, run: stop, timeout: 1m, undo: 'Start {{ host.name }}.', requires: [{ run: idle, expect: status == 0, says: '{{ host.name }} is idle' }] }
  - { id: M, title: Migrate, on: main, run: migrate, timeout: 1m, unsafe: No way back., approve: { all: [[S0OPS], { count: 2, of: [S0DBA] }] } }
`;
  const parsed = parseProcedure(source, 'down.yaml');
  const cluster = parseCluster(CLUSTER, 'sample-prod.yaml');
  if (parsed.kind === 'bad' || cluster.kind === 'bad') throw new Error(JSON.stringify([parsed, cluster]));
  const of = buildPlan({ procedure: parsed.procedure, cluster: cluster.cluster, params: { mode: 'soft' }, roles: {}, captured: {} }, []);
  expect(linesOf(of, 'N')).toEqual([
    'N         UNSAFE    Stop (soft) (on main-1, node-2)',
    '          It stops.',
    '          asks a second person, never the requester',
    '          in one request with its neighbours of the phase going down',
    '          must be so beforehand: the host is idle',
    '          $ stop',
    '          undo: Start the host.',
    '          at most 1 min',
  ]);
  expect(linesOf(of, 'M').slice(2, 4)).toEqual([
    '          asks a second person, never the requester',
    '          and besides: S0OPS; and 2 of S0DBA',
  ]);
  expect(
    planViews(of)
      .map(({ text, blocks }) => `${text}${JSON.stringify(blocks)}`)
      .join(''),
  ).toContain('asks a second person, and besides <!subteam^S0OPS>; and 2 of <!subteam^S0DBA>');
});

test('a host that is found at run time is not known yet, or named', () => {
  expect(linesOf(plan(), 'B')).toEqual([
    'B         gated     Tell the leader (its host is not known yet)',
    '          Is everybody ready?',
    '          asks the requester, or whoever may start or approve',
    '          must be so beforehand: the host is ready (on each node)',
    '          $ tell',
    '          undo: Tell it again.',
    '          at most 3 h',
  ]);
  expect(linesOf(plan({ roles: { leader: 'node-2' } }), 'B')[0]).toBe('B         gated     Tell the leader (on node-2)');
});

test('files are said in words, what is skipped with its reason', () => {
  expect(linesOf(plan(), 'C')[1]).toBe('          edits /etc/it.conf: sets mode to soft');
  expect(linesOf(plan(), 'D')).toEqual(['D         safe      Copy it', '          skipped: sample-prod has no host in the role spare']);
  expect(linesOf(plan(), 'E')).toEqual([
    'E         safe      End it',
    '          skipped: its condition does not hold here: params.mode == "hard"',
  ]);
});
