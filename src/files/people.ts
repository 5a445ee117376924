/** Reads the file of people, anew for every decision: an edit counts at once. */
import { lstatSync } from 'node:fs';
import type { Identities } from '../inventory/people.ts';
import { parsePeople } from '../inventory/people.ts';
import { type Finding, formatFinding } from '../procedure/finding.ts';
import { finding, textOf } from './texts.ts';

export type Known =
  | { readonly kind: 'known'; readonly identities: Identities }
  | { readonly kind: 'broken'; readonly findings: readonly Finding[] };

/**
 * A file that is not there says nothing of anybody; one with a mistake, or behind a folder or a link that cannot be followed, says nothing that could be
 * relied on.
 */
export function loadPeople(file: string): Known {
  if (isAbsent(file)) return { kind: 'known', identities: new Map() };
  const text = textOf(file);
  if (typeof text !== 'string') return { kind: 'broken', findings: [text] };
  const parsed = parsePeople(text, file);
  return parsed.kind === 'bad' ? { kind: 'broken', findings: parsed.findings } : { kind: 'known', identities: parsed.identities };
}

/**
 * The same, read anew at each call. A file that somebody has named, or that was there before, and is gone is a mistake: with it the second accounts would
 * be people of their own.
 */
export function followPeople(file: string, isNamed: boolean): () => Known {
  let isWanted = isNamed;
  return () => {
    if (isAbsent(file) && isWanted) return { kind: 'broken', findings: [gone(file)] };
    isWanted ||= !isAbsent(file);
    return loadPeople(file);
  };
}

function gone(file: string): Finding {
  return finding(
    file,
    'the file of people is not there',
    'KEYTURN_PEOPLE, and what became of the file; an empty one has the line `people: {}`',
  );
}

/** The link itself counts: one that leads nowhere is a mount that is gone, and the second accounts with it. */
function isAbsent(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Why nobody can be told from anybody else, in one line. */
export function whyBroken({ findings }: Extract<Known, { kind: 'broken' }>): string {
  const [first] = findings;
  return first === undefined ? 'the file of people cannot be read' : `the file of people has a mistake: ${formatFinding(first)}`;
}
