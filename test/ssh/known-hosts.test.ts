import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, knownKeys, parseKnownHosts, presentedKey, verifyHostKey } from '../../src/ssh/known-hosts.ts';
import { replaceKnownHost, withoutHost } from '../../src/ssh/known-hosts-replace.ts';

let folder: string;
let keys: Record<string, { line: string; raw: Buffer }>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-known-'));
  const make = (name: string, type: string) => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', join(folder, name)]);
    const line = readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
    return { line, raw: Buffer.from(line.split(' ')[1] ?? '', 'base64') };
  };
  keys = { one: make('one', 'ed25519'), two: make('two', 'ecdsa'), three: make('three', 'ed25519') };
});
afterAll(() => rmSync(folder, { recursive: true }));

const key = (name: string) => keys[name] ?? { line: '', raw: Buffer.alloc(0) };
const verdict = (text: string, name: string, address = 'node1', port = 22) =>
  verifyHostKey(parseKnownHosts(text), address, port, key(name).raw);

test('plain, listed, wild and negated names match as in OpenSSH', () => {
  expect(verdict(`node1 ${key('one').line}`, 'one')).toEqual({ kind: 'trusted' });
  expect(verdict(`other,NODE1,10.0.0.1 ${key('one').line} a comment`, 'one', 'Node1')).toEqual({ kind: 'trusted' });
  expect(verdict(`node* ${key('one').line}`, 'one')).toEqual({ kind: 'trusted' });
  expect(verdict(`node*,!node1 ${key('one').line}`, 'one')).toEqual({ kind: 'unknown' });
  expect(verdict(`nodeX1 ${key('one').line}`, 'one')).toEqual({ kind: 'unknown' });
});

test('another port is another host', () => {
  expect(verdict(`[node1]:2222 ${key('one').line}`, 'one', 'node1', 2222)).toEqual({ kind: 'trusted' });
  expect(verdict(`node1 ${key('one').line}`, 'one', 'node1', 2222)).toEqual({ kind: 'unknown' });
});

test('names hashed by ssh-keygen are found', () => {
  const path = join(folder, 'hashed');
  writeFileSync(path, `node1 ${key('one').line}\n[node2]:2222 ${key('two').line}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('node1');
  expect(verdict(text, 'one')).toEqual({ kind: 'trusted' });
  expect(verdict(text, 'two', 'node2', 2222)).toEqual({ kind: 'trusted' });
  expect(verdict(text, 'two')).toMatchObject({ kind: 'changed' });
});

test('any of several keys of a host is trusted', () => {
  const text = `node1 ${key('one').line}\nnode1 ${key('two').line}`;
  expect([verdict(text, 'one'), verdict(text, 'two')]).toEqual([{ kind: 'trusted' }, { kind: 'trusted' }]);
  expect(verdict(text, 'three')).toEqual({ kind: 'changed', known: [fingerprintOf(key('one').raw), fingerprintOf(key('two').raw)] });
  expect(knownKeys(parseKnownHosts(text), 'node1', 22).map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
});

test('a revoked key is refused though it is also listed', () => {
  expect(verdict(`node1 ${key('one').line}\n@revoked * ${key('one').line}`, 'one')).toEqual({ kind: 'revoked' });
});

test('lines that cannot be used are named with their reason', () => {
  const text = `# a comment\n\n@cert-authority *.example ${key('one').line}\nnode1\nnode1 ssh-rsa ${key('one').line.split(' ')[1]}\n@what node1 ${key('one').line}`;
  const known = parseKnownHosts(text);
  expect(known.entries).toEqual([]);
  expect(known.ignored.map((line) => line.split(':')[0])).toEqual(['line 3', 'line 4', 'line 5', 'line 6']);
});

test('the fingerprint is the one ssh-keygen shows', () => {
  const shown = execFileSync('ssh-keygen', ['-lf', join(folder, 'one.pub')]).toString();
  expect(shown).toContain(fingerprintOf(key('one').raw));
});

describe('an exchanged host', () => {
  /** What OpenSSH itself finds for a name. */
  const found = (text: string, name: string): string => {
    const path = join(folder, 'searched');
    writeFileSync(path, text);
    try {
      return execFileSync('ssh-keygen', ['-F', name, '-f', path], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    } catch {
      return '';
    }
  };

  test('its lines go, all others stay to the byte', () => {
    const stays = [
      '# node1 is the old one\r\n',
      '\n',
      `node10 ${key('one').line}\n`,
      `[node1]:2222 ${key('one').line} with a comment\n`,
      `  node2\t${key('two').line}\n`,
      `@revoked node1 ${key('one').line}\n`,
      `@cert-authority node1 ${key('one').line}\n`,
      'node1 is no key at all\n',
      `last ${key('three').line}`,
    ];
    const goes = [`node1 ${key('one').line}\n`, `NODE1 ${key('two').line} old\r\n`];
    const text = [stays[0], goes[0], ...stays.slice(1, 5), goes[1], ...stays.slice(5)].join('');
    expect(withoutHost(text, 'Node1', 22)).toBe(stays.join(''));
    expect(verdict(withoutHost(text, 'node1', 22), 'two')).toEqual({ kind: 'unknown' });
  });

  test('other names on a shared line stay', () => {
    const text = `other,node1,10.0.0.1 ${key('one').line} shared\n`;
    const rest = withoutHost(text, 'node1', 22);
    expect(rest).toBe(`other,10.0.0.1 ${key('one').line} shared\n`);
    expect([found(rest, 'node1'), found(rest, 'other') === '']).toEqual(['', false]);
  });

  test('a pattern that fits it gets an exception', () => {
    const text = `node*,10.0.0.1 ${key('one').line}\n`;
    const rest = withoutHost(text, 'node1', 22);
    expect(rest).toBe(`node*,10.0.0.1,!node1 ${key('one').line}\n`);
    expect([found(rest, 'node1'), found(rest, 'node2') === '']).toEqual(['', false]);
    expect([verdict(rest, 'one'), verdict(rest, 'one', 'node2')]).toEqual([{ kind: 'unknown' }, { kind: 'trusted' }]);
  });

  test('hashed lines are found by their port as well', () => {
    const path = join(folder, 'hashed-old');
    writeFileSync(path, `node1 ${key('one').line}\n[node1]:2222 ${key('two').line}\nnode2 ${key('one').line}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    const lines = readFileSync(path, 'utf8').split(/(?<=\n)/);
    expect(withoutHost(lines.join(''), 'node1', 2222)).toBe([lines[0], lines[2]].join(''));
    expect(withoutHost(lines.join(''), 'node1', 22)).toBe([lines[1], lines[2]].join(''));
  });

  test('its new keys stand in the file at once, rights kept', async () => {
    const path = join(folder, 'linked');
    const link = join(folder, 'known');
    writeFileSync(path, `node1 ${key('one').line}\nnode2 ${key('one').line}`, { mode: 0o640 });
    symlinkSync(path, link);
    const before = statSync(path).ino;
    await replaceKnownHost(link, 'node1', 22, [presentedKey(key('two').raw), presentedKey(key('three').raw)]);
    const text = readFileSync(path, 'utf8');
    expect(text).toBe(`node2 ${key('one').line}\nnode1 ${key('two').line}\nnode1 ${key('three').line}\n`);
    expect([verdict(text, 'one').kind, verdict(text, 'two').kind, verdict(text, 'three').kind]).toEqual(['changed', 'trusted', 'trusted']);
    expect([statSync(path).mode & 0o777, statSync(path).ino === before]).toEqual([0o640, false]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a file that is not there yet is made', async () => {
    const path = join(folder, 'none yet');
    await replaceKnownHost(path, 'node1', 2222, [presentedKey(key('one').raw)]);
    expect(readFileSync(path, 'utf8')).toBe(`[node1]:2222 ${key('one').line}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
