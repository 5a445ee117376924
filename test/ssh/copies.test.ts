/** Copies to and from a real sshd, and what becomes of one that goes wrong. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Copied, Copy } from '../../src/ssh/files.ts';
import type { Target } from '../../src/ssh/target.ts';
import { anotherUser, names, sha256 } from './file-world.ts';
import { standInForSudo } from './hosts.ts';
import { createLayer, type Layer, type Sshd, startProxy, startSshd, until } from './support.ts';

let sshd: Sshd;
let layer: Layer;
let copies = 0;

beforeAll(async () => {
  sshd = await startSshd();
  layer = createLayer(sshd);
});
afterAll(async () => {
  await layer.close();
  await sshd.stop();
});

const at = (name: string): string => join(sshd.home, name);
const file = (name: string, content: Buffer | string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const part = (name: string): string => {
  copies += 1;
  return at(`.${name}.keyturn-run${copies}-1.part`);
};
const copy = (from: string, to: string, more: Partial<Copy> = {}): Promise<Copied> =>
  layer.files.copy({ from: { file: from }, to: { target: sshd.target, path: to }, ...more });

test.each(names)('to a name like “%s”, with its digest and mode', async (name) => {
  const content = randomBytes(300_000);
  const to = part(name);
  const progress: number[] = [];
  const copied = await copy(file('source', content), to, { onProgress: (bytes) => progress.push(bytes) });
  expect(copied).toEqual({ kind: 'copied', bytes: 300_000, sha256: sha256(content) });
  expect(readFileSync(to).equals(content)).toBe(true);
  expect(statSync(to).mode & 0o7777).toBe(0o600);
  expect(progress.at(-1)).toBe(300_000);
});

test('from one host to another, and from a host to itself', async () => {
  const second = await startSshd();
  const known = join(sshd.folder, 'known_both');
  writeFileSync(known, readFileSync(sshd.knownHosts, 'utf8') + readFileSync(second.knownHosts, 'utf8'));
  const own = createLayer(sshd, { knownHosts: known });
  const content = randomBytes(5_000_000);
  const from = { target: sshd.target, path: file('from', content) };
  for (const target of [sshd.target, { ...second.target, host: 'beta' }]) {
    const path = part('over');
    expect(await own.files.copy({ from, to: { target, path } })).toEqual({ kind: 'copied', bytes: 5_000_000, sha256: sha256(content) });
    expect(readFileSync(path).equals(content)).toBe(true);
  }
  await own.close();
  await second.stop();
});

test('as another user, who then owns the part', async () => {
  const other = await anotherUser(sshd);
  mkdirSync(at('theirs'));
  chmodSync(at('theirs'), 0o777);
  const to = join(at('theirs'), '.x.keyturn-1-1.part');
  const from = { target: other.target, path: file('readable', 'x') };
  expect(await other.layer.files.copy({ from, to: { target: other.target, path: to } })).toMatchObject({ kind: 'copied' });
  expect(statSync(to).uid).toBe(other.uid);
  await other.close();
});

test('an empty file is copied', async () => {
  const to = part('empty');
  expect(await copy(file('empty', ''), to)).toEqual({ kind: 'copied', bytes: 0, sha256: sha256('') });
  expect(statSync(to).size).toBe(0);
});

test('a dozen at once share the channels of one connection', async () => {
  const from = { target: sshd.target, path: file('dozen', randomBytes(100_000)) };
  const all = Array.from({ length: 12 }, () => layer.files.copy({ from, to: { target: sshd.target, path: part('dozen') } }));
  expect((await Promise.all(all)).map((copied) => copied.kind)).toEqual(Array(12).fill('copied'));
});

test('an earlier part is written over, anything else is not', async () => {
  const from = file('newer', 'newer');
  const earlier = part('earlier');
  writeFileSync(earlier, 'a much longer earlier try', { mode: 0o644 });
  expect(await copy(from, earlier)).toMatchObject({ kind: 'copied' });
  expect([readFileSync(earlier, 'utf8'), statSync(earlier).mode & 0o777]).toEqual(['newer', 0o600]);
  expect(await copy(from, file('atscale.yaml', 'in use'))).toMatchObject({
    kind: 'failed',
    why: expect.stringContaining('is there already'),
  });
  expect(readFileSync(at('atscale.yaml'), 'utf8')).toBe('in use');
  const link = part('link');
  symlinkSync(at('atscale.yaml'), link);
  for (const path of [link, '/dev/null'])
    expect(await copy(from, path)).toMatchObject({ kind: 'failed', why: expect.stringContaining('is there already') });
  expect(readFileSync(at('atscale.yaml'), 'utf8')).toBe('in use');
});

test.each<[string, string, (other: Awaited<ReturnType<typeof anotherUser>>) => Promise<Copied>, RegExp]>([
  ['a folder that is not there', 'to', () => copy(file('x', 'x'), at('no such/.x.keyturn-1-1.part')), /there is no folder .*no such/],
  [
    'a folder that is shut',
    'to',
    ({ layer, target }) => layer.files.copy({ from: { file: file('x', 'x') }, to: { target, path: '/root/.x.keyturn-1-1.part' } }),
    /may not write into \/root/,
  ],
  ['a source that is not there', 'from', () => copy(at('none'), part('x')), /none on this machine is not there/],
  ['a source that is a folder', 'from', () => copy(sshd.home, part('x')), /is not a file/],
  [
    'a source that is not on the host',
    'from',
    () => copy('', part('x'), { from: { target: sshd.target, path: at('none') } }),
    /none on alpha .* is not there/,
  ],
  [
    'a source that may not be read',
    'from',
    ({ layer, target }) => {
      chmodSync(file('mine', 'x'), 0o000);
      return layer.files.copy({ from: { target, path: at('mine') }, to: { target: sshd.target, path: part('x') } });
    },
    /mine on alpha .* cannot be read: Permission denied/,
  ],
])('%s is named plainly', async (_title, _end, attempt, why) => {
  const other = await anotherUser(sshd);
  const copied = await attempt(other);
  await other.close();
  expect(copied).toMatchObject({ kind: 'failed', why: expect.stringMatching(why), check: expect.any(String) });
});

test('a host that is out of reach is refused', async () => {
  const nowhere = { ...sshd.target, port: 1 };
  const from = { file: file('x', 'x') };
  const refused = { kind: 'refused', why: { code: 'UNREACHABLE' } };
  expect(await layer.files.copy({ from, to: { target: nowhere, path: '/x' } })).toMatchObject(refused);
  expect(await copy('', part('x'), { from: { target: nowhere, path: '/x' } })).toMatchObject(refused);
});

/** Lines that would show if a shell ever read them. */
const commands = 'touch "$HOME/hacked"\n'.repeat(200_000);

(canMount() ? test : test.skip)('a full disk is told, and no byte is taken for a command', async () => {
  const full = at('full');
  mkdirSync(full);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', full]);
  const path = join(full, '.x.keyturn-1-1.part');
  const copied = await copy(file('commands', commands), path);
  const left = readdirSync(full);
  execFileSync('umount', [full]);
  expect(copied).toMatchObject({ kind: 'failed', why: expect.stringMatching(/On alpha .* the disk of .*full is full/) });
  expect(left).toEqual([]);
  expect(readdirSync(sshd.home)).not.toContain('hacked');
});

test.each([
  ['the limit for one file', 'ulimit -f 1000'],
  ['the same limit, its signal ignored', `trap '' XFSZ; ulimit -f 1000`],
])('%s is told, and no byte is taken for a command', async (_title, limit) => {
  const host = await standInForSudo(`${limit}; exec /bin/sh -s`);
  const path = part('limited');
  const copied = await host.layer.files.copy({ from: { file: file('commands', commands) }, to: { target: host.target, path } });
  const hacked = existsSync(join(host.sshd.home, 'hacked'));
  await host.close();
  expect(copied).toMatchObject({ kind: 'failed', why: expect.stringContaining('larger than a file may be there') });
  expect([existsSync(path), hacked]).toEqual([false, false]);
});

test('a cut in the middle leaves nothing, and is copied again', async () => {
  const proxy = await startProxy(sshd.port);
  const far: Target = { ...sshd.target, port: proxy.port };
  const own = createLayer(sshd, { knownHosts: sshd.knownFor(proxy.port) });
  const content = randomBytes(20_000_000);
  const from = file('cut', content);
  const to = { target: far, path: part('cut') };
  const here = await own.files.copy({ from: { file: from }, to, onProgress: (bytes) => bytes > 8_000_000 && proxy.cut() });
  expect(here).toMatchObject({ kind: 'cut', why: expect.stringContaining('alpha') });
  await until(() => !existsSync(to.path));
  await own.close();
  const both = createLayer(sshd, { knownHosts: knowing(sshd.knownHosts, sshd.knownFor(proxy.port)) });
  const path = part('cut');
  const source = await both.files.copy({
    ...{ from: { target: far, path: from }, to: { target: sshd.target, path } },
    onProgress: (bytes) => bytes > 8_000_000 && proxy.cut(),
  });
  expect(source).toMatchObject({ kind: 'cut', why: expect.stringContaining('was read') });
  expect(existsSync(path)).toBe(false);
  expect(await both.files.copy({ from: { file: from }, to })).toEqual({ kind: 'copied', bytes: 20_000_000, sha256: sha256(content) });
  await both.close();
  await proxy.close();
});

test('an abort ends it and leaves nothing', async () => {
  const path = file('aborted', randomBytes(20_000_000));
  const to = part('aborted');
  for (const from of [{ file: path }, { target: sshd.target, path }]) {
    for (const share of [0.2, 1]) {
      const stop = new AbortController();
      const onProgress = (bytes: number, total: number) => bytes >= total * share && stop.abort();
      expect(await copy('', to, { from, signal: stop.signal, onProgress })).toEqual({ kind: 'aborted' });
      expect(existsSync(to)).toBe(false);
    }
    expect(await copy('', to, { from, signal: AbortSignal.abort() })).toEqual({ kind: 'aborted' });
  }
});

test.each(['from', 'to'])('an abort does not wait for a host that hangs (%s)', async (end) => {
  const proxy = await startProxy(sshd.port);
  const own = createLayer(sshd, { knownHosts: knowing(sshd.knownHosts, sshd.knownFor(proxy.port)) });
  const far = { ...sshd.target, port: proxy.port };
  const path = file('hanging', Buffer.alloc(60_000_000));
  const to = part('hanging');
  const stop = new AbortController();
  let stalled = false;
  const copied = own.files.copy({
    ...{ from: { target: end === 'from' ? far : sshd.target, path }, to: { target: end === 'to' ? far : sshd.target, path: to } },
    signal: stop.signal,
    onProgress() {
      if (!stalled) proxy.stall();
      stalled = true;
    },
  });
  await until(() => stalled);
  stop.abort();
  expect(await copied).toEqual({ kind: 'aborted' });
  proxy.cut();
  await until(() => !existsSync(to));
  await own.close();
  await proxy.close();
});

test.each([
  ['longer', (path: string) => appendFileSync(path, 'more')],
  ['shorter', (path: string) => writeFileSync(path, 'less')],
  ['another of the same length', (path: string) => overwrite(path)],
])('a source that becomes %s is noticed', async (_title, change) => {
  for (const from of [(path: string) => ({ file: path }), (path: string) => ({ target: sshd.target, path })]) {
    const path = file('changing', Buffer.alloc(20_000_000));
    const to = part('changing');
    let changed = false;
    const onProgress = (): void => {
      if (!changed) change(path);
      changed = true;
    };
    const copied = await layer.files.copy({ from: from(path), to: { target: sshd.target, path: to }, onProgress });
    expect(copied).toMatchObject({ kind: 'failed', why: expect.stringContaining('changed while it was read') });
    expect(existsSync(to)).toBe(false);
  }
});

test('a host that takes nothing holds back the source', async () => {
  const proxy = await startProxy(sshd.port);
  const own = createLayer(sshd, { knownHosts: sshd.knownFor(proxy.port) });
  const from = file('held', Buffer.alloc(60_000_000));
  let sent = 0;
  let stalled = false;
  const copied = own.files.copy({
    ...{ from: { file: from }, to: { target: { ...sshd.target, port: proxy.port }, path: part('held') } },
    onProgress(bytes) {
      sent = bytes;
      if (!stalled && bytes > 5_000_000) proxy.stall();
      stalled ||= bytes > 5_000_000;
    },
  });
  await until(() => stalled);
  // Nothing is to happen, so there is nothing to wait for but time.
  await new Promise((resume) => setTimeout(resume, 1_000));
  const then = sent;
  expect(then).toBeLessThan(20_000_000);
  proxy.flow();
  expect(await copied).toMatchObject({ kind: 'copied', bytes: 60_000_000 });
  expect(sent).toBeGreaterThan(then);
  await own.close();
  await proxy.close();
});

test('500 MB take no more memory than a few', async () => {
  const from = at('large');
  const hash = createHash('sha256');
  const handle = openSync(from, 'w');
  for (let i = 0; i < 500; i += 1) {
    const block = Buffer.alloc(1_000_000, `block ${i} `);
    hash.update(block);
    writeSync(handle, block);
  }
  closeSync(handle);
  const expected = { kind: 'copied', bytes: 500_000_000, sha256: hash.digest('hex') };
  for (const source of [{ file: from }, { target: sshd.target, path: from }]) {
    const to = part('large');
    const before = process.memoryUsage().rss;
    let peak = 0;
    const copied = await layer.files.copy({
      ...{ from: source, to: { target: sshd.target, path: to } },
      onProgress() {
        peak = Math.max(peak, process.memoryUsage.rss());
      },
    });
    expect(copied).toEqual(expected);
    expect((peak - before) / 1_000_000).toBeLessThan(80);
  }
}, 120_000);

/** Whether a disk can be made here, to fill it. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

/** A known_hosts file that knows what these know. */
function knowing(...paths: readonly string[]): string {
  const path = join(sshd.folder, 'known_all');
  writeFileSync(path, paths.map((each) => readFileSync(each, 'utf8')).join(''));
  return path;
}

/** Other bytes of the same length, and the time of the last change as it was. */
function overwrite(path: string): void {
  const { atime, mtime } = statSync(path);
  const handle = openSync(path, 'r+');
  writeSync(handle, 'other', 10_000_000);
  closeSync(handle);
  utimesSync(path, atime, mtime);
}
