/** What waits for one person: as many cases as there are reasons for and against, each compared with what their click comes to. */
import { type Awaited, awaitedFrom } from '../../src/run/awaited.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Person, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import { decide, type Intent } from '../../src/run/intents.ts';
import { proofWanted } from '../../src/run/proof.ts';
import type { RunState } from '../../src/run/state.ts';
import {
  aboutPrompt,
  asked,
  backed,
  begun,
  cancelled,
  dora,
  eve,
  given,
  intended,
  journal,
  opened,
  paused,
  request,
  RUN,
  settled,
  stands,
  subjectFor,
  talking,
  three,
  trouble,
  unforeseen,
  voided,
  type World,
} from './histories.ts';
import { alex, dana, member, sam } from './samples.ts';

const NOW = 100_000;
const unready = { checks: [{ what: 'it is in step', host: 'node-1', ok: false, seen: 'behind' }] };
const of = (world: World, ...events: readonly RunEvent[]): RunState => fold(RUN, journal(begun(world), ...events));
const run = (...events: readonly RunEvent[]): RunState => of({}, ...events);
const both = (person: Person, other: Person): Standing => ({
  ...member(person),
  identity: { name: person.name, accounts: [person.user, other.user] },
});
const barred: Standing = { ...member(sam), kind: { kind: 'barred', why: 'guests cannot use Keyturn.' } };
const unsure: Standing = { ...member(sam), kind: { kind: 'unverified', why: 'timeout' } };
const failed = { what: { kind: 'failed', why: 'exit status 1' } } as const;
const wanted: World = { cluster: { secondFactor: 'totp' } };
const said = { kind: 'choiceBacked', about: 't1', choice: 'settleDone', reason: 'seen', by: alex, stands: stands(alex) } as const;
const answerer: RunEvent = { kind: 'questionAnswered', question: 'k1', by: sam, answer: 'x' };

/** `S1`, or with `!` what cannot be decided as things stand. */
function told(awaited: Awaited): string {
  switch (awaited.kind) {
    case 'approval':
      return `${awaited.approval.step}${awaited.red === undefined ? '' : '!'}`;
    case 'question':
      return `${awaited.question.step}?`;
    case 'trouble':
      return `${awaited.trouble.trouble}: ${awaited.choices.join(' ')}`;
  }
}

/** Every click that the list speaks of. */
function clicks(awaited: Awaited): readonly Intent[] {
  switch (awaited.kind) {
    case 'approval':
      return [{ kind: 'approve', request: awaited.approval.request, digest: awaited.approval.digest }];
    case 'question':
      return [
        { kind: 'answer', question: awaited.question.question, answer: awaited.question.about === 'prompt' ? 'y' : 'done', note: '' },
      ];
    case 'trouble':
      return awaited.choices.map((choice) => ({ kind: 'settle', trouble: awaited.trouble.trouble, choice, reason: 'because' }));
  }
}

test.each<[string, RunState, Standing, readonly string[]]>([
  ['an open request, for whoever may approve', run(opened(), request()), member(sam), ['S1']],
  ['by a user group', run(opened(), request()), member(eve, ['S1']), ['S1']],
  ['not for whoever is in no list', run(opened(), request()), member(eve), []],
  ['not for the requester, whatever lists name them', run(opened(), request()), member(dana, ['S1']), []],
  ['not for the requester’s other account', run(opened(), request()), { ...both(dora, dana), memberOf: ['S1'] }, []],
  ['not for a guest', run(opened(), request()), barred, []],
  ['not for somebody whom Slack cannot confirm', run(opened(), request()), unsure, []],
  ['not what was approved', run(opened(), request(), given()), member(sam), []],
  ['not what was voided', run(opened(), request(), voided), member(sam), []],
  ['not what has expired, noted or not', run(opened(), request(undefined, { expiresAt: NOW })), member(sam), []],
  ['not of a run that is being cancelled', run(opened(), request(), cancelled), member(sam), []],
  ['of a paused run, for it can be decided', run(opened(), request(), paused), member(sam), ['S1']],
  ['a red check is told apart', run(opened(), request(undefined, unready)), member(sam), ['S1!']],
  ['not a gate, which is the requester’s', run(opened('S2', 'main-1'), request(undefined, { needs: 'gate' })), member(sam), []],
  ['not what I said already', of(three, opened(), request(), backed(sam)), member(sam), []],
  ['not what my other account said', of(three, opened(), request(), backed(sam)), both(alex, sam), []],
  ['while others are wanted', of(three, opened(), request(), backed(sam)), member(alex), ['S1']],
  [
    'not where one more of us would not help',
    of(
      {
        cluster: {
          may: {
            start: { users: ['U1'], groups: [] },
            approve: { users: ['U2', 'U3'], groups: [] },
            rule: [
              [
                { people: { users: ['U2', 'U3'], groups: [] }, count: 1 },
                { people: { users: ['U4'], groups: [] }, count: 1 },
              ],
            ],
          },
        },
      },
      opened(),
      request(),
      backed(sam),
    ),
    member(alex),
    [],
  ],
  ['where a code is wanted, as if it were given', of(wanted, opened(), request()), member(sam), ['S1']],
  ['a question for a second person', run(asked()), member(sam), ['S4?']],
  ['not a question that I have answered in one way', of(three, asked(), { ...said, about: 'k1', choice: 'done' }), member(alex), []],
  ['that question for the others', of(three, asked(), { ...said, about: 'k1', choice: 'done' }), member(sam), ['S4?']],
  ['not one for anybody', run(asked('S5', { second: undefined, about: 'manual' })), member(sam), []],
  ['a tool’s question in an unsafe step', run(...talking, unforeseen(), aboutPrompt()), member(sam), ['S3?']],
  ['not one for a secret, which nobody can answer', run(...talking, unforeseen(), aboutPrompt(1, { text: 'Password:' })), member(sam), []],
  [
    'an end that nobody saw, with what a second person may say of it',
    run(opened(), request(), given(), intended(), trouble()),
    member(sam),
    ['t1: settleDone settleFailed'],
  ],
  [
    'a skip of an unsafe step',
    run(opened(), request(), given(), intended(), trouble({ ...failed, choices: ['retry', 'skip', 'abort'] })),
    member(sam),
    ['t1: skip'],
  ],
  [
    'not a trouble that the requester can settle alone',
    run(opened(), request(), given(), intended(), trouble({ ...failed, choices: ['retry', 'abort'] })),
    member(sam),
    [],
  ],
  ['not a trouble that was settled', run(opened(), request(), given(), intended(), trouble(), settled('settleDone')), member(sam), []],
  ['not a trouble of which I have said one thing', of(three, opened(), request(), given(), intended(), trouble(), said), member(alex), []],
  [
    'that trouble for the others',
    of(three, opened(), request(), given(), intended(), trouble(), said),
    member(sam),
    ['t1: settleDone settleFailed'],
  ],
  [
    'not for whoever shaped the run by answering a safe step’s tool',
    run(...talking, unforeseen(), aboutPrompt(1, { second: undefined }), answerer, opened(), request()),
    member(sam),
    [],
  ],
  [
    'two at once, the longest first',
    run(asked(), opened(), request(subjectFor({ step: 'S1', host: 'node-1', attempt: 1, address: 'a', script: 'do_it', env: {} }))),
    member(sam),
    ['S4?', 'S1'],
  ],
])('%s', (_title, state, standing, expected) => {
  const awaited = awaitedFrom(state, standing, NOW);
  expect(awaited.map(told)).toEqual(expected);
  for (const each of awaited)
    for (const intent of clicks(each)) {
      const about = proofWanted(state, intent);
      const decided = decide(state, intent, about === undefined ? standing : { ...standing, proof: { about } }, NOW);
      expect(decided.kind).toBe(each.kind === 'approval' && each.red !== undefined ? 'refused' : 'taken');
    }
});
