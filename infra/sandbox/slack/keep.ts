/**
 * Keeps the workspace in a file, so that a sandbox that was killed goes on where it was. What is said is on the disk before the caller is told:
 * the world announces a change before its answer leaves, and the write here is synchronous.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type Snapshot, snapshotSchema } from './snapshot.ts';
import type { World } from './world.ts';

const KEPT: ReadonlySet<string> = new Set(['message', 'message_deleted', 'ephemeral', 'ephemeral_gone']);

/** Fills the world from the file, if there is one, and writes each change back. */
export function keepWorld(world: World, file: string): void {
  if (existsSync(file)) world.restore(parse(file));
  world.onChange((change) => {
    if (KEPT.has(change.kind)) write(world, file);
  });
}

function parse(file: string): Snapshot {
  const parsed = snapshotSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not a kept sandbox workspace; delete it to begin anew. ${z.prettifyError(parsed.error)}`);
}

function write(world: World, file: string): void {
  writeFileSync(`${file}.new`, JSON.stringify(world.snapshot()));
  renameSync(`${file}.new`, file);
}
