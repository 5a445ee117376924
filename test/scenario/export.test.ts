/**
 * A run of every product over its sandbox hosts, exported from the command line and into the thread. With UPDATE_EXAMPLES=1 the records become
 * the examples under docs/examples/.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createAtscaleCluster } from '../../infra/sandbox/hosts/atscale/cluster.ts';
import { createAlationPair } from '../../infra/sandbox/hosts/alation/pair.ts';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import { render } from '../../src/export/render.ts';
import { recordSchema, type RunRecord } from '../../src/record/model.ts';
import { headStatement, isSigned } from '../../src/signature.ts';
import { sayYesUntil } from './alation-town.ts';
import { carryThrough, startAmpTown } from './amp-town.ts';
import { runCommand } from './program.ts';
import { OPS, startTownOn, type ThreadView, type Town, type TownOptions } from './town.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../docs/examples');
const updates = process.env.UPDATE_EXAMPLES === '1';

const ALWAYS = { title: 'Quarter end', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] };

let town: Town<SandboxProduct> | undefined;
afterEach(async () => {
  await town?.close();
  town = undefined;
}, 60_000);

/** Examples must not name a folder that only this moment knows. */
function folderFor(cluster: string, given: string): string {
  if (!updates) return given;
  const folder = join(tmpdir(), 'sandbox', cluster);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

async function startOn<Product extends SandboxProduct>(
  cluster: string,
  make: (dir: string) => Product | Promise<Product>,
  options: TownOptions = {},
): Promise<Town<Product>> {
  const started = await startTownOn(cluster, (dir) => make(folderFor(cluster, dir)), options);
  town = started;
  return started;
}

/** A person's words in the thread; waits until the journal has them. */
async function note(place: Town<SandboxProduct>, thread: ThreadView, person: string, text: string): Promise<string> {
  const { ts } = await place.slack.person(person).say({ channel: OPS, text, thread_ts: thread.ts });
  await place.logged(/"event":"noted"/);
  return ts;
}

/** From the command line in all forms; the JSON is checked as anybody could, and renders to the same bytes. */
async function exported(name: string, place: Town<SandboxProduct>, run: string): Promise<RunRecord> {
  for (const format of ['json', 'md', 'html'] as const) {
    const told = await runCommand(place, 'export', run, '--format', format);
    expect(told).toMatchObject({ code: 0, out: '' });
  }
  const read = (format: string): string => readFileSync(join(place.folder, `${run}.${format}`), 'utf8');
  const record = recordSchema.parse(JSON.parse(read('json')));
  const last = record.entries.at(-1);
  expect(record.signature !== undefined && last !== undefined && isSigned(headStatement(run, last), record.signature)).toBe(true);
  for (const format of ['json', 'md', 'html'] as const) {
    expect(render(record, format)).toBe(read(format));
    if (!updates) continue;
    mkdirSync(EXAMPLES, { recursive: true });
    writeFileSync(join(EXAMPLES, `${name}.${format}`), read(format));
  }
  expect(read('html')).not.toContain('DAMAGED');
  expect(await runCommand({ ...place, env: { PATH: process.env.PATH } }, 'verify', `${run}.json`)).toMatchObject({ code: 0 });
  return record;
}

const kinds = ({ entries }: RunRecord): ReadonlySet<unknown> => new Set(entries.map(({ event }) => JSON.parse(event).kind));

async function reason(place: Town<SandboxProduct>, person: string, words: string): Promise<void> {
  await place.slack.waitFor(() => place.slack.openViews(person).length === 1, { what: 'the modal that asks for a reason' });
  await place.slack.person(person).submitView({ values: { reason: words } });
}

/** Waits until the run has ended and its thread says so. */
async function isOver(place: Town<SandboxProduct>, thread: ThreadView): Promise<void> {
  await place.slack.waitFor(() => /\b(succeeded|failed|aborted|cancelled)\b/.test(thread.texts()[0] ?? ''), {
    what: 'the end on the top card',
    timeoutMs: 60_000,
  });
}

test('AtScale: a restart with a refusal, notes, a freeze window overridden, and a stop tried again', async () => {
  const place = await startOn('atscale-prod', (dir) => createAtscaleCluster(dir), {
    cluster: { freeze: { time_zone: 'Europe/Zurich', override: ['U0SAM00001'], windows: [ALWAYS] } },
  });
  place.hosts.cluster.fault('stop-fails', 'query-01');
  const thread = await place.begin();
  await thread.press('sam', /^Override/);
  await reason(place, 'sam', 'The engines hang; waiting until Monday would stop the quarter end itself.');
  await thread.press('dana', /^Approve S3/);
  await place.slack.waitFor(() => /second person|requested this run/i.test(place.told('dana')), { what: 'the private refusal' });
  const ts = await note(place, thread, 'dana', 'Load balancer is drained since 10:02, ticket CHG-4711.');
  await place.slack.person('dana').edit({ channel: OPS, ts, text: 'Load balancer is drained since 10:05, ticket CHG-4711.' });
  await place.logged(/"event":"noteEdited"/);
  await thread.press('sam', /^Approve S3/);
  await thread.see(/exit status 1/);
  const midway = await runCommand(place, 'export', thread.run, '--format', 'html', '--out', '-');
  expect(midway.out).toContain('This run is NOT FINISHED');
  expect(midway.err).toContain('is NOT FINISHED');
  place.hosts.cluster.clearFaults();
  await thread.press('sam', /^Retry/);
  await thread.approveToTheEnd();
  await isOver(place, thread);
  const record = await exported('atscale-restart', place, thread.run);
  for (const kind of ['approvalGiven', 'refused', 'noted', 'noteEdited', 'troubleSettled', 'runEnded'])
    expect(kinds(record)).toContain(kind);

  await place.type('dana', `/ha export ${thread.run}`);
  const file = await place.slack.waitFor(() => thread.messages().find((message) => (message.files ?? []).length > 0), { what: 'the file' });
  expect(file.text).toContain(`Export of run ${thread.run} as HTML`);
  await place.slack.waitFor(() => /stands in its thread/.test(place.told('dana')), { what: 'the private answer' });
}, 180_000);

test('Alation: a pair is set up, and the helper asks what nobody foresaw', async () => {
  const place = await startOn('alation-prod', (dir) => createAlationPair(dir, { seconds: { postgres: 1, kvstore: 0.2, restart: 0.2 } }));
  place.hosts.cluster.fault('helper-asks-more', 'alation-02');
  const thread = await place.begin('/ha ha-setup alation-prod');
  await sayYesUntil(place, thread, /S3.*the tool asks what nobody foresaw/);
  await note(place, thread, 'sam', 'alation-02 was reinstalled last week, so its old host key is expected.');
  await thread.press('dana', /^y$/);
  await thread.see(/S3.*answered/);
  await sayYesUntil(place, thread, /^\S+: announcement .*are an HA pair now/);
  await isOver(place, thread);
  const record = await exported('alation-ha-setup', place, thread.run);
  for (const kind of ['approvalGiven', 'promptAnswered', 'questionAnswered', 'noted', 'runEnded']) expect(kinds(record)).toContain(kind);
}, 180_000);

test('AMP: a drill makes a standby the master', async () => {
  const place = await startAmpTown({ hosts: 3, timedOut: 'FAILED' }, {}, (dir) => folderFor('amp-prod', dir));
  town = place;
  await place.hosts.cluster.setUp();
  const { thread, trouble } = await carryThrough(place, 'failover-drill');
  expect(trouble).toBeUndefined();
  const record = await exported('amp-failover-drill', place, thread.run);
  for (const kind of ['approvalGiven', 'questionAnswered', 'runEnded']) expect(kinds(record)).toContain(kind);
}, 180_000);
