/** Looks at a file on a host without changing anything there. */
import type { Connections } from './connections.ts';
import { fileScript } from './file-texts.ts';
import type { HostProblem } from './outcome.ts';
import { probe } from './probe.ts';
import type { Target } from './target.ts';

/** A regular file, seen through links. */
export type FileFacts = {
  readonly bytes: number;
  /** Octal, four digits, as `chmod` takes it: `0644`. */
  readonly mode: string;
  /** By name; by number where the host has no name for it. */
  readonly owner: string;
  readonly group: string;
  /** The path itself is a symbolic link to the file: writing over the path would replace the link. */
  readonly link: boolean;
};

export type NoFile =
  | { readonly kind: 'missing' }
  /** `what` it is instead, in words. */
  | { readonly kind: 'notAFile'; readonly what: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/** What the script told: the facts before and after whatever was done in between, and the digest if there was to be one. */
export type Seen = {
  readonly kind: 'file';
  readonly facts: FileFacts;
  /** Differs when anything about the file has changed. */
  readonly before: string;
  readonly after: string;
  readonly sha256: string;
};

export type Looked =
  | Seen
  | NoFile
  | { readonly kind: 'refused'; readonly why: HostProblem }
  /** The connection went, or it took too long: look again. */
  | { readonly kind: 'lost'; readonly why: string };

/** A digest of the largest file that anybody looks at is done by then. */
const LOOK_SECONDS = 3600;
const FACTS = 4;

/** `describe` reads the file to its end, `facts` does not. */
export async function look(connections: Connections, target: Target, path: string, act: 'describe' | 'facts'): Promise<Looked> {
  const env = { FILE_PATH: path, FILE_DO: act };
  const answer = await probe(connections, target, { script: fileScript, env, timeoutSeconds: LOOK_SECONDS });
  switch (answer.kind) {
    case 'refused':
    case 'lost':
      return answer;
    case 'timedOut':
      return { kind: 'lost', why: `${target.host} took more than ${LOOK_SECONDS} seconds to look at ${path}` };
    case 'answered':
      return readFacts(answer.stderr, act === 'describe');
  }
}

/** Reads what the script told on stderr. */
export function readFacts(told: string, digested: boolean): Seen | NoFile {
  const [first = '', ...lines] = told.split('\n');
  if (first === 'missing') return { kind: 'missing' };
  if (first.startsWith('other ')) return { kind: 'notAFile', what: first.slice('other '.length) };
  if (first === 'unreadable') return { kind: 'unreadable', why: lines[0] ?? '' };
  const before = lines.slice(0, FACTS);
  const after = lines.slice(FACTS + (digested ? 1 : 0)).slice(0, FACTS);
  const facts = factsOf(before, first === 'link');
  if ((first !== 'file' && first !== 'link') || facts === null || after[FACTS - 1] === undefined)
    return { kind: 'unreadable', why: `it could not be looked at to its end; the host said: ${told.trim().slice(-300)}` };
  const sha256 = digested ? digestIn(lines[FACTS] ?? '') : '';
  if (sha256 === null) return { kind: 'unreadable', why: 'the host has none of sha256sum, shasum and openssl' };
  return { kind: 'file', facts, before: before.join('\n'), after: after.join('\n'), sha256 };
}

function factsOf([numbers = '', owner = '', group = '']: readonly string[], link: boolean): FileFacts | null {
  const [bytes = '', mode = '', uid = '', gid = ''] = numbers.split(' ');
  if (![bytes, uid, gid].every((number) => /^\d+$/.test(number)) || !/^[0-7]+$/.test(mode)) return null;
  const named = (name: string, id: string): string => (name === '' || name === 'UNKNOWN' ? id : name);
  return { bytes: Number(bytes), mode: mode.padStart(4, '0'), owner: named(owner, uid), group: named(group, gid), link };
}

/** The digest in a line of sha256sum, shasum or openssl. */
export function digestIn(line: string): string | null {
  return /\b[0-9a-f]{64}\b/.exec(line)?.[0] ?? null;
}
