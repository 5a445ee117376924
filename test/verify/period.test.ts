/** The file of a period, exported from a record that somebody tampered with: which runs are in it, and whether it says so. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Period, periodSchema } from '../../src/export/period.ts';
import { keys } from '../../src/journal/keys.ts';
import { createRegister } from '../../src/journal/register.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { createSigner, fingerprintOf } from '../../src/signature.ts';
import { DAY, eachWithStore, keyFor, type Store } from '../archive/support.ts';
import { begun, cancelled } from '../run/histories.ts';
import type { TestRedis } from '../support/redis.ts';
import { giveKey, run as keyturn, verified, writeRun } from './support.ts';

const on = (cluster: string): readonly RunEvent[] => [
  begun({ cluster: { name: cluster } }),
  cancelled,
  { kind: 'runEnded', outcome: 'cancelled', why: 'cancelled by Dana' },
];
const FIRST = Date.UTC(2026, 0, 1);
const KEY = fingerprintOf(createSigner(keyFor('signature')).key);
let server: TestRedis;
let store: Store;

eachWithStore(async (fresh, redis) => {
  store = fresh;
  server = redis;
  giveKey(store);
  await writeRun(store, 'runbefore', on('a-prod'), FIRST + 1 * DAY);
  await writeRun(store, 'runin', on('a-prod'), FIRST + 10 * DAY);
  await writeRun(store, 'runother', on('b-prod'), FIRST + 11 * DAY);
  await store.keep(31);
  await writeRun(store, 'runopen', on('a-prod').slice(0, 2), FIRST + 12 * DAY);
  await writeRun(store, 'runlater', on('a-prod'), FIRST + 60 * DAY);
});

const env = () => ({ REDIS_URL: server.url, KEYTURN_DATA: store.data, KEYTURN_RECORD: store.record });

async function exported(
  ...more: readonly string[]
): Promise<{ readonly code: number; readonly err: string; readonly file: Period; readonly path: string }> {
  const { code, out, err } = await keyturn(env(), 'export', '--from', '2026-01-05', '--to', '2026-01-31', '--out', '-', ...more);
  const path = join(store.data, 'period.json');
  writeFileSync(path, out);
  return { code, err, file: periodSchema.parse(JSON.parse(out)), path };
}

const names = ({ runs }: Period): readonly string[] => runs.map(({ run }) => run);
/** Without anything of this installation. */
const verify = (path: string) => keyturn({ KEYTURN_DATA: join(store.data, 'nowhere') }, 'verify', path, '--key', KEY);

test('the file is signed, whole, and verifies elsewhere', async () => {
  const person = { team: 'T1', user: 'U1', name: 'Ada' };
  const register = createRegister({ redis: store.redis, key: keyFor('register') });
  await register.append({ kind: 'refused', person, action: 'start', why: 'not listed' }, { at: FIRST + 7 * DAY, id: 'a' });
  const { code, file, path } = await exported();
  expect([code, names(file)]).toEqual([0, ['runin', 'runother', 'runopen']]);
  expect(file.list.map(({ seq }) => seq)).toEqual(Array.from(file.list, (_, at) => (file.list[0]?.seq ?? 0) + at));
  expect(file.register).toHaveLength(1);
  // One that goes on bears no signature of its own.
  const { err } = await verify(path);
  expect(err.match(/NOT SOUND/g)).toEqual(['NOT SOUND']);
  expect(err).toMatch(/^runopen {2}NOT SOUND.*\n.*\[unsigned]$/m);
});

test('a run that was taken out of the lists of Redis is in the file all the same', async () => {
  await store.redis.zrem(keys.finished, 'runin');
  await store.redis.zrem(keys.open, 'runopen');
  expect(names((await exported()).file)).toEqual(['runin', 'runother', 'runopen']);
  expect((await verified(server.url, store)).found).toEqual(['runin hidden', 'runopen hidden']);
});

test('a run that is gone altogether is told, and missed in the file', async () => {
  await store.redis.zrem(keys.finished, 'runin');
  rmSync(join(store.record, 'archive', '2026', '01', 'runin.json.gz'));
  const { file, err, path } = await exported();
  expect(names(file)).toEqual(['runother', 'runopen']);
  expect(err).toMatch(/runin {2}is in the list of runs and nowhere else/);
  expect((await verify(path)).err).toMatch(
    /runin, restart on a-prod, requested by .* is in the list of runs and not in the file\. \[vanished]/,
  );
});

test('where the list does not prove, the file bears no signature and the command says so', async () => {
  await store.redis.xdel(keys.runs, '3-0');
  const { code, file, err, path } = await exported();
  expect([code, file.signature]).toEqual([1, undefined]);
  expect(err).toMatch(/The list of runs or the register is NOT SOUND/);
  expect((await verify(path)).err).toContain('bears no signature');
});

test('a run that was deleted for its age is said to be', async () => {
  await store.runs.note({ kind: 'runExpunged', run: 'runin', file: 'x', why: 'kept for 30 days' }, { at: FIRST + 70 * DAY });
  await store.redis.zrem(keys.finished, 'runin');
  rmSync(join(store.record, 'archive', '2026', '01', 'runin.json.gz'));
  const { file, path } = await exported();
  expect([file.deleted, names(file)]).toEqual([['runin'], ['runother', 'runopen']]);
  expect((await verify(path)).err).not.toContain('vanished');
});

test('a file for one cluster says so, and what is left out of it is no fault', async () => {
  const { file, path } = await exported('--cluster', 'b-prod');
  expect([file.cluster, names(file)]).toEqual(['b-prod', ['runother']]);
  expect(await verify(path)).toMatchObject({ code: 0, err: '', out: expect.not.stringContaining('notice') });
});
