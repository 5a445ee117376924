/** `keyturn verify` in this process, on the stores of the archive's tests: what it says, by place and kind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { runCli } from '../../src/cli/main.ts';
import type { CliWorld } from '../../src/cli/world.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { createListing } from '../../src/worker/listing.ts';
import type { Store } from '../archive/support.ts';
import { actorOf } from '../run/histories.ts';

export const SECRET = Buffer.alloc(32, 'archive tests');

const faults = z.array(z.looseObject({ kind: z.string(), seq: z.number(), sentence: z.string() }));
const told = z.looseObject({
  runs: z.array(z.looseObject({ run: z.string(), faults })),
  register: faults,
  list: faults,
  notices: z.array(z.looseObject({ sentence: z.string() })),
});

export type Told = {
  readonly code: number;
  /** `<run or list or register> <kind>`, each once. */
  readonly found: readonly string[];
  readonly sentences: string;
  readonly notices: string;
};

/** The key file of these stores' installation. */
export function giveKey(store: Store): void {
  mkdirSync(store.data, { recursive: true });
  writeFileSync(join(store.data, 'installation.key'), `${SECRET.toString('base64')}\n`, { mode: 0o600 });
}

export async function run(env: CliWorld['env'], ...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const nobody = { ask: async () => false, type: async () => undefined, print: async (piece: string) => void out.push(piece) };
  const code = await runCli(args, { env, say: (line) => void out.push(line), complain: (line) => void err.push(line), ...nobody });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

export async function verified(url: string, store: Store, ...named: readonly string[]): Promise<Told> {
  const env = { REDIS_URL: url, KEYTURN_DATA: store.data, KEYTURN_RECORD: store.record };
  const { code, out, err } = await run(env, 'verify', '--json', ...named);
  if (out === '') throw new Error(err);
  const { runs, register, list, notices } = told.parse(JSON.parse(out));
  const all = [
    ...runs.flatMap((each) => each.faults.map((fault) => ({ ...fault, place: each.run }))),
    ...register.map((fault) => ({ ...fault, place: 'register' })),
    ...list.map((fault) => ({ ...fault, place: 'list' })),
  ];
  return {
    code,
    found: [...new Set(all.map(({ place, kind }) => `${place} ${kind}`))],
    sentences: all.map(({ sentence }) => sentence).join('\n'),
    notices: notices.map(({ sentence }) => sentence).join('\n'),
  };
}

/** Unpacks to so many megabytes of nothing: members of a gzip file follow each other (RFC 1952, 2.2). */
export function bomb(megabytes: number): Buffer {
  const one = gzipSync(Buffer.alloc(1024 ** 2, ' '));
  return Buffer.concat(Array.from({ length: megabytes }, () => one));
}

/** As desk, worker and outbox leave it: listed, and shown in its thread. A minute between two events. */
export async function writeRun(store: Store, run: string, events: readonly RunEvent[], at: number): Promise<void> {
  const [first, ...rest] = events;
  if (first === undefined) throw new Error('no event');
  const created = await store.journal.create(run, [first], { at, actor: actorOf(first), requestId: run });
  if (created.kind !== 'created') throw new Error(created.kind);
  const listing = createListing({ ...store, now: () => at });
  await listing.note(run, created.stored);
  let { head } = created;
  for (const [index, event] of rest.entries()) {
    const closes = event.kind === 'runEnded' ? { closes: {} } : {};
    const how = { at: at + (index + 1) * 60_000, actor: actorOf(event), ...closes };
    const appended = await store.journal.append(run, head, [event], how);
    if (appended.kind !== 'appended') throw new Error(appended.kind);
    head = appended.head;
  }
  if (events.at(-1)?.kind !== 'runEnded') return;
  const ended = createListing({ ...store, now: () => at + rest.length * 60_000 });
  await ended.ensure(run, 'ended');
  await store.notes.thread(run).set('projected', String(head.seq));
}
