/** What the history keeps of a run. */
import { facetsOf } from '../../src/history/match.ts';
import { approversIn, OUTCOMES, type RunSummary, summarise, WORDS_LENGTH } from '../../src/history/summary.ts';
import type { EventOf, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import { secretMark } from '../../src/procedure/secret-mark.ts';
import {
  answered,
  approved,
  asked,
  backed,
  begun,
  broken,
  cancelled,
  ended,
  eve,
  given,
  intended,
  itemFor,
  journal,
  late,
  opened,
  over,
  passed,
  request,
  RUN,
  settled,
  subjectFor,
  talking,
  told,
  trouble,
  type At,
} from '../run/histories.ts';
import { alex, dana, sam } from '../run/samples.ts';

function summaryOf(events: readonly At[], outputs?: ReadonlyMap<string, string>): RunSummary {
  const recorded = journal(...events);
  return summarise(fold(RUN, recorded), recorded, outputs);
}

/** Words and phrases as the index takes them. */
function says(summary: RunSummary, phrase: string): boolean {
  const tokens = (text: string): string =>
    ` ${
      text
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu)
        ?.join(' ') ?? ''
    } `;
  return tokens(summary.words).includes(tokens(phrase));
}

const note = (text: string): RunEvent => ({ kind: 'noted', ts: '1.1', by: dana, text });
const output = (more: Partial<NonNullable<EventOf<'attemptEnded'>['output']>> = {}): RunEvent =>
  ended({ output: { bytes: 9, lines: 1, sha256: 's', head: 'the head', tail: 'the tail', ...more } });

describe('how a run stands', () => {
  test('one that goes on is open, and has no end', () => {
    expect(summaryOf([begun(), ...approved])).toMatchObject({
      ...{ run: RUN, seq: 4, procedure: 'restart', product: 'sample', cluster: 'sample-prod', channel: 'C1' },
      ...{ outcome: 'open', started: 1_000, ended: undefined },
    });
  });

  test.each(OUTCOMES.filter((outcome) => outcome !== 'open'))('%s, and how long it took', (outcome) => {
    const summary = summaryOf([begun(), late(over(outcome), 721)]);
    expect(summary).toMatchObject({ outcome, started: 1_000, ended: 721_000 });
  });

  test('one that was cancelled and has not ended is open', () => {
    expect(summaryOf([begun(), cancelled])).toMatchObject({ outcome: 'open', ended: undefined });
  });
});

describe('who and where', () => {
  test('hosts are those that steps were opened for, each once', () => {
    expect(summaryOf([begun()]).hosts).toEqual([]);
    expect(summaryOf([begun(), opened('S1', 'node-1', 'node-2'), ...talking]).hosts).toEqual(['node-1', 'node-2', 'main-1']);
  });

  test.each<[string, readonly RunEvent[], readonly string[]]>([
    ['who approved', [request(), given()], [sam.user]],
    ['each of several, in their order, once', [request(), backed(alex), backed(sam), given(alex)], [alex.user, sam.user]],
    ['not who broke the glass', [request(), broken(eve)], []],
    ['who stood for a choice', [trouble(), settled('settleDone', alex)], [alex.user]],
    ['who stood for an answer', [asked(), answered(alex)], [alex.user]],
    ['not who pressed a gate', [request(subjectFor(itemFor('S2', 'main-1')), { needs: 'gate' }), given(dana)], []],
    ['not who settled as the requester', [trouble(), settled('retry', dana, { stands: undefined })], []],
    ['not who rejected', [request(), { kind: 'approvalRejected', request: 'q1', by: alex, reason: 'no' }], []],
  ])('approvers: %s', (_what, events, expected) => {
    expect(approversIn(journal(begun(), ...events)).map(({ user }) => user)).toEqual(expected);
  });
});

test('whoever broke the glass is told apart from approvers, and is found as well', () => {
  const summary = summaryOf([begun(), request(), broken(eve)]);
  expect([summary.approvers, summary.glass?.map(({ user }) => user)]).toEqual([[], [eve.user]]);
  expect(facetsOf(summary)).not.toBe(facetsOf({ ...summary, glass: [] }));
  expect(summaryOf([begun(), ...approved])).not.toHaveProperty('glass');
});

describe('words that a run is found by', () => {
  test.each<[string, readonly RunEvent[], readonly string[]]>([
    ['title and scripts of the procedure', [], ['Restart it', 'do S1', 'do_it', 'it stops things', 'tidy up']],
    [
      'commands that were approved, their values and changes',
      [
        request(
          subjectFor({ ...itemFor('S1', 'node-1'), script: 'systemctl stop kiwi', env: { DIR: '/srv/plum' }, diff: '-old\n+lychee' }),
        ),
      ],
      ['systemctl stop kiwi', '/srv/plum', 'lychee'],
    ],
    ['notes of people', [note('the fan was loud')], ['the fan was loud']],
    ['reasons', [{ kind: 'cancelRequested', by: dana, reason: 'tamarind smelt' }], ['tamarind smelt']],
    ['what was wrong', [trouble({ what: { kind: 'failed', why: 'status 137' } })], ['status 137']],
    [
      'questions and answers',
      [...talking, asked('S4', { text: 'Is the papaya ripe?' }), answered(sam, 'very')],
      ['the papaya ripe', 'very'],
    ],
    ['what was seen', [passed({ seen: 'lag is 3' })], ['lag is 3']],
    ['how it ended', [over('failed')], ['it is over']],
    ['output', [opened(), intended(), output()], ['the head', 'the tail']],
  ])('%s', (_what, events, phrases) => {
    const summary = summaryOf([begun(), ...events]);
    for (const phrase of phrases) expect([phrase, says(summary, phrase)]).toEqual([phrase, true]);
  });

  test('values of parameters', () => {
    const first = begun();
    if (first.kind !== 'runRequested') throw new Error(first.kind);
    expect(says(summaryOf([{ ...first, params: { old: 'engine-07' } }]), 'engine-07')).toBe(true);
  });

  test('a note that was edited by its new words, one that was deleted by none', () => {
    const edited = summaryOf([begun(), note('first words'), { kind: 'noteEdited', ts: '1.1', text: 'second thoughts' }]);
    expect([says(edited, 'first words'), says(edited, 'second thoughts')]).toEqual([false, true]);
    const deleted = summaryOf([begun(), note('first words'), { kind: 'noteDeleted', ts: '1.1' }]);
    expect(says(deleted, 'first words')).toBe(false);
  });

  test('not by words of our own model', () => {
    const summary = summaryOf([begun(), ...approved]);
    for (const word of ['command', 'allowed', 'gated', 'second']) expect([word, says(summary, word)]).toEqual([word, false]);
  });

  test('a secret by the name in its mark, in commands and in answers', () => {
    const env = { PASSWORD: secretMark('database') };
    const summary = summaryOf([
      begun(),
      request(subjectFor({ ...itemFor('S1', 'node-1'), env })),
      ...talking,
      told({ answer: secretMark('database') }),
    ]);
    expect(says(summary, 'secret database')).toBe(true);
  });

  test('the whole output where it could be read, else what the journal holds', () => {
    const events = [begun(), opened(), intended(), output({ path: 'output/x.gz' })];
    const whole = summaryOf(events, new Map([['output/x.gz', 'a rambutan in the middle']]));
    expect([says(whole, 'rambutan'), says(whole, 'the tail'), says(whole, 'the head')]).toEqual([true, true, false]);
    const parts = summaryOf(events, new Map());
    expect([says(parts, 'the head'), says(parts, 'the tail')]).toEqual([true, true]);
  });

  test('what people said is kept where output is too long', () => {
    const events = [
      begun(),
      opened(),
      intended(),
      output({ head: 'x '.repeat(WORDS_LENGTH), tail: 'never reached' }),
      note('kept after all'),
    ];
    const summary = summaryOf(events);
    expect(summary.words.length).toBeLessThanOrEqual(WORDS_LENGTH + 1_000);
    expect([says(summary, 'kept after all'), says(summary, 'never reached')]).toEqual([true, false]);
  });
});
