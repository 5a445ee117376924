/**
 * `npm run bench -- record`: a record of 100,000 runs (a real restart, run again and again under other names and times: 80 events, 67 kB each), moved into the
 * archive with its list of runs, on a Redis of its own; then time and memory of `keyturn verify` and of an export of one month, each as a process.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pino } from 'pino';
import { archivePath } from '../src/archive/files.ts';
import { packSegment, SEGMENTS, segmentPath } from '../src/archive/segments.ts';
import { canonical, digestOf } from '../src/canonical.ts';
import { keysFrom } from '../src/installation-key.ts';
import { keys } from '../src/journal/keys.ts';
import type { Raw } from '../src/journal/raw.ts';
import { idOf, RUNS_NAME, type RunsEvent } from '../src/journal/runs-events.ts';
import { createSealer, type Sealer } from '../src/journal/seal.ts';
import { genesis, hashOfTexts, type Head } from '../src/journal/stored.ts';
import { recordSchema, type RunRecord } from '../src/record/model.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../src/redis/connect.ts';
import { startOwnRedis } from '../src/redis/own-server.ts';
import { runEventSchema } from '../src/run/events.ts';
import { createSigner, headStatement } from '../src/signature.ts';
import { WITNESS_FILES } from '../src/journal/witness.ts';

const RUNS = Number(process.env.KEYTURN_BENCH_RUNS ?? '100000');
const MONTHS = 24;
const BEGAN = Date.UTC(2024, 0, 1);
const EVERY_MS = (MONTHS * 30 * 86_400_000) / RUNS;
/** Of the list, in one file; the last part stays in Redis. */
const PIECE = 2_000;
const AT_ONCE = 16;
const SECRET = Buffer.alloc(32, 'bench');
const keyFor = keysFrom(SECRET);
const pack = promisify(gzip);

export async function benchRecord(print: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-bench-'));
  writeFileSync(join(folder, 'installation.key'), `${SECRET.toString('base64')}\n`, { mode: 0o600 });
  const log = pino({ level: 'silent' });
  const own = await startOwnRedis(folder, log);
  const redis = await connectRedis(own.url, { role: 'journal', log });
  try {
    const began = performance.now();
    await makeRecord(redis, folder, print);
    print(`${RUNS} runs made in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    await measure(print, folder, 'verify');
    await measure(print, folder, 'export', '--from', '2025-06-01', '--to', '2025-06-30', '--out', join(folder, 'month.json'));
    print(`  the file has ${megabytes(statSync(join(folder, 'month.json')).size)}`);
    await measure(print, folder, 'verify', join(folder, 'month.json'));
  } finally {
    await disconnectRedis(redis);
    await own.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As keep-run.ts, listing.ts and move-runs.ts leave it. */
async function makeRecord(redis: RedisClient, folder: string, print: (line: string) => void): Promise<void> {
  const example = recordSchema.parse(JSON.parse(readFileSync('docs/examples/atscale-restart.json', 'utf8')));
  const list = createLog();
  for (let from = 0; from < RUNS; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, RUNS - from) }, (_, at) => from + at);
    const made = await Promise.all(numbers.map((number) => makeRun(folder, example, number)));
    for (const { entries, at } of made) for (const event of entries) list.add(event, at);
    const scores = made.flatMap(({ run, at }) => [at, run]);
    await redis.zadd(keys.finished, ...scores);
    await list.keep(folder, redis, false);
    if (from % 10_000 < AT_ONCE && from > 0) print(`  ${from} runs made …`);
  }
  await list.keep(folder, redis, true);
  writeFileSync(join(folder, WITNESS_FILES.runs), JSON.stringify(list.head()));
}

type Made = { readonly run: string; readonly at: number; readonly entries: readonly RunsEvent[] };

async function makeRun(folder: string, example: RunRecord, number: number): Promise<Made> {
  const run = `run${number.toString(36).padStart(8, '0')}`;
  const record = renamed(example, run, BEGAN + Math.round(number * EVERY_MS));
  const [first, last] = [record.entries[0], record.entries.at(-1)];
  if (first === undefined || last === undefined) throw new Error('an example without events');
  const file = archivePath(run, Number(last.at));
  const packed = await pack(JSON.stringify(record), { level: 1 });
  mkdirSync(join(folder, file, '..'), { recursive: true });
  await writeFile(join(folder, file), packed, { mode: 0o600 });
  const sha256 = createHash('sha256').update(packed).digest('hex');
  const named = { run, procedure: 'restart', cluster: `cluster-${number % 60}`, requester: 'U0DANA0001' };
  const entries: readonly RunsEvent[] = [
    { kind: 'runBegan', ...named, first: first.hash },
    { kind: 'runEnded', run, outcome: 'succeeded', seq: last.seq, hash: last.hash },
    { kind: 'runArchived', run, file, sha256 },
  ];
  return { run, at: Number(last.at), entries };
}

/** The same run under another name at another time; approvals are of that name, so their digests are made anew. */
function renamed(example: RunRecord, run: string, began: number): RunRecord {
  const later = began - Number(example.entries[0]?.at);
  const shift = (text: string): string => text.replace(/\b1[789]\d{11}\b/g, (time) => String(Number(time) + later));
  const digests = new Map<string, string>();
  const sealer = createSealer(keyFor('journal'));
  let head: Head = { seq: 0, hash: genesis(run) };
  let setting = { procedure: '', cluster: '' };
  const entries = example.entries.map((entry) => {
    const old = runEventSchema.parse(JSON.parse(entry.event));
    if (old.kind === 'runRequested') setting = { procedure: old.procedure.hash, cluster: old.cluster.hash };
    if (old.kind === 'approvalRequested') {
      const shifted = runEventSchema.parse(JSON.parse(shift(entry.event)));
      if (shifted.kind === 'approvalRequested') digests.set(old.digest, digestOf({ run, ...setting, subject: shifted.subject }));
    }
    let event = shift(entry.event).replaceAll(example.run, run);
    for (const [before, now] of digests) event = event.replaceAll(before, now);
    const texts = { seq: entry.seq, id: entry.id, at: String(Number(entry.at) + later), actor: entry.actor, prev: head.hash, event };
    head = { seq: entry.seq, hash: hashOfTexts(run, texts) };
    return { ...texts, hash: head.hash, seal: sealer.seal(head.hash) };
  });
  const outputs = example.outputs.map((each) => ({ ...each, content: { kind: 'elsewhere' as const, why: 'it lies in the folder' } }));
  const signature = createSigner(keyFor('signature')).sign(headStatement(run, head));
  return { ...example, run, entries, outputs, signature };
}

/** The list of runs, entry by entry. */
function createLog() {
  const sealer: Sealer = createSealer(keyFor('runs'));
  let head: Head = { seq: 0, hash: genesis(RUNS_NAME) };
  let kept: Raw[] = [];
  return {
    head: () => head,
    add(event: RunsEvent, at: number): void {
      const texts = {
        seq: head.seq + 1,
        id: `${idOf(event)}.0`,
        at: String(at),
        actor: '{"kind":"keyturn"}',
        prev: head.hash,
        event: canonical(event),
      };
      head = { seq: texts.seq, hash: hashOfTexts(RUNS_NAME, texts) };
      kept.push({ ...texts, hash: head.hash, seal: sealer.seal(head.hash) });
    },
    /** Whole pieces into files; at the end the rest into Redis. */
    async keep(folder: string, redis: RedisClient, isEnd: boolean): Promise<void> {
      while (kept.length > PIECE) {
        const piece = kept.slice(0, PIECE);
        kept = kept.slice(PIECE);
        mkdirSync(join(folder, SEGMENTS), { recursive: true });
        await writeFile(join(folder, segmentPath(piece[0]?.seq ?? 0, piece.at(-1)?.seq ?? 0)), await packSegment(piece));
      }
      if (!isEnd) return;
      for (const { seq, id, at, actor, prev, hash, event, seal = '' } of kept)
        await redis.xadd(keys.runs, `${seq}-0`, ...Object.entries({ id, at, actor, prev, hash, event, seal }).flat());
      await redis.hset(keys.runsHead, 'seq', String(head.seq), 'hash', head.hash);
    },
  };
}

/** Time, the most memory that it ever had (VmHWM, Linux), and its last words. */
async function measure(print: (line: string) => void, folder: string, ...args: readonly string[]): Promise<void> {
  const began = performance.now();
  const main = join(import.meta.dirname, '../src/cli/main.js');
  const env = { PATH: process.env.PATH, KEYTURN_DATA: folder };
  const child = spawn(process.execPath, [main, ...args], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let most = 0;
  const look = setInterval(() => {
    most = Math.max(most, highWater(child.pid));
  }, 100);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      said.push(...text.split('\n').filter((line) => !/^$|^run\S+ {2}sound/.test(line)));
      said.splice(0, said.length - 3);
    });
  }
  const code = await new Promise((done) => child.on('close', done));
  clearInterval(look);
  print(`keyturn ${args[0]}: ${((performance.now() - began) / 1000).toFixed(1)} s, at most ${megabytes(most)}, exit code ${code}`);
  for (const line of said) print(`  ${line}`);
}

function highWater(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(0)} MB`;
}
