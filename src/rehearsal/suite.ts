/** Plays every case of test files and gathers what came of them. */
import type { Procedure } from '../procedure/model.ts';
import { takenIn } from './branches-taken.ts';
import { type Coverage, coverageOf } from './branches.ts';
import type { Failure } from './failure.ts';
import type { Case, TestFile } from './model.ts';
import { rehearse } from './rehearse.ts';
import { RUN } from './stage.ts';
import { verdictOn } from './verdict.ts';

export type CaseResult = {
  readonly title: string;
  readonly line: number;
  /** Nothing: it is as expected. */
  readonly failures: readonly Failure[];
  readonly ms: number;
  /** Branches of the procedure that it went. */
  readonly taken: ReadonlySet<string>;
};

export type FileResult = {
  readonly file: string;
  readonly procedure: Procedure;
  readonly cases: readonly CaseResult[];
  /** What is wrong with the file as a whole. */
  readonly failures: readonly Failure[];
};

/** `isWanted`: which cases; answers that all share are only held to be needed where all cases were played. */
export async function playFile(test: TestFile, isWanted: (wanted: Case) => boolean = () => true): Promise<FileResult> {
  const cases: CaseResult[] = [];
  const needed = new Set<unknown>();
  const wanted = test.cases.filter(isWanted);
  for (const each of wanted) {
    const from = performance.now();
    const played = await rehearse(test.procedure, each);
    const failures = verdictOn(each, played);
    const taken = await takenIn(RUN, played.recorded, played.outputText);
    for (const answer of played.answers.needed()) needed.add(answer);
    cases.push({ title: each.title, line: each.line, failures, ms: performance.now() - from, taken });
  }
  const idle = wanted.length === test.cases.length ? test.shared.filter((answer) => !needed.has(answer)) : [];
  return { file: test.file, procedure: test.procedure, cases, failures: idle.map(({ line }) => unneeded(line)) };
}

function unneeded(line: number): Failure {
  return {
    expected: `the answer in line ${line} is needed by some case`,
    happened: 'no case asked for it',
    check: 'the part of the script that it names, and answers before it that fit too',
  };
}

/** Of all test files of a procedure together. */
export function coverageIn(results: readonly FileResult[]): readonly (Coverage & { readonly procedure: Procedure })[] {
  const procedures = [...new Set(results.map(({ procedure }) => procedure))];
  return procedures.map((procedure) => {
    const mine = results.filter((each) => each.procedure === procedure).flatMap(({ cases }) => cases);
    const taken = new Set(mine.flatMap((each) => [...each.taken]));
    return { procedure, ...coverageOf(procedure, taken) };
  });
}
