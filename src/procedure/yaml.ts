/** YAML text to plain values that remember where they stood. Nothing here throws for what a file contains. */
import { load, parseEvents, YAMLException } from 'js-yaml';
import { type Finding, type Path, pathText } from './finding.ts';
import { type Node, nodeAt, pathTo, treeOf } from './yaml-tree.ts';

/** Counted from 1. */
export type Position = { readonly line: number; readonly column: number };

export type Located = {
  readonly value: unknown;
  /** Where the value at the path begins; for a path that is not there, where its nearest parent does. */
  positionOf(path: Path): Position;
  /** Where the key of the last part stands. */
  keyPositionOf(path: Path): Position;
};

export type YamlResult = { readonly kind: 'ok'; readonly value: Located } | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

/** Far above any procedure; a larger file is a mistake or an attack. */
const maxBytes = 1024 * 1024;
/** Counted with every alias written out, so that a few lines cannot become millions of values. */
const maxNodes = 50_000;
const maxDepth = 30;

export function parseYaml(text: string, file: string): YamlResult {
  const whole = (message: string, check: string): YamlResult => ({
    kind: 'bad',
    findings: [{ file, line: 1, column: 1, path: '', message, check }],
  });
  if (Buffer.byteLength(text) > maxBytes) return whole('the file is larger than 1 MiB', 'whether this is the file that you meant');
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    const tree = treeOf(source, parseEvents(source, { maxDepth }));
    if (tree === undefined) return whole('the file is empty', 'whether it was saved');
    if (tree.size > maxNodes)
      return whole('its aliases (*name) unfold to too many values', 'write the values out, or use `shared` and `use`');
    const value = located(source, load(source, { maxDepth }), tree);
    const odd = pathTo(tree, '__proto__');
    if (odd !== undefined) return { kind: 'bad', findings: [oddKey(odd, value, file)] };
    return { kind: 'ok', value };
  } catch (error) {
    if (error instanceof YAMLException) return { kind: 'bad', findings: [syntaxFinding(error, source, file)] };
    throw error;
  }
}

function located(source: string, value: unknown, tree: Node): Located {
  const starts = lineStarts(source);
  const keyOf = (path: Path): number => {
    const node = nodeAt(tree, path);
    return node.key >= 0 ? node.key : node.at;
  };
  return {
    value,
    positionOf: (path) => {
      const { at } = nodeAt(tree, path);
      return positionAt(starts, at >= 0 ? at : keyOf(path));
    },
    keyPositionOf: (path) => positionAt(starts, keyOf(path)),
  };
}

/** A schema would leave such a key out without a word. */
function oddKey(path: Path, value: Located, file: string): Finding {
  const message = 'the name "__proto__" is not allowed';
  return { file, ...value.keyPositionOf(path), path: pathText(path), message, check: 'the spelling of the name' };
}

function lineStarts(source: string): readonly number[] {
  return [0, ...[...source.matchAll(/\r\n|\n|\r/g)].map((match) => match.index + match[0].length)];
}

function positionAt(starts: readonly number[], offset: number): Position {
  const at = Math.max(0, offset);
  const line = Math.max(1, countUpTo(starts, at));
  return { line, column: at - (starts[line - 1] ?? 0) + 1 };
}

/** How many entries of a rising list are not above the value. */
function countUpTo(rising: readonly number[], value: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rising[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function syntaxFinding(error: YAMLException, source: string, file: string): Finding {
  const line = (error.mark?.line ?? 0) + 1;
  const column = (error.mark?.column ?? 0) + 1;
  const near = /^[^\s:]{1,60}/.exec(source.slice(error.mark?.position ?? 0))?.[0] ?? '';
  return { file, line, column, path: '', ...explained(error.reason, near) };
}

function explained(reason: string, near: string): { readonly message: string; readonly check: string } {
  if (reason.includes('duplicated mapping key')) return { message: `the key "${near}" stands here twice`, check: 'keep one of the two' };
  if (reason.includes('unknown')) return { message: `not allowed here: ${reason}`, check: 'write the plain value, without a !tag' };
  if (reason.includes('empty')) return { message: 'the file is empty', check: 'whether it was saved' };
  if (reason.includes('single document'))
    return { message: 'the file holds more than one document', check: 'the lines ---; one file is one document' };
  return {
    message: `not valid YAML: ${reason}`,
    check:
      'indentation (spaces, no tabs), quotation marks and colons on this line and the one above; text with ": " or a leading % @ ` * & needs quotes',
  };
}
