/** Small hand-made histories: the sound ones pass, and each rule has at least one that breaks it and is named. */
import type { RunEvent } from '../../src/run/events.ts';
import { type Demands, VIOLATION_KINDS, type ViolationKind, violationsIn } from '../../src/run/invariants.ts';
import {
  RUN,
  eve,
  dora,
  steps,
  stands,
  begun,
  journal,
  actorOf,
  itemFor,
  subjectFor,
  digestOf,
  request,
  opened,
  given,
  backed,
  voided,
  intended,
  ended,
  passed,
  over,
  trouble,
  settled,
  paused,
  resumed,
  cancelled,
  held,
  overridden,
  asked,
  answered,
  talking,
  main,
  prompt,
  withheld,
  unforeseen,
  told,
  aboutPrompt,
  approved,
  users,
  three,
  glassy,
  broken,
  freezing,
  factored,
  both,
  lost,
  late,
  type World,
  type At,
} from './histories.ts';
import { alex, cluster, command, dana, sam } from './samples.ts';

/** S1 on one host and S6 on another, asked for as one. */
const two = subjectFor(itemFor('S1', 'node-1'), itemFor('S6', 'main-1'));
const joined: World = { procedure: { steps: [...steps, command('S6', { safety: { kind: 'unsafe', why: 'it stops things' } })] } };
const firstOfTwo = intended({ digest: digestOf(two) });
const secondOfTwo = intended({ step: 'S6', host: 'main-1', digest: digestOf(two) });

const sound: readonly (readonly [title: string, world: World, events: readonly At[]])[] = [
  ['a start after its approval', {}, [...approved, intended(), ended(), passed(), over()]],
  [
    'a second attempt with an approval of its own',
    {},
    [
      ...approved,
      intended(),
      ended({ outcome: { kind: 'finished', status: 1 } }),
      trouble({ what: { kind: 'failed', why: 'status 1' }, choices: ['retry', 'abort'] }),
      settled('retry', dana),
      request(subjectFor(itemFor('S1', 'node-1', 2)), { request: 'q2' }),
      given(sam, { request: 'q2' }),
      intended({ attempt: 2, approval: 'q2', digest: digestOf(subjectFor(itemFor('S1', 'node-1', 2))) }),
      ended({ attempt: 2 }),
      passed({ attempt: 2 }),
    ],
  ],
  [
    'a second host long after the yes, soon after the first',
    {},
    [
      opened(),
      request(both, { expiresAt: 500_000 }),
      given(),
      late(intended({ digest: digestOf(both) }), 500),
      late(ended(), 900),
      late(passed(), 900),
      late(intended({ host: 'node-2', digest: digestOf(both) }), 1400),
    ],
  ],
  [
    'a yes by somebody of an approving group',
    {},
    [opened(), request(), given(alex, { stands: stands(alex, { memberOf: ['S1'] }) }), intended()],
  ],
  ['a yes of an earlier release, without a record', {}, [opened(), request(), given(alex, { stands: undefined }), intended()]],
  ['three who make a quorum in any order', three, [opened(), request(), backed(alex), backed(eve), given(sam)]],
  ['a broken glass, even by the requester', glassy, [opened(), request(), broken(dana), intended()]],
  [
    'a gate that the requester opens',
    {},
    [
      opened('S2', 'main-1'),
      request(subjectFor(itemFor('S2', 'main-1')), { step: 'S2', needs: 'gate' }),
      given(dana),
      intended({ step: 'S2', host: 'main-1', digest: digestOf(subjectFor(itemFor('S2', 'main-1'))) }),
    ],
  ],
  ['a hold that is overridden', freezing, [held, ...approved, overridden(sam), intended()]],
  ['a pause that is over', {}, [...approved, paused, resumed, intended()]],
  ['an end that is looked for again', {}, [...approved, intended(), lost, trouble(), settled('lookAgain', dana), ended(), passed()]],
  ['an end that a cancel looks for again', {}, [...approved, intended(), lost, trouble(), cancelled, ended(), over('cancelled')]],
  [
    'a rejection and a yes to the next request',
    {},
    [
      opened(),
      request(),
      { kind: 'approvalRejected', request: 'q1', by: sam, reason: 'no' },
      request(undefined, { request: 'q2' }),
      given(sam, { request: 'q2' }),
      intended({ approval: 'q2' }),
    ],
  ],
  [
    'a prompt that was foreseen, and one that was not',
    {},
    [
      ...talking,
      prompt(),
      told(),
      unforeseen(2),
      aboutPrompt(2),
      answered(sam, 'no'),
      told({ number: 2, by: sam, answer: 'no' }),
      withheld(2),
      ended(main),
    ],
  ],
  [
    'a second factor for exactly this',
    factored,
    [opened(), request(), given(sam, { stands: stands(sam, { factor: 'totp' }) }), intended()],
  ],
  [
    'a file that could not be brought, and so never began',
    {},
    [
      ...approved,
      intended(),
      trouble({ what: { kind: 'failed', why: 'no room' }, choices: ['abort'] }),
      settled('abort', dana),
      over('aborted'),
    ],
  ],
  [
    'a yes whose giver may not any more, and the next one’s',
    {},
    [...approved, voided, request(undefined, { request: 'q2' }), given(sam, { request: 'q2' }), intended({ approval: 'q2' })],
  ],
  [
    'an open request that a larger one takes over',
    {},
    [
      opened(),
      request(),
      voided,
      request(both, { request: 'q2' }),
      given(sam, { request: 'q2' }),
      intended({ approval: 'q2', digest: digestOf(both) }),
      intended({ host: 'node-2', approval: 'q2', digest: digestOf(both) }),
    ],
  ],
  [
    'an abort that first ends what runs elsewhere',
    {},
    [
      opened(),
      request(both),
      given(),
      intended({ digest: digestOf(both) }),
      intended({ host: 'node-2', digest: digestOf(both) }),
      ended({ outcome: { kind: 'finished', status: 1 } }),
      trouble({ what: { kind: 'failed', why: 'status 1' }, choices: ['retry', 'abort'] }),
      settled('abort', dana),
      cancelled,
      ended({ host: 'node-2', outcome: { kind: 'cancelled', remaining: [] } }),
      over('cancelled'),
    ],
  ],
  [
    'steps that one request covers',
    joined,
    [opened(), request(two), given(), firstOfTwo, ended(), passed(), opened('S6', 'main-1'), secondOfTwo],
  ],
  ['clocks that differ a little', {}, [opened(), late(request(), 10), late(given(), 6), intended()]],
];

const safeStart = (attempt: number): RunEvent => ({ kind: 'attemptIntended', ...main, attempt, digest: 'd' });

test.each(sound)('%s is sound', (_title, world, events) => {
  expect(violationsIn(RUN, journal(begun(world), ...events))).toEqual([]);
});

type Broken = readonly [kind: ViolationKind, title: string, world: World, events: readonly At[], demands?: Demands];

/** Each breaks the rule that it names, and no other. */
const unsound: readonly Broken[] = [
  ['begunTwice', 'a second beginning', {}, [begun()]],
  ['gap', 'a number left out', {}, [{ event: opened(), seq: 3 }]],
  ['clockBack', 'an event dated before the others', {}, [late(opened(), 100), late(request(), 90)]],
  ['afterEnd', 'something after the end', {}, [over(), paused]],
  ['notByThem', 'a yes written for somebody else', {}, [opened(), request(), { event: given(), actor: actorOf(paused) }]],
  ['notByThem', 'a yes that nobody gave', {}, [opened(), request(), { event: given(), actor: { kind: 'keyturn' } }]],
  ['unknownStep', 'a step of another procedure', {}, [opened('S9')]],
  ['unknownHost', 'a host of another cluster', {}, [{ kind: 'hostMet', host: 'node-9', anchor: 'a' }]],
  ['requestTwice', 'a request made twice', {}, [opened(), request(), request()]],
  ['wrongDigest', 'a request with another’s digest', {}, [opened(), request(undefined, { digest: digestOf(both) })]],
  [
    'wrongDigest',
    'a script changed after the digest was made',
    {},
    [
      opened(),
      request(subjectFor({ ...itemFor('S1', 'node-1'), script: 'rm' }), { digest: digestOf(subjectFor(itemFor('S1', 'node-1'))) }),
    ],
  ],
  ['wrongItem', 'a host at another address', {}, [opened(), request(subjectFor({ ...itemFor('S1', 'node-1'), address: 'ops@evil:22' }))]],
  ['wrongItem', 'an approval of what is safe', {}, [opened('S3', 'main-1'), request(subjectFor(itemFor('S3', 'main-1')))]],
  ['wrongNeed', 'a gate before something unsafe', {}, [opened(), request(undefined, { needs: 'gate' })]],
  ['noRequest', 'a yes to nothing', {}, [opened(), given()]],
  ['decidedTwice', 'two people’s yes', {}, [...approved, given(alex, { stands: stands(alex, { memberOf: ['S1'] }) })]],
  ['decidedTwice', 'a no after a yes', {}, [...approved, { kind: 'approvalRejected', request: 'q1', by: sam, reason: 'no' }]],
  [
    'decidedTwice',
    'a yes after an expiry',
    {},
    [opened(), request(), late({ kind: 'approvalExpired', request: 'q1' }, 600), { event: given(), at: 599_000 }],
  ],
  ['decidedTwice', 'a request voided twice', {}, [...approved, voided, voided]],
  ['decidedTwice', 'a yes to what was voided', {}, [opened(), request(), voided, given()]],
  ['decidedTwice', 'a broken glass after a yes', glassy, [...approved, broken(eve)]],
  [
    'decidedTwice',
    'a second reminder',
    {},
    [opened(), request(), ...[1, 2].map((): RunEvent => ({ kind: 'approvalReminded', request: 'q1' }))],
  ],
  ['late', 'a yes in the second of its expiry', {}, [opened(), request(), late(given(), 600)]],
  ['late', 'a first of two yeses that came too late', three, [opened(), request(), late(backed(alex), 601)]],
  ['early', 'an expiry before its time', {}, [opened(), request(), { kind: 'approvalExpired', request: 'q1' }]],
  [
    'redCheck',
    'a yes beside a red check',
    {},
    [opened(), request(undefined, { checks: [{ host: 'node-1', what: 'in step', ok: false, seen: 'no' }] }), given()],
  ],
  [
    'ownApproval',
    'the requester’s own yes',
    { cluster: { may: { ...cluster.may, approve: users('U1') } } },
    [opened(), request(), given(dana)],
  ],
  [
    'ownApproval',
    'the yes of the requester’s other account',
    { cluster: { may: { ...cluster.may, approve: users('U5') } } },
    [opened(), request(), given(dora, { stands: stands(dora, { accounts: ['U5', 'U1'] }) })],
  ],
  ['notNamed', 'a yes by somebody whom nobody named', {}, [opened(), request(), given(eve)], undefined],
  [
    'notNamed',
    'a yes by a member of another group',
    {},
    [opened(), request(), given(alex, { stands: stands(alex, { memberOf: ['S9'] }) })],
  ],
  [
    'notNamed',
    'a gate opened by a stranger',
    {},
    [opened('S2', 'main-1'), request(subjectFor(itemFor('S2', 'main-1')), { step: 'S2', needs: 'gate' }), given(eve)],
  ],
  ['notNamed', 'a retry by a stranger', {}, [...approved, intended(), lost, trouble(), settled('lookAgain', eve)]],
  ['notNamed', 'an unsafe host settled by a stranger', {}, [...approved, intended(), lost, trouble(), settled('settleDone', eve)]],
  ['notNamed', 'a question answered by a stranger', {}, [asked(), answered(eve)]],
  ['countedTwice', 'one person who counts twice', three, [opened(), request(), backed(alex), backed(alex)]],
  [
    'countedTwice',
    'two accounts of one person',
    three,
    [opened(), request(), backed(sam, { stands: stands(sam, { accounts: ['U2', 'U3'] }) }), backed(alex)],
  ],
  [
    'standsMissing',
    'no record of the approver under a rule',
    three,
    [opened(), request(), backed(sam), backed(eve), given(alex, { stands: undefined })],
  ],
  ['standsMissing', 'no record where one is demanded', {}, [opened(), request(), given(sam, { stands: undefined })], { stands: true }],
  ['noFactor', 'a yes without the second factor', factored, [opened(), request(), given()]],
  [
    'noFactor',
    'an unsafe end settled without the second factor',
    factored,
    [opened(), request(), given(sam, { stands: stands(sam, { factor: 'totp' }) }), intended(), lost, trouble(), settled('settleFailed')],
  ],
  [
    'noFactor',
    'a glass broken without the second factor',
    { cluster: { ...glassy.cluster, ...factored.cluster } },
    [opened(), request(), broken(eve)],
  ],
  ['quorum', 'two where three are wanted', three, [opened(), request(), backed(alex), given(sam)]],
  ['quorum', 'one person in two quorums', three, [opened(), request(), backed(alex), given(eve)]],
  ['quorum', 'a procedure’s rule that is not met', { procedure: { may: { approve: [[{ count: 2 }]] } } }, [opened(), request(), given()]],
  [
    'quorum',
    'a cluster’s rule for this procedure',
    { cluster: { procedures: { restart: { approve: [[{ people: users('U3'), count: 1 }]] } } } },
    [opened(), request(), given()],
  ],
  [
    'quorum',
    'a step’s rule that is not met',
    { procedure: { steps: steps.map((step) => (step.id === 'S1' ? { ...step, approve: [[{ people: users('U3'), count: 1 }]] } : step)) } },
    [opened(), request(), given()],
  ],
  ['quorum', 'an answer by one where two are wanted', { procedure: { may: { approve: [[{ count: 2 }]] } } }, [asked(), answered()]],
  ['glass', 'a glass where there is none', {}, [opened(), request(), broken(eve)]],
  ['glass', 'a glass broken by an approver', glassy, [opened(), request(), broken(sam)]],
  ['glass', 'a glass broken without a reason', glassy, [opened(), request(), broken(eve, { reason: ' ' })]],
  ['glass', 'a broken glass told to another channel', glassy, [opened(), request(), broken(eve, { channel: 'C1' })]],
  ['noApproval', 'a start without a request', {}, [opened(), intended({ approval: undefined })]],
  ['noApproval', 'a start with a request that is open', {}, [opened(), request(), intended()]],
  ['noApproval', 'a start before its yes', {}, [opened(), request(), intended(), given()]],
  ['noApproval', 'a start by one of two', three, [opened(), request(), backed(sam), intended()]],
  ['noApproval', 'a gated start that nobody let pass', {}, [opened('S2', 'main-1'), intended({ step: 'S2', host: 'main-1' })]],
  ['approvalOver', 'a start by what was voided', {}, [...approved, voided, intended()]],
  ['otherStart', 'a start on a host that was not asked for', {}, [...approved, intended({ host: 'node-2' })]],
  ['otherStart', 'a later attempt by the first one’s yes', {}, [...approved, intended(), ended(), intended({ attempt: 2 })]],
  [
    'otherDigest',
    'the second of two steps as something else',
    joined,
    [
      opened(),
      request(two),
      given(),
      firstOfTwo,
      ended(),
      passed(),
      opened('S6', 'main-1'),
      intended({ step: 'S6', host: 'main-1', digest: digestOf(subjectFor(itemFor('S6', 'main-1'))) }),
    ],
  ],
  [
    'approvalOver',
    'the second of two steps after the rest was voided',
    joined,
    [opened(), request(two), given(), firstOfTwo, ended(), passed(), voided, opened('S6', 'main-1'), secondOfTwo],
  ],
  ['otherDigest', 'a start of something else', {}, [...approved, intended({ digest: digestOf(both) })]],
  ['askedAnew', 'a start by a yes that was asked for anew', {}, [...approved, request(undefined, { request: 'q2' }), intended()]],
  ['stale', 'a start by a yes of yesterday', {}, [...approved, late(intended(), 90_000)]],
  ['startTwice', 'one attempt started twice', {}, [...approved, intended(), intended()]],
  ['stillRunning', 'a second attempt beside the first', {}, [opened('S3', 'main-1'), safeStart(1), safeStart(2)]],
  ['countedDown', 'a number that was used up', {}, [opened('S3', 'main-1'), safeStart(2), safeStart(1)]],
  ['notOpened', 'a start of a step that was not opened', {}, [request(), given(), intended()]],
  ['whilePaused', 'a start during a pause', {}, [...approved, paused, intended()]],
  ['whileCancelled', 'a start after a cancel', {}, [...approved, cancelled, intended()]],
  ['whileHeld', 'a start in a freeze window', freezing, [...approved, held, intended()]],
  ['whileInTrouble', 'a start while people are asked', {}, [...approved, trouble({ host: 'node-2' }), intended()]],
  ['endedUnbegun', 'an end without a beginning', {}, [...approved, ended()]],
  ['endedTwice', 'two ends of one attempt', {}, [...approved, intended(), ended(), ended()]],
  ['endedTwice', 'a second end that nobody looked for', {}, [...approved, intended(), lost, ended()]],
  ['passedUnended', 'a pass without an end', {}, [...approved, intended(), passed()]],
  ['passedUnended', 'a pass after a bad end', {}, [...approved, intended(), ended({ outcome: { kind: 'finished', status: 1 } }), passed()]],
  [
    'troubleTwice',
    'a trouble settled by two',
    {},
    [...approved, intended(), lost, trouble(), settled('abort', dana), settled('settleDone')],
  ],
  ['noTrouble', 'a settlement of nothing', {}, [settled('abort')]],
  ['notOffered', 'a choice that was not offered', {}, [...approved, intended(), lost, trouble(), settled('retry', dana)]],
  [
    'ownApproval',
    'a yes by somebody who answered a tool before',
    {},
    [
      ...talking,
      unforeseen(),
      aboutPrompt(1, { second: undefined }),
      answered(),
      told({ by: sam, answer: 'done' }),
      ended(main),
      opened(),
      request(),
      given(),
    ],
  ],
  [
    'ownApproval',
    'an unknown end settled by the requester',
    {},
    [...approved, intended(), lost, trouble(), settled('settleDone', dana, { stands: stands(dana, { memberOf: ['S1'] }) })],
  ],
  [
    'ownApproval',
    'an unsafe step skipped by the requester',
    {},
    [...approved, trouble({ choices: ['skip'] }), settled('skip', dana, { stands: stands(dana, { memberOf: ['S1'] }) })],
  ],
  ['questionTwice', 'a question answered by two', {}, [asked(), answered(), answered()]],
  [
    'questionTwice',
    'a question that is withdrawn after its answer',
    {},
    [asked(), answered(), { kind: 'questionWithdrawn', question: 'k1', why: 'x' }],
  ],
  ['noQuestion', 'an answer to nothing', {}, [answered()]],
  ['ownApproval', 'a confirmation by the requester', {}, [asked(), answered(dana, 'done', { stands: stands(dana, { memberOf: ['S1'] }) })]],
  ['holdTwice', 'a hold that ends twice', freezing, [held, overridden(sam), { kind: 'holdEnded', hold: 'h1', why: 'it is over' }]],
  ['noHold', 'an override of no hold', freezing, [overridden(sam)]],
  ['override', 'an override by somebody else', freezing, [held, overridden(eve)]],
  ['override', 'an override by the requester', freezing, [held, overridden(dana)]],
  ['override', 'an override without a reason', freezing, [held, overridden(sam, '')]],
  ['answerBeforePrompt', 'an answer before its prompt', {}, [...talking, told()]],
  ['promptOutOfTurn', 'a prompt that was left out', {}, [...talking, prompt(2)]],
  ['promptOutOfTurn', 'a prompt answered twice', {}, [...talking, prompt(), told(), told()]],
  ['promptOutOfTurn', 'an answer withheld before there was one', {}, [...talking, prompt(), withheld()]],
  ['promptOutOfTurn', 'an answer withheld twice', {}, [...talking, prompt(), told(), withheld(), withheld()]],
  ['promptOutOfTurn', 'an answer withheld from what has ended', {}, [...talking, prompt(), told(), ended(main), withheld()]],
  ['promptOutOfTurn', 'a prompt of what has ended', {}, [...talking, ended(main), prompt()]],
  ['promptOutOfTurn', 'an unforeseen prompt that Keyturn answered', {}, [...talking, unforeseen(), told()]],
  [
    'promptOutOfTurn',
    'another answer than was given',
    {},
    [...talking, unforeseen(), aboutPrompt(), answered(sam, 'no'), told({ by: sam })],
  ],
  ['leftOpen', 'a request left open', {}, [opened(), request(), cancelled, over('cancelled')]],
  ['leftOpen', 'a question left open', {}, [asked(), cancelled, over('cancelled')]],
  ['leftOpen', 'a hold left open', freezing, [held, over()]],
  ['leftOpen', 'a trouble left open', {}, [...approved, trouble(), over()]],
  [
    'leftRunning',
    'an abort while it runs elsewhere',
    {},
    [...approved, intended(), trouble({ host: 'node-2', choices: ['abort'] }), settled('abort', dana), over('aborted')],
  ],
  ['leftRunning', 'a command left running', {}, [...approved, intended(), cancelled, over('cancelled')]],
];

test.each(unsound.map((each): [string, Broken] => [`${each[0]}: ${each[1]}`, each]))('%s', (_title, [kind, , world, events, demands]) => {
  const found = violationsIn(RUN, journal(begun(world), ...events), demands);
  // Whoever is not named is not enough either.
  const kinds = new Set(found.map((each) => each.kind).filter((each) => each !== 'quorum' || kind !== 'notNamed'));
  expect([...kinds]).toEqual([kind]);
  for (const { sentence, seq } of found) {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(seq).toBeGreaterThan(1);
  }
});

test('what does not begin with a request is named', () => {
  expect(violationsIn(RUN, [])).toMatchObject([{ kind: 'notBegun', seq: 1 }]);
  expect(violationsIn(RUN, journal(opened()))).toMatchObject([{ kind: 'notBegun' }]);
});

test('every rule is broken by some history', () => {
  const broken = new Set([...unsound.map(([kind]) => kind), 'notBegun']);
  expect(VIOLATION_KINDS.filter((kind) => !broken.has(kind))).toEqual([]);
});

test('the place of a violation is its own event', () => {
  const found = violationsIn(RUN, journal(begun(), ...approved, intended(), intended()));
  expect(found).toEqual([{ seq: 6, kind: 'startTwice', sentence: 'S1 on node-1 (attempt 1) was to be started a second time.' }]);
});
