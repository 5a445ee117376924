/** What is wrong, said to the person who can put it right: the place, the value, what is allowed, what to check. */

/** One thing wrong in a file. `line` and `column` count from 1; `path` is such as `steps[2].timeout`, empty for the file as a whole. */
export type Finding = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly check: string;
  /** The rule of `keyturn lint` that says so; absent for a mistake. */
  readonly rule?: string;
};

/** The same where there is no file to point into: inputs given in a command, a procedure that does not fit a cluster. */
export type Problem = { readonly path: string; readonly message: string; readonly check: string };

export type Path = readonly (string | number)[];

/** `procedures/atscale/restart.yaml:12:7  steps[2].timeout: what happened [rule]` and, on a line of its own, what to check. */
export function formatFinding(finding: Finding): string {
  const place = `${finding.file}:${finding.line}:${finding.column}`;
  return `${place}  ${finding.path === '' ? '' : `${finding.path}: `}${finding.message}${finding.rule === undefined ? '' : ` [${finding.rule}]`}\n  Check: ${finding.check}`;
}

/** What happened and, on a line of its own, what to check. */
export function formatProblem(problem: Problem): string {
  return `${problem.message}\n  Check: ${problem.check}`;
}

/** `['steps', 2, 'env', 'A']` → `steps[2].env.A`; a name with other characters stands in quotation marks. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** In the order of the file, each said once (a shared entry is read by every step that uses it); those of other files after it. */
export function inFileOrder(findings: readonly Finding[], first = findings[0]?.file ?? ''): readonly Finding[] {
  const unique = new Map(findings.map((finding) => [`${finding.file}:${finding.line}:${finding.column}:${finding.message}`, finding]));
  const elsewhere = (finding: Finding): number => (finding.file === first ? 0 : 1);
  return [...unique.values()].sort(
    (a, b) => elsewhere(a) - elsewhere(b) || a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
}

/** A value as a message may quote it: short, on one line. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'number' && !Number.isFinite(member) ? String(member) : member,
  );
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
