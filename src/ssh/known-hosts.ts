/** known_hosts as OpenSSH writes it (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): parsing and comparing are pure, two functions touch the file. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, KeyturnError } from '../errors.ts';

/** A host's public key as it showed it. */
export type PresentedKey = { readonly type: string; readonly key: Buffer; readonly fingerprint: string };

type Entry = { readonly revoked: boolean; readonly patterns: readonly string[]; readonly type: string; readonly key: Buffer };

export type KnownHosts = {
  readonly entries: readonly Entry[];
  /** Lines that were left out, each with its number and the reason, for the log. */
  readonly ignored: readonly string[];
};

export type Verdict =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'changed'; readonly known: readonly string[] }
  | { readonly kind: 'revoked' };

/** As `ssh-keygen -l` writes it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The key type written inside a public key in wire form: a length, then that many letters. */
export function presentedKey(key: Buffer): PresentedKey {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return { type: key.subarray(4, 4 + length).toString('latin1'), key, fingerprint: fingerprintOf(key) };
}

export function parseKnownHosts(text: string): KnownHosts {
  const entries: Entry[] = [];
  const ignored: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const entry = parseLine(line);
    if (typeof entry === 'string') ignored.push(`line ${index + 1}: ${entry}`);
    else entries.push(entry);
  }
  return { entries, ignored };
}

/** One line that is neither blank nor a comment; a text says why it cannot be used. */
export function parseLine(line: string): Entry | string {
  const words = line.split(/[ \t]+/);
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  if (marker === '@cert-authority') return 'host certificates (@cert-authority) are not supported';
  if (marker !== undefined && marker !== '@revoked') return `the marker ${marker} is not known`;
  const [hosts, type, base64] = words;
  if (hosts === undefined || type === undefined || base64 === undefined) return 'it is not "hosts key-type key"';
  const key = Buffer.from(base64, 'base64');
  if (presentedKey(key).type !== type) return `the key is not a ${type} key`;
  return { revoked: marker === '@revoked', patterns: hosts.split(','), type, key };
}

/** The name under which known_hosts keeps a host: the bare address on port 22, `[address]:port` otherwise. */
export function hostName(address: string, port: number): string {
  const lower = address.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/** Whether a line's names and patterns mean this host. */
export function isNamed(patterns: readonly string[], name: string): boolean {
  const hits = patterns.map((pattern) => ({ no: pattern.startsWith('!'), hit: matchesOne(pattern.replace(/^!/, ''), name) }));
  return hits.some(({ no, hit }) => !no && hit) && !hits.some(({ no, hit }) => no && hit);
}

function matchesOne(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) return matchesHashed(pattern, name);
  const wild = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${wild}$`).test(name);
}

function matchesHashed(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split('|');
  if (salt === undefined || hash === undefined) return false;
  const ours = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  const theirs = Buffer.from(hash, 'base64');
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

function entriesFor(known: KnownHosts, address: string, port: number): readonly Entry[] {
  const name = hostName(address, port);
  return known.entries.filter((entry) => isNamed(entry.patterns, name));
}

/** The keys that are known for a host. */
export function knownKeys(known: KnownHosts, address: string, port: number): readonly PresentedKey[] {
  return entriesFor(known, address, port)
    .filter((entry) => !entry.revoked)
    .map((entry) => presentedKey(entry.key));
}

/** Whether a key that a host shows is one we know for it. A key of a type we do not know, beside known ones of other types, is a change. */
export function verifyHostKey(known: KnownHosts, address: string, port: number, key: Buffer): Verdict {
  const entries = entriesFor(known, address, port);
  const same = entries.filter((entry) => entry.key.equals(key));
  if (same.some((entry) => entry.revoked)) return { kind: 'revoked' };
  if (same.length > 0) return { kind: 'trusted' };
  const others = entries.filter((entry) => !entry.revoked).map((entry) => fingerprintOf(entry.key));
  return others.length === 0 ? { kind: 'unknown' } : { kind: 'changed', known: others };
}

/** Reads the file; one that is not there knows nobody. */
export async function readKnownHosts(path: string): Promise<KnownHosts> {
  return parseKnownHosts(await readText(path));
}

/** The file's text; empty if it is not there. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return '';
    throw new KeyturnError('KNOWN_HOSTS', `The file of known hosts, ${path}, cannot be read.`, 'its permissions, and KEYTURN_DATA', {
      cause,
    });
  }
}

/** Adds a key that a person has compared and accepted. Adding what is there already changes nothing. */
export async function addKnownHost(path: string, address: string, port: number, key: PresentedKey): Promise<void> {
  const verdict = verifyHostKey(await readKnownHosts(path), address, port, key.key);
  if (verdict.kind === 'trusted') return;
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${hostName(address, port)} ${key.type} ${key.key.toString('base64')}\n`, { mode: 0o600 });
}
