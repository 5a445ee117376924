import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprintOf, knownTypes, parseKnownHosts, verifyHostKey } from '../../src/ssh/known-hosts.ts';

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
  expect(knownTypes(parseKnownHosts(text), 'node1', 22)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
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
