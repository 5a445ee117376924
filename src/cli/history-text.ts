/** Runs that were found, for people and for programs. Pure; described in docs/history.md. */
import type { Row } from '../history/index.ts';
import { duration } from '../slack/views/times.ts';
import { utcSecond } from '../utc.ts';
import { iso, isoOrNull } from './show-json.ts';

export type Found = Row & { readonly permalink: string | undefined };

export function rowJson({ started, ended, ...rest }: Found) {
  return {
    ...rest,
    started: iso(started),
    ended: isoOrNull(ended),
    durationMs: ended === undefined ? null : ended - started,
    permalink: rest.permalink ?? null,
  };
}

export function historyLines(rows: readonly Found[], searched: string, more: string | undefined): readonly string[] {
  if (rows.length === 0) return [`Nothing was found. Searched: ${searched}.`];
  return [...rows.flatMap(rowLines), ...(more === undefined ? [] : ['', more])];
}

function rowLines(row: Found): readonly string[] {
  const took = row.ended === undefined ? '' : `, took ${duration(row.ended - row.started)}`;
  const approved = row.approvers.map(({ user, name }) => `${name} (${user})`).join(', ') || 'nobody';
  const glass = row.glass === undefined ? '' : `, BREAK-GLASS by ${row.glass.map(({ user, name }) => `${name} (${user})`).join(', ')}`;
  const { requester } = row;
  return [
    `${utcSecond(row.started)}  ${row.run}  ${row.procedure} on ${row.cluster}: ${row.outcome}${took}`,
    `  asked by ${requester.name} (${requester.user}), approved by ${approved}${glass}${row.permalink === undefined ? '' : `  ${row.permalink}`}`,
  ];
}
