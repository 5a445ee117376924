/**
 * Somebody can write to Redis and wants Keyturn to run their commands on the hosts, or to take an approval that nobody gave. The built bot, with
 * everything but the installation's key in the attacker's hands; and once with it, which shows that the forgery is otherwise right.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { keysFrom } from '../../src/installation-key.ts';
import { keys } from '../../src/journal/keys.ts';
import { createSealer, type Sealer } from '../../src/journal/seal.ts';
import { chainAfter, genesis, type Head } from '../../src/journal/stored.ts';
import { openCard, toldAfter, townOver } from './attacker.ts';
import type { ThreadView, Town } from './town.ts';

let town: Town;
let redis: Redis;
let thread: ThreadView;

const keyturn = { kind: 'keyturn' } as const;
const FIELDS = ['id', 'at', 'actor', 'prev', 'hash', 'event', 'seal'];
const guessed = createSealer(Buffer.alloc(32, 'a guess'));
const DANA = 'U0DANA0001';

beforeAll(async () => {
  town = await townOver('socket', { tampers: true });
  redis = new Redis(town.redis.url);
}, 60_000);

afterAll(async () => {
  redis.disconnect();
  await town.close();
});

/** Writes to a journal as Keyturn's own script does, past Keyturn. */
async function write(run: string, head: Head, events: readonly unknown[], sealer: Sealer): Promise<void> {
  const { fields, stored } = chainAfter(run, head, events, { at: Date.now(), actor: keyturn }, sealer);
  for (const [index, { seq }] of stored.entries()) {
    const flat = FIELDS.flatMap((name, at) => [name, fields[index * FIELDS.length + at] ?? '']);
    await redis.xadd(keys.journal(run), `${seq}-0`, ...flat);
  }
  const last = stored.at(-1);
  await redis.hset(keys.head(run), 'seq', String(last?.seq), 'hash', last?.hash ?? '');
  await redis.xadd(keys.feed, '*', 'run', run, 'seq', String(last?.seq));
}

async function headOf(run: string): Promise<Head> {
  const { seq = '0', hash = '' } = await redis.hgetall(keys.head(run));
  return { seq: Number(seq), hash };
}

async function firstEvent(run: string): Promise<string> {
  const [entry] = await redis.xrange(keys.journal(run), '1-0', '1-0');
  const flat = entry?.[1] ?? [];
  return flat[flat.indexOf('event') + 1] ?? '';
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not seen within 20 s: ${what}`);
}

const damageLines = (run: string): readonly string[] =>
  town.log.filter((line) => line.includes('"code":"JOURNAL_FORGED"') && line.includes(run));
const stops = (): number => town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop').length;

let honest: string;

/** The journal of a run that was never asked for: its pinned procedure does on the host what the attacker wants. */
async function forgeRun(run: string, trace: string, sealer: Sealer): Promise<void> {
  const forged = honest.replaceAll('\\"$ATSCALE_HOME\\"/bin/atscale_service_control status', `touch ${trace}`);
  expect(forged).not.toBe(honest);
  await write(run, { seq: 0, hash: genesis(run) }, [JSON.parse(forged)], sealer);
  await redis.zadd(keys.open, String(Date.now()), run);
}

describe('a whole run forged in Redis', () => {
  beforeAll(async () => {
    const status = await town.begin('/ha run status atscale-prod');
    await status.see(/^\*Status:\* succeeded/m);
    honest = await firstEvent(status.run);
  });

  test('its commands run on no host, and it is told', async () => {
    const trace = join(town.folder, 'forged');
    await forgeRun('runforged22', trace, guessed);
    await until('the log tells of the forged run', () => damageLines('runforged22').length > 0);
    const told = await toldAfter(town, DANA, () => town.type(DANA, '/ha status'));
    expect(told).toMatch(/The journal of one open run is damaged/);
    expect(told).toMatch(/run runforged22 is not what Keyturn wrote/);
    // Another run is carried through meanwhile, on the same cluster.
    const other = await town.begin('/ha run status atscale-prod');
    await other.see(/^\*Status:\* succeeded/m);
    expect(existsSync(trace)).toBe(false);
    expect(await redis.xlen(keys.journal('runforged22'))).toBe(1);
    expect(damageLines('runforged22')).toHaveLength(1);
    await redis.zrem(keys.open, 'runforged22');
  }, 60_000);
});

describe('an approval forged into a true run', () => {
  beforeAll(async () => {
    thread = await town.begin('/ha restart atscale-prod');
    await openCard(town, thread);
  }, 60_000);

  test('it is not taken, and the run stands still', async () => {
    const entries = await redis.xrange(keys.journal(thread.run), '-', '+');
    const requested = entries
      .map(([, flat]) => JSON.parse(flat[flat.indexOf('event') + 1] ?? ''))
      .findLast((event) => event.kind === 'approvalRequested');
    const approver = { team: 'T0SANDBOX1', user: 'U0SAM00001', name: 'Sam' };
    const given = { kind: 'approvalGiven', request: requested.request, by: approver, digest: requested.digest };
    await write(thread.run, await headOf(thread.run), [given], guessed);
    await until('the log tells of the forgery', () => damageLines(thread.run).length > 0);
    expect(stops()).toBe(0);
  }, 60_000);

  test('a true click is refused with the reason', async () => {
    const told = await toldAfter(town, 'sam', () => thread.press('sam', /^Approve S3/));
    expect(told).toMatch(/is not what Keyturn wrote: nothing is done for this run/);
    expect(told).toMatch(/who can write to this Redis/);
    expect(await toldAfter(town, DANA, () => town.type(DANA, `/ha cancel ${thread.run}`))).toMatch(/nothing is done for this run/);
    expect(await toldAfter(town, DANA, () => town.type(DANA, '/ha cancel atscale-prod'))).toMatch(/The journal of one open run is damaged/);
  }, 30_000);

  test('the cluster stays held, and another start is told why', async () => {
    expect(await toldAfter(town, DANA, () => town.type(DANA, '/ha restart atscale-prod'))).toMatch(
      new RegExp(`${thread.run} is not what Keyturn wrote`),
    );
  }, 30_000);

  test('a bot that is killed and started again does not believe it', async () => {
    await town.killBot();
    const before = damageLines(thread.run).length;
    await town.startBot();
    await until('the new bot tells of the forgery', () => damageLines(thread.run).length > before);
    expect(stops()).toBe(0);
  }, 60_000);

  test('with the forged event taken out, the run goes on', async () => {
    const { seq } = await headOf(thread.run);
    const [before] = await redis.xrange(keys.journal(thread.run), `${seq - 1}-0`, `${seq - 1}-0`);
    const flat = before?.[1] ?? [];
    await redis.xdel(keys.journal(thread.run), `${seq}-0`);
    await redis.call('XSETID', keys.journal(thread.run), `${seq - 1}-0`);
    await redis.hset(keys.head(thread.run), 'seq', String(seq - 1), 'hash', flat[flat.indexOf('hash') + 1] ?? '');
    await town.type(DANA, `/ha cancel ${thread.run}`);
    await thread.see(/\bcancelled\b/);
    expect(stops()).toBe(0);
  }, 60_000);
});

test('with the stolen key the same forgery would have run', async () => {
  const trace = join(town.folder, 'stolen');
  const secret = Buffer.from(readFileSync(join(town.folder, 'data', 'installation.key'), 'utf8'), 'base64');
  await forgeRun('runstolen22', trace, createSealer(keysFrom(secret)('journal')));
  await until('the command of the forged run', () => existsSync(trace));
}, 60_000);
