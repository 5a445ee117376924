/** Forms and engine agree on what wants a second factor: what the one asks a code for is what the other refuses without it. */
import { decide, type Intent } from '../../src/run/intents.ts';
import { proofWanted } from '../../src/run/proof.ts';
import { approvalOf, cluster, questionOf, stateOf, troubleOf } from '../slack/fake-desk.ts';

const sam = { team: 'T0SANDBOX1', user: 'U0SAM00001', name: 'Sam Okafor' };
const standing = { person: sam, kind: { kind: 'member' }, memberOf: [] } as const;
const digest = 'c'.repeat(64);

function state(secondFactor: boolean) {
  return stateOf('runheld1', {
    cluster: secondFactor ? { ...cluster, secondFactor: 'totp' } : cluster,
    approvals: { second: approvalOf('second'), gate: { ...approvalOf('gate'), needs: 'gate' } },
    trouble: troubleOf('t-1', ['retry', 'skip', 'abort', 'settleDone', 'settleFailed']),
    questions: { unsafe: questionOf('unsafe', { second: 'It cuts traffic.' }), plain: questionOf('plain') },
  });
}

const answer = (question: string, word: string): Intent => ({ kind: 'answer', question, answer: word, note: 'x' });
const settle = (choice: Extract<Intent, { kind: 'settle' }>['choice']): Intent => ({ kind: 'settle', trouble: 't-1', choice, reason: 'x' });

const guarded: readonly (readonly [string, Intent, string])[] = [
  ['approving an unsafe step', { kind: 'approve', request: 'second', digest }, digest],
  ['a yes that needs a second person', answer('unsafe', 'done'), 'unsafe'],
  ['a no that needs a second person', answer('unsafe', 'declined'), 'unsafe'],
  ['settling as done', settle('settleDone'), 't-1'],
  ['settling as failed', settle('settleFailed'), 't-1'],
];

const free: readonly (readonly [string, Intent])[] = [
  ['pressing a gate', { kind: 'approve', request: 'gate', digest }],
  ['rejecting', { kind: 'reject', request: 'second', reason: 'x' }],
  ['an answer that anybody may give', answer('plain', 'done')],
  ['trying again', settle('retry')],
  ['skipping what is safe', settle('skip')],
  ['aborting', settle('abort')],
  ['pausing', { kind: 'pause', reason: '' }],
  ['cancelling', { kind: 'cancel', reason: '' }],
];

test.each(guarded)('%s wants a proof for exactly this', (_what, intent, about) => {
  expect(proofWanted(state(true), intent)).toBe(about);
  expect(decide(state(true), intent, standing, 0)).toMatchObject({ kind: 'refused', told: expect.stringContaining('wants a code') });
  for (const other of [`${about}x`, '', 'e'.repeat(64)]) {
    expect(decide(state(true), intent, { ...standing, proof: { about: other } }, 0).kind).toBe('refused');
  }
  const decided = decide(state(true), intent, { ...standing, proof: { about } }, 0);
  expect(decided.kind).toBe('taken');
});

test.each(free)('%s wants none', (_what, intent) => {
  expect(proofWanted(state(true), intent)).toBeUndefined();
  expect(decide(state(true), intent, standing, 0).kind).toBe('taken');
});

test.each([...guarded.map(([what, intent]) => [what, intent] as const), ...free])(
  '%s wants none where the cluster asks for none',
  (_what, intent) => {
    expect(proofWanted(state(false), intent)).toBeUndefined();
    expect(decide(state(false), intent, standing, 0).kind).toBe('taken');
  },
);

test.each(['constructor', '__proto__', 'toString', 'nothing'])('“%s” is nobody’s request, trouble or question', (id) => {
  const intents: readonly Intent[] = [
    { kind: 'approve', request: id, digest },
    answer(id, 'done'),
    { kind: 'settle', trouble: id, choice: 'settleDone', reason: 'x' },
  ];
  for (const intent of intents) expect(proofWanted(state(true), intent)).toBeUndefined();
});
