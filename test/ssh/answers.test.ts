/** Commands that ask: what becomes of answers and of the clock, whoever dies, calls twice or comes late. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptSpec } from '../../src/ssh/attempt.ts';
import { again, alive, markOf, spec, storeOf, supervisorOf, toTheEnd, untilItSays } from './attempts.ts';
import { startFollower } from './follower.ts';
import { createLayer, type Layer, type Sshd, startProxy, startSshd, until } from './support.ts';

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

const asking = (script: string, more: Partial<AttemptSpec> = {}): AttemptSpec => spec(script, { interactive: true, ...more });
const give = (what: AttemptSpec, number: number, text: string, more = {}, on = layer) =>
  on.attempts.give(sshd.target, what.id, { number, text, ...more });
/** Starts it, and comes back when it asks. */
const untilItAsks = (what: AttemptSpec, on = layer) => untilItSays('? ', on, sshd.target, what);
const theEnd = (what: AttemptSpec, on = layer) => toTheEnd(on, sshd.target, again(what));

/** Every file of the attempt's answers that still holds something. */
function textsOf({ id }: AttemptSpec): readonly string[] {
  const folder = join(storeOf(sshd), 'runs', id.run);
  const own = readdirSync(folder).filter((name) => name.startsWith(`${id.step}.${id.host}.${id.attempt}.in`));
  return own.filter((name) => !name.endsWith('.at') && statSync(join(folder, name)).size > 0);
}

const ASK_ONCE = 'printf "Continue? "; IFS= read -r answer; printf "<%s>" "$answer"; exit 7';

test('an answer reaches the prompt, and the status is exact', async () => {
  const what = asking(ASK_ONCE);
  await untilItAsks(what);
  expect(await give(what, 1, 'yes')).toEqual({ kind: 'given' });
  expect(await theEnd(what)).toMatchObject({ outcome: { kind: 'finished', status: 7 }, output: { head: 'Continue? <yes>' } });
  expect(textsOf(what)).toEqual([]);
});

test('without interactive the input is empty', async () => {
  const what = spec(ASK_ONCE);
  expect((await toTheEnd(layer, sshd.target, what)).output?.head).toBe('Continue? <>');
  const other = spec('echo up; sleep 60');
  await untilItSays('up', layer, sshd.target, other);
  expect(await give(other, 1, 'y')).toMatchObject({ kind: 'refused', why: { code: 'NOT_INTERACTIVE' } });
  await layer.attempts.cancel(sshd.target, other.id, { graceSeconds: 1 });
});

test('an answer given twice reaches the command once', async () => {
  const what = asking('printf "? "; cat');
  await untilItAsks(what);
  expect([await give(what, 1, 'one'), await give(what, 1, 'one'), await give(what, 1, 'another')]).toEqual(
    Array(3).fill({ kind: 'given' }),
  );
  expect(await give(what, 2, '', { close: true })).toEqual({ kind: 'given' });
  expect((await theEnd(what)).output?.head).toBe('? one\n');
  expect(await give(what, 1, 'one')).toEqual({ kind: 'given' });
});

/** Asks, and goes on by itself to ask something else when the file `go` is there. */
const impatient = (what: string): string =>
  `rm -f ${what}; printf 'Wait? '; until [ -e ${what} ]; do sleep 0.05; done; printf 'Delete all? '; read -r a; echo "<$a>"`;
const goOn = (what: string): void => writeFileSync(join(sshd.home, what), '');
const printed = (what: AttemptSpec): number => statSync(markOf(sshd, what, 'out')).size;

test('an answer held to its prompt is given while nothing more was printed', async () => {
  const what = asking(ASK_ONCE);
  await untilItAsks(what);
  expect([await give(what, 1, 'yes', { at: 10 }), await give(what, 1, 'yes', { at: 10 })]).toEqual(Array(2).fill({ kind: 'given' }));
  expect((await theEnd(what)).output?.head).toBe('Continue? <yes>');
  expect(await give(what, 1, 'yes', { at: 10 })).toEqual({ kind: 'given' });
});

test('a late answer is withheld for good, and the next one given', async () => {
  const what = asking(impatient('late'));
  await untilItAsks(what);
  goOn('late');
  await until(() => printed(what) === 18);
  const second = createLayer(sshd);
  const late = [await give(what, 1, 'y', { at: 6 }), await give(what, 1, 'y', { at: 6 }, second), await give(what, 1, 'y', {}, second)];
  await second.close();
  expect(late).toEqual(Array(3).fill({ kind: 'wentOn' }));
  expect(textsOf(what)).toEqual([]);
  expect(await give(what, 2, 'n', { at: 18 })).toEqual({ kind: 'given' });
  expect((await theEnd(what)).output?.head).toBe('Wait? Delete all? <n>\n');
});

test('an answer that waits its turn is withheld when the tool goes on meanwhile', async () => {
  const what = asking('printf "First? "; read -r a; printf "Delete all? "; read -r b; echo "<$a$b>"');
  await untilItAsks(what);
  expect(await give(what, 2, 'y', { at: 7 })).toEqual({ kind: 'waiting' });
  expect(await give(what, 1, '1', { at: 7 })).toEqual({ kind: 'given' });
  expect(await give(what, 2, 'y', { at: 7 })).toEqual({ kind: 'wentOn' });
  expect(await give(what, 3, 'n', { at: 19 })).toEqual({ kind: 'given' });
  expect((await theEnd(what)).output?.head).toBe('First? Delete all? <1n>\n');
});

test('a worker killed over a late answer leaves it withheld', async () => {
  const what = asking(impatient('killed'));
  const killed = startFollower(sshd, what);
  await killed.says('? ');
  await killed.kill();
  goOn('killed');
  await until(() => printed(what) === 18);
  const next = createLayer(sshd);
  expect(await give(what, 1, 'y', { at: 6 }, next)).toEqual({ kind: 'wentOn' });
  await next.close();
  expect(await give(what, 2, 'n', { at: 18 })).toEqual({ kind: 'given' });
  expect((await theEnd(what)).output?.head).toBe('Wait? Delete all? <n>\n');
});

test('whoever has not heard everything gives nothing and decides nothing', async () => {
  const what = asking(ASK_ONCE);
  await untilItAsks(what);
  expect(await give(what, 1, 'yes', { heard: 4 })).toEqual({ kind: 'behind' });
  expect(await give(what, 1, 'yes', { heard: 10 })).toEqual({ kind: 'given' });
  expect(await give(what, 1, 'yes', { heard: 4 })).toEqual({ kind: 'given' });
  expect((await theEnd(what)).output?.head).toBe('Continue? <yes>');
});

test('two workers at once give each answer once', async () => {
  const second = createLayer(sshd);
  const what = asking('printf "? "; cat');
  await untilItAsks(what);
  const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
  const given = await Promise.all(numbers.flatMap((number) => [layer, second].map((on) => give(what, number, `line ${number}`, {}, on))));
  expect(given).toEqual(given.map(() => ({ kind: 'given' })));
  await give(what, 21, 'the last', { close: true }, second);
  await second.close();
  const lines = [...numbers.map((number) => `line ${number}`), 'the last'];
  expect((await theEnd(what)).output?.head).toBe(`? ${lines.join('\n')}\n`);
});

test('answers out of order arrive in the order of their numbers', async () => {
  const what = asking('printf "? "; cat');
  await untilItAsks(what);
  for (const [number, text] of [
    [3, 'three'],
    [2, 'two'],
  ] as const)
    expect(await give(what, number, text)).toEqual({ kind: 'given' });
  await give(what, 4, '', { close: true });
  await give(what, 1, 'one');
  expect((await theEnd(what)).output?.head).toBe('? one\ntwo\nthree\n');
});

test('a worker killed between prompt and answer loses nothing', async () => {
  const what = asking('echo x >>asked; printf "? "; cat');
  const killed = startFollower(sshd, what);
  await killed.says('? ');
  await killed.kill();
  const next = createLayer(sshd);
  expect(await give(what, 1, 'from the next one', {}, next)).toEqual({ kind: 'given' });
  expect(await give(what, 1, 'from the next one', {}, next)).toEqual({ kind: 'given' });
  expect(await give(what, 2, '', { close: true }, next)).toEqual({ kind: 'given' });
  const end = await theEnd(what, next);
  await next.close();
  expect(end).toMatchObject({ outcome: { kind: 'finished', status: 0 }, output: { head: '? from the next one\n' } });
  expect(readFileSync(join(sshd.home, 'asked'), 'utf8')).toBe('x\n');
});

test('an answer cut on its way can be given again', async () => {
  const proxy = await startProxy(sshd.port);
  const far = { ...sshd.target, port: proxy.port };
  const cutLayer = createLayer(sshd, { knownHosts: sshd.knownFor(proxy.port) });
  const what = asking('printf "? "; cat');
  await untilItAsks(what);
  const giving = cutLayer.attempts.give(far, what.id, { number: 1, text: 'once' });
  await until(() => textsOf(what).length > 0 || existsSync(markOf(sshd, what, 'in.1')));
  proxy.cut();
  let given = await giving;
  for (let calls = 0; given.kind === 'refused' && calls < 10; calls += 1)
    given = await cutLayer.attempts.give(far, what.id, { number: 1, text: 'once' });
  expect(given).toEqual({ kind: 'given' });
  await give(what, 2, '', { close: true });
  await cutLayer.close();
  await proxy.close();
  expect((await theEnd(what)).output?.head).toBe('? once\n');
});

test.each([
  ['quotes and a command substitution', `it's "$(touch hacked)" \`id\` $HOME *`],
  ['backslashes, percent signs and a tab', '\\n \\\\ %s %d\t\\'],
  ['blanks at both ends', '  y  '],
  ['an option', '-n'],
  ['the words of our own files', 'eof'],
  ['bytes beyond ASCII', 'żółw 亀 \u202e \u0081\u0088'],
  ['nothing', ''],
  ['100 kB', 'x'.repeat(100_000)],
])('a hostile answer arrives unchanged: %s', async (_title, text) => {
  const what = asking('printf "? "; cat >answer');
  await untilItAsks(what);
  await give(what, 1, text);
  await give(what, 2, '', { close: true });
  expect((await theEnd(what)).outcome).toEqual({ kind: 'finished', status: 0 });
  expect(readFileSync(join(sshd.home, 'answer'), 'utf8')).toBe(`${text}\n`);
  expect(existsSync(join(sshd.home, 'hacked'))).toBe(false);
});

test.each([
  ['a NUL', 1, 'y\0', 'ANSWER_LINE'],
  ['a line feed', 1, 'y\nn', 'ANSWER_LINE'],
  ['a carriage return', 1, 'y\rn', 'ANSWER_LINE'],
  ['a line separator', 1, 'y\u2028n', 'ANSWER_LINE'],
  ['more than a megabyte', 1, 'x'.repeat(1_048_577), 'ANSWER_LENGTH'],
  ['number nought', 0, 'y', 'ANSWER_NUMBER'],
  ['half a byte', 1, 'y', 'ANSWER_BYTES', 0.5],
])('%s is refused before anything is sent', async (_title, number, text, code, at = 0) => {
  const nowhere = { ...sshd.target, port: 1 };
  await expect(layer.attempts.give(nowhere, asking('').id, { number, text, at })).rejects.toMatchObject({ code });
});

test('a command that ends without reading is no error', async () => {
  const what = asking('printf "? "; sleep 1; exit 3');
  await untilItAsks(what);
  for (const number of [1, 2]) expect(await give(what, number, 'x'.repeat(100_000))).toEqual({ kind: 'given' });
  expect((await theEnd(what)).outcome).toEqual({ kind: 'finished', status: 3 });
  expect(textsOf(what)).toEqual([]);
  expect(await give(what, 1, 'again')).toEqual({ kind: 'given' });
  expect(await give(what, 3, 'late')).toEqual({ kind: 'over' });
  expect(textsOf(what)).toEqual([]);
});

test('a command that closes its input is no error', async () => {
  const what = asking('exec <&-; printf "? "; sleep 1; exit 3');
  await untilItAsks(what);
  expect(await give(what, 1, 'x'.repeat(100_000))).toEqual({ kind: 'given' });
  expect((await theEnd(what)).outcome).toEqual({ kind: 'finished', status: 3 });
  expect(textsOf(what)).toEqual([]);
});

test('a daemon that keeps the input does not hold up the end', async () => {
  const what = asking('setsid sh -c "exec sleep 60" <&0 & echo "$! ? "; sleep 0.5');
  await untilItAsks(what);
  await give(what, 1, 'x'.repeat(100_000));
  const end = await theEnd(what);
  expect(end.outcome).toEqual({ kind: 'finished', status: 0 });
  expect(textsOf(what)).toEqual([]);
  process.kill(Number.parseInt(end.output?.head ?? '', 10), 'SIGKILL');
});

test('a closed input takes no more answers', async () => {
  const what = asking('cat >/dev/null; printf "? "; sleep 60');
  const stopped = untilItAsks(what);
  await until(() => existsSync(markOf(sshd, what, 'go')));
  expect(await give(what, 1, 'the last', { close: true })).toEqual({ kind: 'given' });
  await stopped;
  expect(await give(what, 2, 'more')).toEqual({ kind: 'over' });
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
});

test('what never began takes no answer', async () => {
  const what = asking('echo never');
  expect(await give(what, 1, 'y')).toEqual({ kind: 'none' });
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
  expect(await give(what, 1, 'y')).toEqual({ kind: 'none' });
});

test('a wiped store and a killed supervisor are lost', async () => {
  const what = asking('printf "? "; exec sleep 60');
  await untilItAsks(what);
  expect(await give(what, 1, 'y', { anchor: 'another' })).toMatchObject({ kind: 'lost', why: expect.stringContaining('emptied') });
  await give(what, 2, 'secret that nobody will read');
  const supervisor = supervisorOf(sshd, what);
  process.kill(supervisor, 'SIGKILL');
  await until(() => !alive(supervisor));
  expect(await give(what, 3, 'y')).toMatchObject({ kind: 'lost', why: expect.stringMatching(/still running: \d+ sleep/) });
  expect(textsOf(what)).toEqual([]);
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
});

test('a host that is out of reach refuses, and says why', async () => {
  const nowhere = { ...sshd.target, port: 1 };
  const { id } = asking('true');
  expect(await layer.attempts.give(nowhere, id, { number: 1, text: 'y' })).toMatchObject({ kind: 'refused', why: { code: 'UNREACHABLE' } });
  expect(await layer.attempts.hold(nowhere, id)).toMatchObject({ kind: 'refused', why: { code: 'UNREACHABLE' } });
});

test('a cancel at a prompt leaves nothing behind', async () => {
  // It takes the end of its input for a yes, as careless programs do: no cancel may look like one.
  const what = asking(`trap '' TERM; echo $$; printf "? "; read -r answer; touch went-on; sleep 60`);
  await untilItAsks(what);
  await give(what, 2, 'an answer that waits for the first');
  const supervisor = supervisorOf(sshd, what);
  const feeder = Number(readFileSync(markOf(sshd, what, 'go'), 'utf8').split(' ')[12]);
  expect([alive(supervisor), alive(feeder)]).toEqual([true, true]);
  expect(await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 })).toEqual({ kind: 'ended', remaining: [], detached: [] });
  const end = await theEnd(what);
  expect(end.outcome).toEqual({ kind: 'cancelled', remaining: [], detached: [] });
  expect([alive(feeder), alive(Number.parseInt(end.output?.head ?? '', 10))]).toEqual([false, false]);
  expect(textsOf(what)).toEqual([]);
  expect(existsSync(join(sshd.home, 'went-on'))).toBe(false);
  expect(await give(what, 1, 'late')).toEqual({ kind: 'over' });
});

test('a timeout at a prompt leaves nothing behind', async () => {
  const what = asking('printf "? "; cat', { timeoutSeconds: 1 });
  expect((await toTheEnd(layer, sshd.target, what)).outcome).toEqual({ kind: 'timedOut', remaining: [], detached: [] });
  expect(await give(what, 1, 'late')).toEqual({ kind: 'over' });
});

test('the feeder ends when its supervisor is killed', async () => {
  const what = asking('printf "? "; exec sleep 60');
  await untilItAsks(what);
  const feeder = Number(readFileSync(markOf(sshd, what, 'go'), 'utf8').split(' ')[12]);
  process.kill(supervisorOf(sshd, what), 'SIGKILL');
  await until(() => !alive(feeder));
  await layer.attempts.cancel(sshd.target, what.id, { graceSeconds: 1 });
});

test('an answer shows nowhere but in a file of its own', async () => {
  const what = asking('printf "? "; cat >/dev/null');
  await untilItAsks(what);
  // The second waits for the first, so its text lies on the host for as long as it takes to look at it.
  await give(what, 2, 'hunter2-waits');
  const file = markOf(sshd, what, 'in.2');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const commands = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const seen = commands.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
    } catch {
      return '';
    }
  });
  expect(seen.join('')).not.toContain('hunter2-waits');
  await give(what, 1, 'go on');
  await until(() => statSync(file).size === 0);
  await give(what, 3, '', { close: true });
  expect((await theEnd(what)).outcome.kind).toBe('finished');
});

test('a secret told later is masked from the first byte', async () => {
  const what = asking('printf "said hunter2? "; IFS= read -r secret; echo "$secret"');
  let before = '';
  const stop = new AbortController();
  await layer.attempts.carryOut(sshd.target, what, {
    budgetMs: 2_000,
    signal: stop.signal,
    onOutput(chunk) {
      before += chunk.toString();
      if (before.includes('? ')) setImmediate(() => stop.abort());
    },
  });
  await give(what, 1, 'hunter2');
  const end = await theEnd({ ...what, secrets: ['hunter2'] });
  expect(end.output?.head).toBe('said ••••••? ••••••\n');
});

test('an interactive step gives back a clean shell', async () => {
  for (let i = 0; i < 3; i += 1) {
    const what = asking('printf "? "; IFS= read -r a; echo "$a"');
    await untilItAsks(what);
    await give(what, 1, `${i}`);
    expect((await theEnd(what)).output?.head).toBe(`? ${i}\n`);
    const plain = await toTheEnd(layer, sshd.target, spec('ls -l /proc/self/fd | grep -c pipe; cat'));
    expect(plain.outcome).toEqual({ kind: 'finished', status: 0 });
  }
});

test('a flood of output between two answers is whole', async () => {
  const what = asking('printf "? "; read -r n; yes "$n" | head -n 200000; read -r m; echo "$m"');
  await untilItAsks(what);
  await give(what, 1, 'first');
  await give(what, 2, 'second');
  const whole = `? ${'first\n'.repeat(200_000)}second\n`;
  expect((await theEnd(what)).output?.sha256).toBe(createHash('sha256').update(whole).digest('hex'));
});
