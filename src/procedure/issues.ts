/** zod's issues as findings for people. Also home of `strict`, the object schema whose misspelt keys can be explained. */
import { z } from 'zod';
import { type Finding, type Path, pathText, quoted } from './finding.ts';
import { didYouMean, listed, nearest } from './suggest.ts';
import type { Located } from './yaml.ts';

type Issue = z.core.$ZodIssue;

/** An object without other keys. Its issue for an unknown key carries the allowed ones as its message, for `findingsOf` to explain. */
export function strict<S extends z.core.$ZodLooseShape>(shape: S) {
  const allowed = Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? allowed : undefined) });
}

/** One finding per mistake, with its place. `page` is the document that explains the form. */
export function findingsOf(error: z.ZodError, located: Located, file: string, page: string): readonly Finding[] {
  return explainAll(error.issues, [], { located, file, page });
}

type Place = { readonly located: Located; readonly file: string; readonly page: string };

/** A misspelt key is also a missing one; it is told once. */
function explainAll(issues: readonly Issue[], above: Path, place: Place): readonly Finding[] {
  return issues
    .filter((issue) => !isMissing(issue, above, place) || misspelt(issue, issues) === undefined)
    .flatMap((issue) => explain(issue, above, place));
}

function isMissing(issue: Issue, above: Path, place: Place): boolean {
  return issue.path.length > 0 && valueAt(place.located.value, [...above, ...plain(issue.path)]) === undefined;
}

/** The unknown key beside it that was probably meant to be the one that is missing. */
function misspelt(missing: Issue, issues: readonly Issue[]): string | undefined {
  const parent = pathText(plain(missing.path.slice(0, -1)));
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && pathText(plain(issue.path)) === parent ? issue.keys : [],
  );
  return nearest(String(missing.path.at(-1)), unknown);
}

function explain(issue: Issue, above: Path, place: Place): readonly Finding[] {
  const path = [...above, ...plain(issue.path)];
  const found = valueAt(place.located.value, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, issue.message.split(', '), place));
    case 'invalid_union':
      return explainUnion(issue, path, found, place);
    case 'invalid_key':
      return [
        at(
          place,
          path,
          'key',
          `the name ${quoted(path.at(-1))} ${issue.issues[0]?.message ?? 'is not allowed'}`,
          'the spelling of the name',
        ),
      ];
    case 'invalid_type':
      return [
        found === undefined ? missing(path, place) : wrong(place, path, `must be ${kindNames[issue.expected] ?? issue.expected}`, found),
      ];
    case 'invalid_value':
      return [found === undefined ? missing(path, place) : wrong(place, path, `must be ${oneOf(issue.values)}`, found)];
    case 'too_small':
      return [wrong(place, path, `must have at least ${issue.minimum}${issue.origin === 'array' ? ' entry' : ''}`, found)];
    case 'too_big':
      return [wrong(place, path, `must not be above ${issue.maximum}`, found)];
    default:
      return [wrong(place, path, issue.message, found)];
  }
}

/** Of several forms, the one that the writer meant is the one with the fewest complaints about its own level. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, found: unknown, place: Place): readonly Finding[] {
  if (issue.errors.length === 0) {
    const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
    return [found === undefined ? missing(path, place, oneOf(options)) : wrong(place, path, `must be ${oneOf(options)}`, found)];
  }
  const ranked = issue.errors.map((issues) => ({ issues, score: scoreOf(issues, path, place) }));
  const best = ranked.reduce((a, b) => (b.score < a.score ? b : a));
  if (best.score < otherForm) {
    if (ranked.filter(({ score }) => score === best.score).length === 1) return explainAll(best.issues, path, place);
    const keys = ranked.map(({ issues }) => issues.find((each) => isMissing(each, path, place))?.path[0]);
    return keys.includes(undefined) ? explainAll(best.issues, path, place) : [noForm(keys.map(String), path, found, place)];
  }
  if (found === undefined) return [missing(path, place)];
  const kinds = ranked.flatMap(({ issues }) => issues.flatMap((each) => (each.path.length === 0 ? [wanted(each)] : [])));
  return [wrong(place, path, `must be ${[...new Set(kinds)].join(' or ')}`, found)];
}

/** Nothing in it says which of several forms was meant. */
function noForm(keys: readonly string[], path: Path, found: unknown, place: Place): Finding {
  const has = typeof found === 'object' && found !== null ? Object.keys(found) : [];
  const message = `nothing here says what it is: it needs one of the keys ${listed(keys)}; it has ${listed(has)}`;
  return at(place, path, 'value', message, `how each of them is written: ${place.page}`);
}

const otherForm = 1000;

/** Complaints count against a form; keys that it knows speak for it. */
function scoreOf(issues: readonly Issue[], above: Path, place: Place): number {
  const found = valueAt(place.located.value, above);
  const keys = typeof found === 'object' && found !== null ? Object.keys(found) : [];
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []));
  const known = issues.some((issue) => issue.path.length === 0 && issue.code !== 'unrecognized_keys') ? 0 : keys.length - unknown.length;
  return issues.reduce((sum, issue) => {
    const isMeant = isMissing(issue, above, place) && misspelt(issue, issues) !== undefined;
    return sum + weight(issue) - (isMeant ? 0.5 : 0);
  }, -1.5 * known);
}

function weight(issue: Issue): number {
  if (issue.code === 'unrecognized_keys') return issue.path.length === 0 ? issue.keys.length : 0.1;
  if (issue.path.length === 0) return otherForm;
  return issue.path.length === 1 ? 1 : 0.1;
}

function wanted(issue: Issue): string {
  if (issue.code === 'invalid_type') return kindNames[issue.expected] ?? issue.expected;
  return issue.code === 'invalid_value' ? oneOf(issue.values) : issue.message;
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
};

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? quoted(values[0]) : `one of ${values.map(String).join(', ')}`;
}

function unknownKey(key: string, path: Path, allowed: readonly string[], place: Place): Finding {
  const message = `unknown key "${key}"${didYouMean(key, allowed)}`;
  return at(place, [...path, key], 'key', message, `allowed here: ${listed(allowed)} (see ${place.page})`);
}

function missing(path: Path, place: Place, allowed?: string): Finding {
  const message = `the key "${String(path.at(-1) ?? '')}" is missing${allowed === undefined ? '' : ` (${allowed})`}`;
  if (path.length === 0) return at(place, path, 'value', 'nothing stands here', `what belongs here: ${place.page}`);
  return at(place, path, 'value', message, `add it; ${place.page} says what belongs there`);
}

function wrong(place: Place, path: Path, must: string, found: unknown): Finding {
  return at(place, path, 'value', `${must}; found ${quoted(found)}`, `the value, and ${place.page} for what is allowed`);
}

function at(place: Place, path: Path, what: 'key' | 'value', message: string, check: string): Finding {
  const position = what === 'key' ? place.located.keyPositionOf(path) : place.located.positionOf(path);
  return { file: place.file, ...position, path: pathText(path), message, check };
}

function plain(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null ? Object.entries(inside).find(([key]) => key === String(part))?.[1] : undefined,
    value,
  );
}
