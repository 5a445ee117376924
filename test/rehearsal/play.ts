/** A procedure and its test, both written in a Jest test, played as `keyturn test` plays them. */
import { formatFinding } from '../../src/procedure/finding.ts';
import { parseProcedure } from '../../src/procedure/parse.ts';
import { parseTest } from '../../src/rehearsal/parse.ts';
import { coverageIn, type FileResult, playFile } from '../../src/rehearsal/suite.ts';

export type Result = FileResult & {
  /** Of each case: nothing, or what was expected and what happened. */
  readonly told: readonly string[];
  /** Branches that no case takes, each as `S1 is never done`. */
  readonly missed: readonly string[];
};

export const FILE = 'procedures/sample/it.test.yaml';

/** `procedure` without its head, `test` without its first line. */
export async function play(procedure: string, test: string): Promise<Result> {
  const parsed = findingsIn(procedure, test);
  if (typeof parsed === 'string') throw new Error(parsed);
  const result = await playFile(parsed);
  const told = [...result.cases.map(({ failures }) => failures), result.failures].map((failures) =>
    failures.map(({ expected, happened }) => `${expected} | ${happened}`).join('\n'),
  );
  const missed = coverageIn([result]).flatMap((each) => each.missed.map(({ steps, never }) => `${steps.join(', ')} ${never}`));
  return { ...result, told, missed };
}

/** The test as it would be played, or every finding. */
export function findingsIn(procedure: string, test: string, texts: Readonly<Record<string, string>> = {}) {
  const built = parseProcedure(`procedure: it\nproduct: sample\ntitle: A sample\n${procedure}`, 'procedures/sample/it.yaml');
  if (built.kind === 'bad') throw new Error(built.findings.map(formatFinding).join('\n'));
  const parsed = parseTest(`tests: it\n${test}`, FILE, {
    procedures: [built.procedure],
    cluster: () => undefined,
    text: (path) => texts[path],
  });
  return parsed.kind === 'ok' ? parsed.test : parsed.findings.map(formatFinding).join('\n');
}

/** Two nodes, one of them the main one. */
export const CLUSTER = 'cluster: { hosts: { main-1: [main, node], node-2: [node] } }\n';
