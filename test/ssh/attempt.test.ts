import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { again, alive, markOf, spec, supervisorOf, toTheEnd, untilItSays } from './attempts.ts';
import { createLayer, type Layer, type Sshd, startProxy, startSshd } from './support.ts';

let sshd: Sshd;
let layer: Layer;

beforeAll(async () => {
  sshd = await startSshd();
  layer = createLayer(sshd);
});
afterAll(async () => {
  await layer.close();
  await sshd.stop();
});

test('a command ends with its status and output', async () => {
  const end = await toTheEnd(layer, sshd.target, spec('echo out; echo err >&2; exit 3'));
  expect(end.outcome).toEqual({ kind: 'finished', status: 3 });
  expect(end.output).toMatchObject({ bytes: 8, lines: 2, head: 'out\nerr\n', tail: 'out\nerr\n', dropped: 0 });
});

test('an output longer than its head is kept as file', async () => {
  const end = await toTheEnd(layer, sshd.target, spec('yes word | head -n 2000'));
  expect(gunzipSync(readFileSync(join(layer.data, end.output?.path ?? ''))).toString()).toBe('word\n'.repeat(2000));
});

test.each([
  ['a short one', 'head -c 20000 /dev/zero'],
  ['a long one', 'head -c 3000000 /dev/zero'],
])('an output that cannot be kept waits for the disk, and nothing starts again: %s', async (_title, command) => {
  const what = spec(`echo started >>begun; cat begun; ${command}`);
  const place = join(layer.data, 'output');
  mkdirSync(place, { recursive: true });
  renameSync(place, `${place}.away`);
  writeFileSync(place, '');
  const lost = layer.attempts.carryOut(sshd.target, what, { budgetMs: 20_000 });
  await expect(lost).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE', check: expect.stringContaining('KEYTURN_RECORD') });
  rmSync(place);
  renameSync(`${place}.away`, place);
  const end = await toTheEnd(layer, sshd.target, again(what));
  rmSync(join(sshd.home, 'begun'));
  expect(end.outcome).toEqual({ kind: 'finished', status: 0 });
  expect(gunzipSync(readFileSync(join(layer.data, end.output?.path ?? ''))).toString('latin1')).toMatch(/^started\n\0+$/);
});

test.each([
  ['quotes and a command substitution', `it's "$(touch hacked)" \`id\``],
  ['newlines, a backslash and a tab', 'a\nb\\\n\n\tc\n'],
  ['a leading dash and an option', '-rf --no-preserve-root /'],
  ['bytes beyond ASCII', 'żółw 亀 \u202e \u0081\u0088'],
  ['a value of 100 kB', 'x'.repeat(100_000)],
])('a hostile value arrives unchanged: %s', async (_title, value) => {
  const end = await toTheEnd(layer, sshd.target, spec('printf %s "$VALUE" | cksum; printf %s "$VALUE" >value', { env: { VALUE: value } }));
  expect(end.outcome).toEqual({ kind: 'finished', status: 0 });
  expect(readFileSync(join(sshd.home, 'value'), 'utf8')).toBe(value);
  expect(existsSync(join(sshd.home, 'hacked'))).toBe(false);
});

test('calling again never starts the command again', async () => {
  const what = spec('echo started >>starts; cat starts');
  const first = await toTheEnd(layer, sshd.target, what);
  const second = createLayer(sshd);
  const repeated = await toTheEnd(second, sshd.target, again(what));
  await second.close();
  expect(repeated.outcome).toEqual(first.outcome);
  expect(repeated.output?.sha256).toBe(first.output?.sha256);
  expect(readFileSync(join(sshd.home, 'starts'), 'utf8')).toBe('started\n');
});

test('of two workers at once only one starts it', async () => {
  const second = createLayer(sshd);
  const all = Array.from({ length: 12 }, (_, i) => spec(`echo x >>race${i}; cat race${i}`));
  const ends = await Promise.all(all.flatMap((what) => [toTheEnd(layer, sshd.target, what), toTheEnd(second, sshd.target, what)]));
  await second.close();
  expect(ends.map((end) => end.outcome)).toEqual(ends.map(() => ({ kind: 'finished', status: 0 })));
  expect(ends.map((end) => end.output?.head)).toEqual(ends.map(() => 'x\n'));
});

test('a launcher that died before go is fenced', async () => {
  const what = spec('echo never >>fenced');
  await toTheEnd(layer, sshd.target, spec('true'));
  writeFileSync(markOf(sshd, what, 'end'), '');
  const end = await toTheEnd(layer, sshd.target, again(what));
  expect(end.outcome).toMatchObject({ kind: 'refused', why: { code: 'FENCED' } });
  expect(existsSync(join(sshd.home, 'fenced'))).toBe(false);
});

test('a killed supervisor means lost, with what still runs', async () => {
  const what = spec('echo up; exec sleep 30');
  await untilItSays('up', layer, sshd.target, what);
  process.kill(supervisorOf(sshd, what), 'SIGKILL');
  const end = await toTheEnd(layer, sshd.target, again(what));
  expect(end.outcome).toMatchObject({ kind: 'lost', why: expect.stringMatching(/still running: \d+ sleep/) });
  expect(end.output?.head).toBe('up\n');
  expect(await layer.attempts.look(sshd.target, what.id)).toMatchObject({ kind: 'lost', remaining: [expect.stringMatching(/sleep/)] });
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
});

test('a killed command is told by its signal', async () => {
  const end = await toTheEnd(layer, sshd.target, spec('kill -9 $$'));
  expect(end.outcome).toEqual({ kind: 'finished', status: 137, signal: 'KILL' });
});

test('a restarted host means lost, whatever has that pid', async () => {
  const what = spec('echo up; sleep 30');
  await untilItSays('up', layer, sshd.target, what);
  const go = readFileSync(markOf(sshd, what, 'go'), 'utf8');
  writeFileSync(markOf(sshd, what, 'go'), go.replace(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), 'another-boot'));
  const end = await toTheEnd(layer, sshd.target, again(what));
  expect(end.outcome).toMatchObject({ kind: 'lost', why: expect.stringContaining('restarted') });
  writeFileSync(markOf(sshd, what, 'go'), go);
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
});

const stubborn = `trap '' TERM; (trap '' TERM; sleep 300) & sh -c 'trap "" TERM; sleep 300; sleep 300' & echo $! up; while :; do sleep 1; done`;

test('a timeout ends a tree that ignores TERM', async () => {
  const what = spec(stubborn, { timeoutSeconds: 1 });
  const end = await toTheEnd(layer, sshd.target, what);
  expect(end.outcome).toEqual({ kind: 'timedOut', remaining: [], detached: [] });
  expect(alive(Number.parseInt(end.output?.head ?? '', 10))).toBe(false);
});

test('a cancel ends a tree that ignores TERM', async () => {
  const what = spec(stubborn);
  const stopped = await untilItSays('up', layer, sshd.target, what);
  expect(stopped).toMatchObject({ kind: 'running', why: 'aborted' });
  expect(await layer.attempts.look(sshd.target, what.id)).toEqual({ kind: 'running' });
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
  const end = await toTheEnd(layer, sshd.target, again(what));
  expect(end.outcome).toEqual({ kind: 'cancelled', remaining: [], detached: [] });
  expect(alive(Number.parseInt(end.output?.head ?? '', 10))).toBe(false);
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'over' });
});

test('a cancel spares what earlier steps left running', async () => {
  const first = await toTheEnd(layer, sshd.target, spec('sleep 300 & echo $!'));
  const daemon = Number(first.output?.head);
  const what = spec('echo up; sleep 300');
  await untilItSays('up', layer, sshd.target, what);
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
  expect(alive(daemon)).toBe(true);
  process.kill(daemon, 'SIGKILL');
});

test('a cancel names what left its session', async () => {
  const what = spec('setsid sleep 300 & sleep 1; echo up; sleep 300');
  await untilItSays('up', layer, sshd.target, what);
  const cancelled = await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
  expect(cancelled).toEqual({ kind: 'ended', remaining: [], detached: [expect.stringMatching(/^\d+ sleep$/)] });
  if (cancelled.kind === 'ended') process.kill(Number.parseInt(cancelled.detached[0] ?? '', 10), 'SIGKILL');
});

test('whoever only follows does not begin what has not begun', async () => {
  const what = spec('echo x >>begun');
  const end = await toTheEnd(layer, sshd.target, { ...again(what), onlyFollow: true });
  expect(end.outcome).toMatchObject({ kind: 'refused', why: { code: 'FENCED' } });
  expect((await toTheEnd(layer, sshd.target, again(what))).outcome.kind).toBe('refused');
  expect(existsSync(join(sshd.home, 'begun'))).toBe(false);
});

test('whoever only follows sees what has begun to its end', async () => {
  const what = spec('echo ready; sleep 1; echo done');
  const second = createLayer(sshd);
  await untilItSays('ready', second, sshd.target, what);
  await second.close();
  const end = await toTheEnd(layer, sshd.target, { ...again(what), onlyFollow: true });
  expect(end).toMatchObject({ outcome: { kind: 'finished', status: 0 }, output: { head: 'ready\ndone\n' } });
});

test('a cancel before the start forbids the start', async () => {
  const what = spec('echo never >>forbidden');
  expect(await layer.attempts.look(sshd.target, what.id)).toEqual({ kind: 'none' });
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'fenced' });
  const end = await toTheEnd(layer, sshd.target, what);
  expect(end).toMatchObject({ outcome: { kind: 'refused', why: { code: 'FENCED' } }, output: null });
  expect(existsSync(join(sshd.home, 'forbidden'))).toBe(false);
});

test('a cut connection is no ending, the next call follows on', async () => {
  const proxy = await startProxy(sshd.port);
  const far = { ...sshd.target, address: 'localhost', port: proxy.port };
  const known = join(sshd.folder, 'known_proxy');
  writeFileSync(known, readFileSync(sshd.knownHosts, 'utf8').replaceAll(`[127.0.0.1]:${sshd.port}`, `[localhost]:${proxy.port}`));
  const cutLayer = createLayer(sshd, { knownHosts: known });
  const what = spec('i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo "line $i"; sleep 0.01; done');
  let seen = '';
  const first = await cutLayer.attempts.carryOut(far, what, {
    budgetMs: 20_000,
    onOutput(chunk) {
      seen += chunk.toString();
      proxy.cut();
    },
  });
  expect(first).toMatchObject({ kind: 'running', why: 'cut' });
  expect(seen.length).toBeGreaterThan(0);
  const end = await toTheEnd(cutLayer, far, again(what));
  const other = await toTheEnd(layer, sshd.target, again(what));
  await cutLayer.close();
  await proxy.close();
  const whole = Array.from({ length: 300 }, (_, i) => `line ${i + 1}\n`).join('');
  expect(end.output).toMatchObject({ lines: 300, bytes: whole.length, tail: whole.slice(-4096) });
  expect(other.output?.sha256).toBe(end.output?.sha256);
});

test('what startup files print is not taken for output', async () => {
  const file = join(sshd.home, '.bashrc');
  writeFileSync(file, 'printf "no line end"; printf "nor here" >&2\n');
  const own = createLayer(sshd);
  const end = await toTheEnd(own, sshd.target, spec('echo clean'));
  await own.close();
  rmSync(file);
  expect(end.output?.head).toBe('clean\n');
});

test('secrets are masked in output, live and kept', async () => {
  let live = '';
  const what = spec('printf "pass=%s" "$PASS"; printf %s "$PASS" | base64; sleep 0.5; printf hun; sleep 0.5; printf ter2', {
    env: { PASS: 'hunter2' },
    secrets: ['hunter2'],
  });
  const result = await layer.attempts.carryOut(sshd.target, what, {
    budgetMs: 20_000,
    onOutput(chunk) {
      live += chunk.toString();
    },
  });
  expect(live).toBe('pass=••••••••••••\n••••••');
  expect(result).toMatchObject({ kind: 'ended', output: { head: live } });
});

test('an output without line ends comes through exactly', async () => {
  const end = await toTheEnd(layer, sshd.target, spec('head -c 3000000 /dev/zero | tr "\\0" "\\377"'));
  expect(end.output).toMatchObject({ bytes: 3_000_000, lines: 1 });
});

test('output beyond the limit is counted, not kept', async () => {
  const small = createLayer(sshd, { maxOutputBytes: 1000 });
  const end = await toTheEnd(small, sshd.target, spec('head -c 5000 /dev/zero | tr "\\0" "a"'));
  await small.close();
  expect(end.output).toMatchObject({ bytes: 1000, dropped: 4000 });
});

test('a used up budget says running, with its place', async () => {
  const what = spec('echo up; sleep 1; echo down');
  const first = await layer.attempts.carryOut(sshd.target, what, { budgetMs: 700 });
  expect(first).toMatchObject({ kind: 'running', why: 'budget', bytes: 3, pid: expect.any(Number), startedAt: expect.any(Number) });
  const end = await toTheEnd(layer, sshd.target, again(what));
  expect(end.output?.head).toBe('up\ndown\n');
});

test('a forgotten attempt can never start again', async () => {
  const what = spec('echo x >>forgotten');
  await toTheEnd(layer, sshd.target, what);
  expect(await layer.attempts.forget(sshd.target, what.id)).toEqual({ kind: 'forgotten' });
  expect((await toTheEnd(layer, sshd.target, again(what))).outcome.kind).toBe('lost');
  expect(readFileSync(join(sshd.home, 'forgotten'), 'utf8')).toBe('x\n');
});

test('the anchor is told before anything starts', async () => {
  const what = spec('echo x >>anchored');
  let before = true;
  await layer.attempts.carryOut(sshd.target, what, {
    budgetMs: 20_000,
    onAnchor: async (anchor) => {
      expect(anchor).toMatch(/^[0-9a-f]{32}$/);
      await new Promise((resume) => setImmediate(resume));
      before = existsSync(markOf(sshd, what, 'end'));
    },
  });
  expect(before).toBe(false);
});

test.each([
  [false, { kind: 'refused', why: expect.objectContaining({ code: 'STORE_CHANGED' }) }],
  [true, { kind: 'lost', why: expect.stringContaining('emptied') }],
])('a wiped store starts nothing (may have begun: %s)', async (mayHaveBegun, outcome) => {
  const { anchor = '' } = await toTheEnd(layer, sshd.target, spec('true'));
  rmSync(join(sshd.home, '.keyturn'), { recursive: true });
  const end = await toTheEnd(layer, sshd.target, spec('echo never >>wiped', { anchor, mayHaveBegun }));
  expect(end.outcome).toEqual(outcome);
  expect(existsSync(join(sshd.home, 'wiped'))).toBe(false);
});
