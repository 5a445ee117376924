/** How a case ended against how it should end, in words for its author. Pure. */
import { canonical } from '../canonical.ts';
import { wordOf } from './build.ts';
import type { Failure } from './failure.ts';
import { placeText } from './happened.ts';
import type { ExpectedEnd } from './model.ts';
import type { Asked } from './people.ts';
import type { Played } from './rehearse.ts';

type Ended = Exclude<Played['end'], { kind: 'broken' }>;

export function endFailures(expected: ExpectedEnd, end: Ended): readonly Failure[] {
  if (isSo(expected, end)) return [];
  return [{ expected: expectedWords(expected), happened: endWords(end), check: checkFor(expected, end) }];
}

function isSo(expected: ExpectedEnd, end: Ended): boolean {
  if (end.kind === 'refused') return expected.kind === 'refused' && end.why.some((why) => why.includes(expected.because));
  switch (expected.kind) {
    case 'refused':
      return false;
    case 'ended':
      return end.state.ended?.outcome === expected.outcome;
    case 'waits':
      return end.state.ended === undefined && end.waiting.some((asked) => asked.kind !== 'trouble' && isAt(expected, asked));
    case 'stopped':
      return (
        end.state.ended === undefined &&
        end.waiting.some((asked) => asked.kind === 'trouble' && isAt(expected, asked) && offers(expected, asked))
      );
  }
}

function offers({ offers: wanted }: Extract<ExpectedEnd, { kind: 'stopped' }>, { trouble }: Extract<Asked, { kind: 'trouble' }>): boolean {
  return wanted === undefined || canonical([...wanted].sort()) === canonical([...new Set(trouble.choices)].sort());
}

function isAt({ step, host, because }: Extract<ExpectedEnd, { kind: 'stopped' | 'waits' }>, asked: Asked): boolean {
  if (asked.step !== step || (host !== undefined && asked.host !== host)) return false;
  return because === undefined || wordsOf(asked).includes(because);
}

function wordsOf(asked: Asked): string {
  switch (asked.kind) {
    case 'approval':
      return asked.approval.why;
    case 'question':
      return asked.question.text;
    case 'trouble':
      return asked.trouble.what.why;
  }
}

function expectedWords(expected: ExpectedEnd): string {
  switch (expected.kind) {
    case 'ended':
      return expected.outcome;
    case 'refused':
      return `refused, because “${expected.because}”`;
    case 'waits':
    case 'stopped': {
      const because = expected.because === undefined ? '' : `, because “${expected.because}”`;
      const offers =
        expected.kind === 'stopped' && expected.offers !== undefined ? `, with the choices ${expected.offers.map(wordOf).join(', ')}` : '';
      return `${expected.kind} at ${placeText(expected)}${because}${offers}`;
    }
  }
}

function endWords(end: Ended): string {
  if (end.kind === 'refused') return `refused: ${end.why.join('; ')}`;
  const { ended } = end.state;
  if (ended !== undefined) return `${ended.outcome}: ${ended.why}`;
  return end.waiting.map(askedWords).join('\nand ');
}

function askedWords(asked: Asked): string {
  const at = placeText(asked);
  if (asked.kind === 'approval') return `waits at ${at} for an approval: ${wordsOf(asked)}`;
  if (asked.kind === 'question') return `waits at ${at} for an answer: ${wordsOf(asked)}`;
  return `stopped at ${at}, ${asked.trouble.what.kind}: ${wordsOf(asked)} (choices: ${[...new Set(asked.trouble.choices)].map(wordOf).join(', ')})`;
}

function checkFor(expected: ExpectedEnd, end: Ended): string {
  if (end.kind === 'refused') return 'params, cluster and secrets of the case';
  const [asked] = end.waiting;
  if (end.state.ended !== undefined || asked === undefined) return '`expect` of the case, and the step where it should have ended';
  if (expected.kind === 'waits' && asked.kind === 'trouble' && asked.trouble.what.kind === 'expired') {
    return 'a request that nobody approves expires: write `stopped` in place of `waits`, which is for questions';
  }
  return `step ${asked.step} of the procedure, what \`answers\` gives it, and \`people\``;
}
