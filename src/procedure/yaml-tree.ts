/** Where each value of a YAML file stands, from the parser's event stream; the values themselves come from `load`. */
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { Path } from './finding.ts';

/** `at`: offset of the value (-1 where it is empty); `key`: offset of its key; `size`: nodes below, with every alias written out. */
export type Node = { readonly at: number; readonly key: number; readonly size: number; readonly children: ReadonlyMap<string, Node> };

type Cursor = { next: number; readonly events: readonly Event[]; readonly source: string; readonly anchors: Map<string, number> };

const empty: ReadonlyMap<string, Node> = new Map();

/** The tree of the first document; undefined for a stream without one. An alias inside its own anchor has infinite size. */
export function treeOf(source: string, events: readonly Event[]): Node | undefined {
  const cursor: Cursor = { next: 0, events, source, anchors: new Map() };
  const first = events[cursor.next++];
  return first?.type === EVENT_ID.DOCUMENT ? readNode(cursor, -1) : undefined;
}

/** The node at a path, or the nearest one above it, with whether the whole path was there. */
export function nodeAt(root: Node, path: Path): Node {
  let node = root;
  for (const part of path) {
    const child = node.children.get(String(part));
    if (child === undefined) return node;
    node = child;
  }
  return node;
}

/** Where a key of that name stands first, if one does. */
export function pathTo(root: Node, name: string): Path | undefined {
  for (const [key, child] of root.children) {
    const part = /^[0-9]+$/.test(key) ? Number(key) : key;
    if (key === name) return [part];
    const below = pathTo(child, name);
    if (below !== undefined) return [part, ...below];
  }
  return undefined;
}

function readNode(cursor: Cursor, key: number): Node | undefined {
  const event = cursor.events[cursor.next++];
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return anchored(cursor, event, () => ({ at: scalarStart(event), key, size: 1, children: empty }));
    case EVENT_ID.ALIAS: {
      const size = cursor.anchors.get(cursor.source.slice(event.anchorStart, event.anchorEnd)) ?? 1;
      return { at: event.anchorStart - 1, key, size, children: empty };
    }
    case EVENT_ID.SEQUENCE:
      return anchored(cursor, event, () => withChildren(event.start, key, readItems(cursor)));
    case EVENT_ID.MAPPING:
      return anchored(cursor, event, () => withChildren(event.start, key, readMembers(cursor)));
    default:
      return undefined;
  }
}

function anchored(cursor: Cursor, event: { readonly anchorStart: number; readonly anchorEnd: number }, read: () => Node): Node {
  if (event.anchorStart < 0) return read();
  const name = cursor.source.slice(event.anchorStart, event.anchorEnd);
  cursor.anchors.set(name, Number.POSITIVE_INFINITY);
  const node = read();
  cursor.anchors.set(name, node.size);
  return node;
}

function readItems(cursor: Cursor): Map<string, Node> {
  const children = new Map<string, Node>();
  for (let node = readNode(cursor, -1); node !== undefined; node = readNode(cursor, -1)) children.set(String(children.size), node);
  return children;
}

function readMembers(cursor: Cursor): Map<string, Node> {
  const children = new Map<string, Node>();
  for (;;) {
    const event = cursor.events[cursor.next];
    const key = readNode(cursor, -1);
    if (key === undefined) return children;
    const value = readNode(cursor, key.at);
    const name = event?.type === EVENT_ID.SCALAR ? getScalarValue(cursor.source, event) : '';
    if (value !== undefined) children.set(name, value);
  }
}

function withChildren(at: number, key: number, children: ReadonlyMap<string, Node>): Node {
  const size = [...children.values()].reduce((sum, child) => sum + child.size, 1);
  return { at, key, size, children };
}

/** A quoted text is pointed at by its quotation mark. */
function scalarStart(event: ScalarEvent): number {
  const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return isQuoted ? event.valueStart - 1 : event.valueStart;
}
