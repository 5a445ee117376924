/**
 * Bordered tables, as `postgres_nodes` and `patronictl list` print them: log lines first, then a border, the names of the columns, a border,
 * the rows, a border. The cluster's name stands in a border (newer) or in a column of its own (older).
 */

import { excerpt, type Line, linesOf } from './lines.ts';
import type { Reading } from './read.ts';

type Row = Readonly<Record<string, unknown>>;
type Unreadable = { readonly kind: 'unreadable'; readonly why: string };
type Found<T> = { readonly kind: 'found'; readonly value: T } | Unreadable;

/** `rows` (a key per column: member, host, role, state, tl, lag …) and `table` {cluster, id}, both empty text where it says neither. */
export function readTable(text: string): Reading {
  const lines = linesOf(text);
  if (lines.kind === 'unreadable') return lines;
  const block = blockOf(lines.lines);
  if (block.kind === 'unreadable') return block;
  const rows = rowsOf(block.value);
  if (rows.kind === 'unreadable') return rows;
  return { kind: 'read', values: { rows: rows.value, table: titleOf(block.value, rows.value) } };
}

/** The lines of the one table; anything may stand before and after it. */
function blockOf(lines: readonly Line[]): Found<readonly Line[]> {
  const first = lines.findIndex(isTable);
  if (first < 0) return unreadable('it holds no table');
  const rest = lines.slice(first);
  const length = rest.findIndex((line) => !isTable(line));
  const block = length < 0 ? rest : rest.slice(0, length);
  if (length >= 0 && rest.slice(length).some(isTable)) return unreadable('it holds more than one table, or one that is interrupted');
  return whole(block);
}

/** Border, names, border, rows, border and nothing else: a table that was cut off must not pass for one with fewer rows. */
function whole(block: readonly Line[]): Found<readonly Line[]> {
  const borders = block.flatMap((line, index) => (isBorder(line) ? [index] : []));
  if (borders[0] !== 0 || borders[1] !== 2) return unreadable('its table has no line of column names between two borders');
  if (borders.length > 3) return unreadable('it holds more than one table');
  const isClosed = borders.length === 3 && borders[2] === block.length - 1;
  return isClosed ? { kind: 'found', value: block } : unreadable('its table is cut off: the last border is missing');
}

function rowsOf(block: readonly Line[]): Found<readonly Row[]> {
  const [header, ...lines] = block.filter((line) => !isBorder(line));
  const names = header === undefined ? [] : cellsOf(header).map(keyOf);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.length === 0 || names.includes('')) return unreadable('a column of its table has no name');
  if (twice !== undefined) return unreadable(`two columns of its table are called ${twice}`);
  if (lines.length === 0) return unreadable('its table has no rows');
  const wrong = lines.find((line) => cellsOf(line).length !== names.length);
  if (wrong !== undefined)
    return unreadable(`line ${wrong.number} has ${cellsOf(wrong).length} columns instead of ${names.length}: ${excerpt(wrong.text)}`);
  return { kind: 'found', value: lines.map((line) => rowOf(names, cellsOf(line))) };
}

function rowOf(names: readonly string[], cells: readonly string[]): Row {
  return Object.fromEntries(names.map((name, index) => [name, cellValue(name, cells[index] ?? '', names.includes('cluster'))]));
}

function cellValue(name: string, cell: string, isOlder: boolean): unknown {
  if (name === 'role') return roleOf(cell, isOlder);
  if (name === 'tl' || name === 'lag') return numberOf(cell);
  return cell;
}

/** Older versions, known by their Cluster column, leave a replica's role empty. */
function roleOf(cell: string, isOlder: boolean): string {
  if (cell === '') return isOlder ? 'Replica' : '';
  return cell.charAt(0).toUpperCase() + cell.slice(1);
}

/** null where the cell is empty; text where it is neither (`unknown`). */
function numberOf(cell: string): number | string | null {
  if (cell === '') return null;
  return /^[0-9]{1,15}$/.test(cell) ? Number(cell) : cell;
}

function titleOf(block: readonly Line[], rows: readonly Row[]): { readonly cluster: string; readonly id: string } {
  for (const line of block.filter(isBorder)) {
    const title = /^\+ Cluster: ([^()]{1,200}) \(([^()]{1,100})\)/.exec(line.text);
    if (title?.[1] !== undefined && title[2] !== undefined) return { cluster: title[1].trim(), id: title[2] };
  }
  const column = rows[0]?.cluster;
  return { cluster: typeof column === 'string' ? column : '', id: '' };
}

function isTable(line: Line): boolean {
  return isBorder(line) || line.text.startsWith('|');
}

function isBorder(line: Line): boolean {
  return /^\+[-+ ]/.test(line.text) && line.text.length > 1;
}

function cellsOf(line: Line): readonly string[] {
  const inner = line.text.slice(1, line.text.endsWith('|') ? -1 : undefined);
  return inner.split('|', 200).map((cell) => cell.trim());
}

/** `Lag in MB` → lag, `Pending restart` → pending_restart. */
function keyOf(name: string): string {
  const key = name
    .slice(0, 100)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '');
  return key === 'lag_in_mb' ? 'lag' : key;
}

function unreadable(why: string): Unreadable {
  return { kind: 'unreadable', why };
}
