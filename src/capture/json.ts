import type { Reading } from './read.ts';

const maxLength = 1024 * 1024;
const maxDepth = 50;

/** `json`: whatever stood there. Nothing else may be printed to the standard output. */
export function readJson(text: string): Reading {
  if (text.length > maxLength) return { kind: 'unreadable', why: 'it is longer than 1 MiB' };
  if (text.trim() === '') return { kind: 'unreadable', why: 'it is empty' };
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isDeeperThan(json, maxDepth)) return { kind: 'unreadable', why: `it is nested more than ${maxDepth} deep` };
    return { kind: 'read', values: { json } };
  } catch {
    return { kind: 'unreadable', why: 'it is not JSON' };
  }
}

/** Level by level, so that no depth can exhaust the stack. */
function isDeeperThan(value: unknown, depth: number): boolean {
  let level: readonly unknown[] = [value];
  for (let at = 0; level.length > 0; at++) {
    if (at > depth) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
