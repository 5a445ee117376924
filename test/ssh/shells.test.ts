import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptSpec, Ended } from '../../src/ssh/attempt.ts';
import { probe } from '../../src/ssh/probe.ts';
import type { Target } from '../../src/ssh/target.ts';
import { again, spec, untilItSays } from './attempts.ts';
import { createLayer, type Layer, type Sshd, startSshd } from './support.ts';

/** Shells that stand behind /bin/sh on hosts; a stand-in for sudo puts each in that place. BusyBox joins in where it is installed. */
const shells = [
  ['dash', 'dash -s'],
  ['bash', 'bash --posix -s'],
  ['busybox', 'busybox ash -s'],
].filter(([name]) => ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name ?? ''))));

describe.each(shells)('under %s', (name, command) => {
  let sshd: Sshd;
  let layer: Layer;
  let target: Target;

  beforeAll(async () => {
    const bin = `/tmp/keyturn-shell-${name}-${process.pid}`;
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'sudo'), `#!/bin/sh\nexec ${command}\n`);
    chmodSync(join(bin, 'sudo'), 0o755);
    sshd = await startSshd([], ['ed25519'], `${bin}:/usr/bin:/bin`);
    layer = createLayer(sshd);
    target = { ...sshd.target, become: 'any' };
  });
  afterAll(async () => {
    await layer.close();
    await sshd.stop();
    rmSync(`/tmp/keyturn-shell-${name}-${process.pid}`, { recursive: true });
  });

  const toTheEnd = async (what: AttemptSpec): Promise<Ended> => {
    const result = await layer.attempts.carryOut(target, what, { budgetMs: 20_000 });
    if (result.kind !== 'ended') throw new Error(`it came back as ${result.why}`);
    return result;
  };

  test('steps one after another share a clean shell', async () => {
    const value = `a 'b' "$(c)" \\ \n`;
    for (let i = 0; i < 5; i += 1) {
      const end = await toTheEnd(spec(`printf %s "$VALUE"; exit ${i}`, { env: { VALUE: value + i } }));
      expect(end).toMatchObject({ outcome: { kind: 'finished', status: i }, output: { head: value + i } });
    }
  });

  test.each<[string, Buffer]>([
    ['no line end', Buffer.from('one\n two')],
    ['blank lines and blanks at both ends', Buffer.from('\n\n  a\t b \n\n')],
    ['backslashes, quotes and percent signs', Buffer.from(`\\n \\ %s %d ' " \` $HOME *\n`)],
    ['a NUL', Buffer.from('a\0b\n')],
    ['a NUL at the end', Buffer.from('a\n\0')],
    ['every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['bytes that dash keeps for itself', Buffer.from([0x61, 0x81, 0x82, 0x88, 0x62, 0x0a])],
    ['characters of several bytes', Buffer.from('żółw 亀\n')],
    ['bytes that are no characters', Buffer.from([0xff, 0xfe, 0xc3, 0x0a])],
    ['400 bytes', Buffer.alloc(400, 'abc\n')],
    ['401 bytes', Buffer.alloc(401, 'abc\n')],
  ])('an output with %s comes byte for byte', async (_title, content) => {
    const octal = [...content].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const { output } = await toTheEnd(spec(`printf '${octal}'`));
    expect(output?.sha256).toBe(createHash('sha256').update(content).digest('hex'));
  });

  test('an output that was written over comes as it is', async () => {
    expect((await toTheEnd(spec('echo longer than it stays; echo short >/dev/stdout'))).output?.head).toBe('short\n');
  });

  test('a second call follows on and starts nothing', async () => {
    const what = spec('echo x >>started; cat started; sleep 0.6; echo y');
    await layer.attempts.carryOut(target, what, { budgetMs: 400 });
    expect((await toTheEnd(again(what))).output?.head).toBe('x\ny\n');
    expect((await toTheEnd(again(what))).output?.head).toBe('x\ny\n');
  });

  test('a timeout ends everything and proves it', async () => {
    const end = await toTheEnd(spec(`trap '' TERM; sleep 300 & sleep 300; sleep 300`, { timeoutSeconds: 1 }));
    expect(end.outcome).toEqual({ kind: 'timedOut', remaining: [], detached: [] });
  });

  test('a cancel ends everything and proves it', async () => {
    const what = spec(`sleep 300 & sleep 300`);
    await layer.attempts.carryOut(target, what, { budgetMs: 400 });
    expect(await layer.attempts.cancel(target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
    expect((await toTheEnd(again(what))).outcome.kind).toBe('cancelled');
  });

  test('answers arrive in order, and the status is exact', async () => {
    const what = spec('printf "? "; cat; exit 7', { interactive: true });
    const give = (number: number, text: string, close = false) => layer.attempts.give(target, what.id, { number, text, close });
    await layer.attempts.carryOut(target, what, { budgetMs: 400 });
    const hostile = `it's "$(touch hacked)" \\n %s 亀 \u0081`;
    expect([await give(2, hostile), await give(2, 'another'), await give(1, 'x'.repeat(100_000))]).toEqual(
      Array(3).fill({ kind: 'given' }),
    );
    expect(await give(3, '', true)).toEqual({ kind: 'given' });
    const end = await toTheEnd(again(what));
    expect(end.outcome).toEqual({ kind: 'finished', status: 7 });
    const whole = `? ${'x'.repeat(100_000)}\n${hostile}\n`;
    expect(end.output?.sha256).toBe(createHash('sha256').update(whole).digest('hex'));
    expect(await give(4, 'late')).toEqual({ kind: 'over' });
    expect((await toTheEnd(spec('echo a clean shell'))).output?.head).toBe('a clean shell\n');
  });

  test('an answer reaches the prompt that it is held to and no later one', async () => {
    const what = spec('printf "Wait? "; sleep 1; printf "Delete all? "; read -r a; printf "Sure? "; read -r b; echo "<$a$b>"', {
      interactive: true,
    });
    const give = (number: number, text: string, at: number) => layer.attempts.give(target, what.id, { number, text, at });
    const says = async (word: string, from: AttemptSpec): Promise<void> => {
      await untilItSays(word, layer, target, from);
    };
    await says('all? ', what);
    expect([await give(1, 'y', 6), await give(1, 'y', 6)]).toEqual(Array(2).fill({ kind: 'wentOn' }));
    expect(await give(2, 'n', 18)).toEqual({ kind: 'given' });
    await says('Sure? ', again(what));
    expect([await give(3, 'y', 24), await give(3, 'y', 24)]).toEqual(Array(2).fill({ kind: 'given' }));
    expect((await toTheEnd(again(what))).output?.head).toBe('Wait? Delete all? Sure? <ny>\n');
    expect((await toTheEnd(spec('echo a clean shell'))).output?.head).toBe('a clean shell\n');
  });

  test('a held clock stands still until release', async () => {
    const what = spec('printf "? "; cat', { interactive: true, timeoutSeconds: 2 });
    await layer.attempts.carryOut(target, what, { budgetMs: 400 });
    expect(await layer.attempts.hold(target, what.id)).toEqual({ kind: 'held' });
    const held = await layer.attempts.carryOut(target, again(what), { budgetMs: 3_500 });
    expect(held).toMatchObject({ kind: 'running', why: 'budget' });
    expect(await layer.attempts.release(target, what.id)).toEqual({ kind: 'released' });
    const end = await toTheEnd(again(what));
    expect(end.outcome).toEqual({ kind: 'timedOut', remaining: [], detached: [] });
  });

  test('a cancel at a prompt leaves nothing behind', async () => {
    const what = spec('printf "? "; cat', { interactive: true });
    await layer.attempts.carryOut(target, what, { budgetMs: 400 });
    expect(await layer.attempts.cancel(target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
    expect((await toTheEnd(again(what))).outcome).toEqual({ kind: 'cancelled', remaining: [], detached: [] });
  });

  test('a killed supervisor means lost', async () => {
    const what = spec('kill -9 $PPID; sleep 0.1');
    expect((await layer.attempts.carryOut(target, what, { budgetMs: 20_000 })).kind).toBe('running');
    expect((await toTheEnd(again(what))).outcome.kind).toBe('lost');
  });

  test('a probe answers with both streams', async () => {
    const answer = await probe(layer.connections, target, { script: 'echo out; echo err >&2; exit 5', env: {}, timeoutSeconds: 5 });
    expect(answer).toEqual({ kind: 'answered', status: 5, stdout: 'out\n', stderr: 'err\n', truncated: false });
  });

  test('a file is told, and copied byte for byte', async () => {
    const content = randomBytes(3_000_000);
    const path = join(sshd.home, `it's "a file" $(touch hacked)`);
    const to = { target, path: join(sshd.home, '.x.keyturn-1-1.part') };
    writeFileSync(path, content, { mode: 0o644 });
    const sha256 = createHash('sha256').update(content).digest('hex');
    expect(await layer.files.describe(target, path)).toMatchObject({ kind: 'file', bytes: 3_000_000, mode: '0644', sha256, link: false });
    expect(await layer.files.read(target, path, 3_000_000)).toMatchObject({ kind: 'file', content });
    expect(await layer.files.copy({ from: { target, path }, to })).toEqual({ kind: 'copied', bytes: 3_000_000, sha256 });
    expect(readFileSync(to.path).equals(content)).toBe(true);
    expect(await layer.files.describe(target, `${path} not`)).toEqual({ kind: 'missing' });
    const nowhere = { target, path: join(sshd.home, 'none/.x.keyturn-1-1.part') };
    for (const from of [{ file: path }, { target, path }])
      expect(await layer.files.copy({ from, to: nowhere })).toMatchObject({ kind: 'failed', why: expect.stringContaining('no folder') });
    const stop = new AbortController();
    expect(await layer.files.copy({ from: { file: path }, to, signal: stop.signal, onProgress: () => stop.abort() })).toEqual({
      kind: 'aborted',
    });
    expect(existsSync(to.path)).toBe(false);
  });

  test('a store that cannot be written refuses the start', async () => {
    const root = join(sshd.home, '.keyturn');
    const runs = join(root, readdirSync(root)[0] ?? '', 'runs');
    rmSync(runs, { recursive: true });
    writeFileSync(runs, '');
    const end = await toTheEnd(spec('touch started-unmarked'));
    expect(end.outcome).toMatchObject({ kind: 'refused', why: { code: 'STORE_UNWRITABLE', message: expect.stringContaining('.keyturn') } });
    expect(existsSync(join(sshd.home, 'started-unmarked'))).toBe(false);
  });
});
