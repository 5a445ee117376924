/** Whether all servers have the same SSH keys: only then a new master reaches the machines that the old one made. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * In words, for the log.
 * @param {readonly { name: string, ampHome: string }[]} hosts
 */
export function describeKeys(hosts) {
  const prints = hosts.map(({ name, ampHome }) => ({ name, print: fingerprint(join(ampHome, '.ssh')) }));
  const kinds = new Set(prints.map(({ print }) => print));
  if (!kinds.has('none')) return kinds.size === 1 ? 'SSH keys: the same on every server' : `SSH keys differ: ${list(prints)}`;
  return kinds.size === 1 ? 'SSH keys: none on any server' : `SSH keys are not on every server: ${list(prints)}`;
}

/** @param {readonly { name: string, print: string }[]} prints */
function list(prints) {
  return prints.map(({ name, print }) => `${name} ${print}`).join(', ');
}

/** Of both halves together. @param {string} folder */
function fingerprint(folder) {
  const paths = ['id_rsa', 'id_rsa.pub'].map((name) => join(folder, name));
  if (!paths.every((path) => existsSync(path))) return 'none';
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 12);
}
