/** The lines of a run: what happened and where in it, at the right level, and nothing that anybody wrote or a host printed. */
import { lineOf } from '../src/log-events.ts';
import { type RunEvent, runEventSchema } from '../src/run/events.ts';

const SECRET = 'hunter2-secret';
const by = { team: 'T0', user: 'U0SAM00001', name: SECRET };
const place = { step: 'S3', host: 'query-01', attempt: 2 };

const cases: readonly (readonly [RunEvent, ReturnType<typeof lineOf>])[] = [
  [
    { kind: 'attemptIntended', ...place, digest: SECRET, approval: 'A1' },
    { level: 'info', fields: { event: 'attemptIntended', ...place, request: 'A1' }, words: 'an attempt begins' },
  ],
  [
    { kind: 'attemptEnded', ...place, outcome: { kind: 'finished', status: 3 } },
    { level: 'info', fields: { event: 'attemptEnded', ...place, outcome: 'failed', status: 3 }, words: 'an attempt ended' },
  ],
  [
    { kind: 'attemptEnded', ...place, outcome: { kind: 'refused', code: 'NO_SHELL', message: SECRET, check: SECRET } },
    { level: 'info', fields: { event: 'attemptEnded', ...place, outcome: 'refused', code: 'NO_SHELL' }, words: 'an attempt ended' },
  ],
  [
    { kind: 'attemptEnded', ...place, outcome: { kind: 'lost', why: SECRET } },
    { level: 'info', fields: { event: 'attemptEnded', ...place, outcome: 'lost' }, words: 'an attempt ended' },
  ],
  [
    { kind: 'troubleRaised', trouble: 'T1', ...place, what: { kind: 'failed', why: SECRET }, choices: ['retry'] },
    {
      level: 'warn',
      fields: { event: 'troubleRaised', ...place, trouble: 'failed' },
      words: 'the run stands still in a trouble, until a person decides',
    },
  ],
  [
    { kind: 'troubleSettled', trouble: 'T1', choice: 'abort', by, reason: SECRET },
    { level: 'info', fields: { event: 'troubleSettled', choice: 'abort' }, words: 'a trouble was settled' },
  ],
  [
    { kind: 'approvalRejected', request: 'A1', by, reason: SECRET },
    { level: 'info', fields: { event: 'approvalRejected', request: 'A1' }, words: 'an approval was rejected' },
  ],
  [
    { kind: 'promptAnswered', ...place, number: 1, answer: SECRET },
    { level: 'debug', fields: { event: 'promptAnswered', ...place }, words: 'recorded' },
  ],
  [
    { kind: 'noted', ts: '1.2', by, text: SECRET },
    { level: 'debug', fields: { event: 'noted' }, words: 'recorded' },
  ],
  [
    { kind: 'runEnded', outcome: 'failed', why: SECRET },
    { level: 'info', fields: { event: 'runEnded', outcome: 'failed' }, words: 'the run ended' },
  ],
];

test.each(cases.map(([event, line]) => [event.kind, event, line] as const))('%s is told without its words', (_kind, event, line) => {
  expect(runEventSchema.parse(event)).toEqual(event);
  expect(lineOf(event)).toEqual(line);
  expect(JSON.stringify(lineOf(event))).not.toContain(SECRET);
});
