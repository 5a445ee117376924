/** One run as it is shown: what it says, that it fits, that what was left out is counted, and that nothing in it is read as Slack's own language. */
import { type After, retold } from '../../../src/history/retold.ts';
import { shownJson } from '../../../src/cli/show-json.ts';
import { plainWords } from '../../../src/cli/plain-words.ts';
import type { Recorded, RunEvent } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { showLines, showView } from '../../../src/slack/views/index.ts';
import { trouble } from '../../run/histories.ts';
import { alex, command, dana, journal, requested, sam } from '../../run/samples.ts';
import { broken, mrkdwn } from './limits.ts';
import { ended, events, intended, recorded, steps } from './sample.ts';

const RUN = 'run7f3k2q';
const LINK = 'https://example.slack.com/archives/C1/p1';
const shownOf = (all: readonly Recorded[], permalink: string | undefined = LINK, afters: readonly After[] | undefined = []) => ({
  ...{ state: fold(RUN, all), recorded: all, permalink, afters },
  now: (all.at(-1)?.at ?? 0) + 60_000,
});
const text = (all: readonly Recorded[]): string => mrkdwn(showView(shownOf(all)));

test('a finished run says who, when, how long, and leads to its thread', () => {
  const told = text(recorded);
  for (const part of [
    '*Restart it · sample-prod: succeeded*',
    `<${LINK}|${RUN}>: restart on sample-prod, asked for by <@U1> (Dana)`,
    'took 19 s',
    `/ha export ${RUN}`,
    '*Parameters*: none.',
    '*Notes*: none.',
    '• main: main-1',
  ])
    expect(told).toContain(part);
});

test('each step has its hosts with outcome and time', () => {
  expect(text(recorded)).toMatch(
    /\*Steps\* \(4 of 4 reached\):\n• S1 Find the main: succeeded on node-1 \(3 s\)\n• S2 Say so: announced\n• S3 Stop it: check failed on main-1 \(3 s\); succeeded on main-1 \(1 s\)\n• S4 Only elsewhere: skipped\n/,
  );
});

test('approvals name who, when and the digest', () => {
  expect(text(recorded)).toMatch(/• S3, digest d1, asked for <!date\^9\^.*: approved by <@U2> \(Sam\), <!date\^10\^/);
  const rest: RunEvent[] = [
    { kind: 'approvalVoided', request: 'q1', why: 'the script is another one' },
    requested('S3', 'main-1', 1, 'q2'),
    { kind: 'approvalRejected', request: 'q2', by: alex, reason: 'not today' },
    requested('S3', 'main-1', 1, 'q3'),
    { kind: 'approvalExpired', request: 'q3' },
    requested('S3', 'main-1', 1, 'q4'),
    { kind: 'glassBroken', request: 'q4', by: dana, reason: 'all is down', stands: { memberOf: [], accounts: ['U1'] }, channel: 'C7' },
    requested('S3', 'main-1', 1, 'q5'),
  ];
  const told = text(journal(steps, [...events.slice(0, 9), ...rest]));
  for (const part of [
    /\*voided\* .*: the script is another one; approved before by <@U2>/,
    /\*rejected\* by <@U3> \(Alex\), .*: not today/,
    /: \*expired\* /,
    /\*break-glass\* by <@U1> \(Dana\), .*: all is down/,
    /digest d1, asked for .*: \*open\*/,
    /goes on, for 1 min 17 s now/,
  ])
    expect(told).toMatch(part);
});

test('troubles say why, and how they were settled', () => {
  const settled = text(recorded);
  expect(settled).toMatch(/• S3 on main-1, .*: check failed: two services still run\. Check Again by <@U1> \(Dana\)/);
  expect(text(recorded.slice(0, 16))).toContain('two services still run. *Not settled yet*');
  const over: RunEvent = { kind: 'runEnded', outcome: 'cancelled', why: 'cancelled' };
  expect(text(journal(steps, [...events.slice(0, 15), over]))).toContain('*Never settled: the run ended first*');
});

test('hosts without a start, and what people settled, are told too', () => {
  const of = (...more: readonly RunEvent[]): string =>
    text(
      journal(
        [command('S1', { on: { kind: 'all', role: 'node' } })],
        [{ kind: 'stepOpened', step: 'S1', hosts: ['node-1', 'node-2'] }, ...more],
      ),
    );
  const skipped: RunEvent = { kind: 'hostSkipped', step: 'S1', host: 'node-2', attempt: 1, why: 'it is so' };
  const lost = trouble();
  const settled = (choice: 'settleDone' | 'settleFailed' | 'skip'): RunEvent => ({
    kind: 'troubleSettled',
    trouble: 't1',
    choice,
    by: sam,
    reason: 'x',
  });
  expect(of(intended('S1', 'node-1', 1), skipped)).toMatch(/• S1 do S1: running on node-1 \(since .*\); not needed on node-2\n/);
  expect(of()).toMatch(/• S1 do S1: not started on node-1, node-2\n/);
  for (const [choice, words] of [
    ['settleDone', 'settled as done'],
    ['settleFailed', 'settled as failed'],
    ['skip', 'skipped'],
  ] as const)
    expect(of(skipped, intended('S1', 'node-1', 1), lost, settled(choice))).toMatch(
      new RegExp(`• S1 do S1: end unknown on node-1 \\(1 s\\); ${words} on node-1; not needed on node-2\\n`),
    );
});

test('notes read as they read now, deleted ones say so', () => {
  const notes: RunEvent[] = [
    { kind: 'noted', ts: '1', by: dana, text: 'disk was full', files: ['df.txt'] },
    { kind: 'noteEdited', ts: '1', text: 'the disk of node-1 was full' },
    { kind: 'noted', ts: '2', by: sam, text: 'swearing', length: 9_000 },
    { kind: 'noteDeleted', ts: '2' },
  ];
  const told = text(journal(steps, notes));
  expect(told).toMatch(/<@U1> \(Dana\), .*, edited 1 time: the disk of node-1 was full \[with 1 file\]/);
  expect(told).toMatch(/<@U2> \(Sam\), .*: deleted since/);
  expect(told).not.toMatch(/swearing|disk was full\n/);
});

function failed(step: string, host: string, trouble: string, why = 'two services still run'): RunEvent {
  return { kind: 'troubleRaised', step, host, trouble, attempt: 1, what: { kind: 'checkFailed', why }, choices: ['abort'] };
}

test('what was written after the end, and reviews, are told as such', () => {
  const during: RunEvent[] = [
    { kind: 'noted', ts: '1', by: dana, text: 'first' },
    { kind: 'glassBroken', request: 'q1', by: dana, reason: 'all is down', stands: { memberOf: [], accounts: ['U1'] }, channel: 'C7' },
    { kind: 'runEnded', outcome: 'succeeded', why: '' },
  ];
  const all = journal(steps, [...events.slice(0, 8), ...during]);
  const late = { kind: 'lateNote', run: RUN, cluster: 'prod' } as const;
  const afters: After[] = [
    { at: 50_000, event: { ...late, what: 'written', ts: '2', by: sam, text: 'it was the disk' } },
    { at: 51_000, event: { ...late, what: 'edited', ts: '2', by: sam, text: 'it was the controller' } },
    { at: 52_000, event: { ...late, what: 'deleted', ts: '1' } },
    { at: 53_000, event: { ...late, what: 'written', ts: '3', by: alex, text: 'gone' } },
    { at: 54_000, event: { ...late, what: 'deleted', ts: '3' } },
  ];
  const reviewed: After = { at: 60_000, event: { kind: 'reviewed', run: RUN, about: 'x', by: sam, note: 'it was right' } };
  const told = mrkdwn(showView(shownOf(all, LINK, afters)));
  expect(told).toMatch(/• <@U2> \(Sam\), .*, after the end, edited 1 time: it was the controller\n/);
  expect(told).toMatch(/• <@U1> \(Dana\), .*: deleted since\n/);
  expect(told).toMatch(/• <@U3> \(Alex\), .*, after the end: deleted since\n/);
  expect(told).toContain('*Reviews*: nobody has looked yet');
  expect(told).not.toMatch(/first|it was the disk|gone/);
  expect(mrkdwn(showView(shownOf(all, LINK, [reviewed])))).toMatch(/\*Reviews\* of what was .*:\n• <@U2> \(Sam\), .*: it was right/);
  expect(mrkdwn(showView({ ...shownOf(all), afters: undefined }))).toContain('What came after the end cannot be read just now');
  expect(shownJson(shownOf(all, LINK, [...afters, reviewed]))).toMatchObject({
    notes: [{ text: null }, { text: 'it was the controller', afterEnd: true }, { text: null }],
    reviews: [{ by: sam, note: 'it was right' }],
  });
});

/** Sixty steps on twenty hosts, the last of them in trouble, and much said. */
const hosts = Array.from({ length: 20 }, (_, at) => `node-${at}`);
const many = Array.from({ length: 60 }, (_, at) => command(`S${at}`, { title: `Do something that is rather long to say ${at}` }));
const huge = journal(many, [
  ...many.flatMap(({ id }): RunEvent[] => [
    { kind: 'stepOpened', step: id, hosts },
    ...hosts.flatMap((host): RunEvent[] => [
      intended(id, host, 1),
      ended(id, host, 1, 'x'),
      ...(id === 'S59'
        ? [failed(id, host, `t-${host}`)]
        : [{ kind: 'hostPassed', step: id, host, attempt: 1, seen: 'well' } satisfies RunEvent]),
    ]),
  ]),
  ...hosts.map((host): RunEvent => ({ kind: 'noted', ts: host, by: dana, text: 'w'.repeat(900) })),
]);

test('what is too long for one message loses whole lines, counted', () => {
  const view = showView(shownOf(huge));
  expect(broken(view)).toEqual([]);
  const told = view.blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));
  const steps = told.find((each) => each.startsWith('*Steps*'));
  expect(steps).toContain('• S59 Do something that is rather long to say 59: check failed on 20 hosts (at most 2 s, on node-0)');
  for (const [title, all] of [
    ['*Steps*', 60],
    ['*Troubles*', 20],
    ['*Notes*', 20],
  ] as const) {
    const [, ...lines] = told.find((each) => each.startsWith(title))?.split('\n') ?? [];
    const rest = Number(/^• (?:and )?(\d+) more(?: without trouble)?: `\/ha export` has all$/.exec(lines.at(-1) ?? '')?.[1]);
    expect(lines.at(-1)?.includes('without trouble')).toBe(title === '*Steps*');
    expect(rest).toBe(all - (lines.length - 1));
    expect(lines.slice(0, -1).every((line) => line.startsWith('• '))).toBe(true);
  }
});

test('at the command line nothing is left out', () => {
  const lines = showLines(shownOf(huge)).map(plainWords);
  expect(lines.filter((line) => line.startsWith('• S')).length).toBe(60 + 20);
  expect(lines.find((line) => line.startsWith('• S59 Do'))).toMatch(/node-0 \(2 s\), node-1 \(2 s\), .*node-19 \(2 s\)$/);
  expect(lines.join('\n')).not.toMatch(/and \d+ more: |<@|<!date|\*Not/);
});

test('what people and hosts wrote is nothing but text', () => {
  const evil = '<!channel> <@U9> *b* & `x`';
  const all = journal(steps, [
    ...events.slice(0, 14),
    failed('S3', 'main-1', 't16', evil),
    { kind: 'noted', ts: '1', by: { ...dana, name: evil }, text: evil },
    { kind: 'runEnded', outcome: 'failed', why: evil },
  ]);
  const told = text(all);
  expect(told).not.toMatch(/<!channel>|<@U9>/);
  expect(told).toContain('&lt;!channel&gt;');
  expect(mrkdwn(showView(shownOf(all, 'https://x|<!channel>')))).not.toContain('<!channel>');
});

test('for programs every fact is a member of its own', () => {
  const told = shownJson(shownOf(recorded));
  expect(JSON.parse(JSON.stringify(told))).toMatchObject({
    ...{ run: RUN, seq: 20, procedure: 'restart', cluster: 'sample-prod', permalink: LINK, outcome: 'succeeded', durationMs: 19_000 },
    approvals: [{ request: 'q1', steps: ['S3'], digest: 'd1', status: 'given', by: sam, backers: [{ by: sam }], reason: null }],
    troubles: [{ trouble: 't16', kind: 'checkFailed', settled: { choice: 'lookAgain', by: dana } }],
    steps: [
      { step: 'S1', stands: 'begun', attempts: [{ host: 'node-1', attempt: 1, outcome: 'succeeded', tookMs: 3_000 }] },
      { step: 'S2', stands: 'announced' },
      { step: 'S3', attempts: [{ outcome: 'check failed' }, { outcome: 'succeeded' }] },
      { step: 'S4', stands: 'skipped' },
    ],
    ...{ stepsNotReached: 0, deviations: [{ kind: 'skip', step: 'S4' }], roles: { main: 'main-1' } },
  });
});

test('what was not reached is counted, and what runs has no end', () => {
  const state = fold(RUN, recorded.slice(0, 13));
  expect(retold(state, recorded.slice(0, 13), [])).toMatchObject({ unreached: 1 });
  expect(text(recorded.slice(0, 13))).toContain('*Steps* (3 of 4 reached):');
  expect(text(recorded.slice(0, 13))).toMatch(/S3 Stop it: running on main-1 \(since <!date\^13/);
});
