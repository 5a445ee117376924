/** Results of rehearsals as plain text for a terminal. Pure. */
import type { Coverage } from '../rehearsal/branches.ts';
import type { Failure } from '../rehearsal/failure.ts';
import type { CaseResult, FileResult } from '../rehearsal/suite.ts';

export type Line = { readonly kind: 'good' | 'bad'; readonly text: string };

export function fileLines({ file, cases, failures }: FileResult): readonly Line[] {
  return [
    { kind: 'good', text: file },
    ...cases.flatMap((each) => caseLines(file, each)),
    ...failures.flatMap((failure) => [{ kind: 'bad', text: '  FAILED  the file as a whole' } as const, ...failureLines(failure)]),
  ];
}

function caseLines(file: string, { title, line, ms, failures }: CaseResult): readonly Line[] {
  const took = `(${Math.max(1, Math.round(ms))} ms)`;
  if (failures.length === 0) return [{ kind: 'good', text: `  passed  ${title} ${took}` }];
  return [{ kind: 'bad', text: `  FAILED  ${title} ${took}  ${file}:${line}` }, ...failures.flatMap(failureLines)];
}

function failureLines({ expected, happened, check }: Failure): readonly Line[] {
  const under = (label: string, text: string): Line => ({
    kind: 'bad',
    text: `${label.padStart(18)}  ${text.trimEnd().replaceAll('\n', `\n${' '.repeat(20)}`)}`,
  });
  return [under('expected', expected), under('happened', happened), under('Check:', check)];
}

export function coverageLines(name: string, { all, missed }: Coverage): readonly Line[] {
  const taken = all.length - missed.length;
  if (missed.length === 0) return [{ kind: 'good', text: `${name}: every one of its ${all.length} branches is taken.` }];
  const width = Math.min(24, Math.max(...missed.map(({ steps }) => steps.join(', ').length)));
  return [
    { kind: 'bad', text: `${name}: ${taken} of ${all.length} branches are taken. These are not:` },
    ...missed.map(({ steps, never }): Line => ({ kind: 'bad', text: `  ${steps.join(', ').padEnd(width)}  ${never}` })),
  ];
}

/** `mistakes`: in test files, which keep their cases from being played. */
export function summary(results: readonly FileResult[], mistakes: number, ms: number): Line {
  const cases = results.flatMap((each) => each.cases);
  const failed = cases.filter(({ failures }) => failures.length > 0).length + results.filter(({ failures }) => failures.length > 0).length;
  const wrong = mistakes === 0 ? '' : `${mistakes === 1 ? 'One thing is' : `${mistakes} things are`} wrong in test files. `;
  const all = `${cases.length} ${cases.length === 1 ? 'case' : 'cases'}`;
  if (failed > 0 || mistakes > 0) return { kind: 'bad', text: `${wrong}${failed} failed; ${all} in ${Math.round(ms)} ms.` };
  return { kind: 'good', text: `${all} passed in ${Math.round(ms)} ms.` };
}
