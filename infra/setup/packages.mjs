/** Node itself, the npm packages, and the build: each made sure of, and said. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { giveUp, say } from './say.mjs';

export const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const BUILT = join(ROOT, 'dist', 'src', 'main.js');

/** Node 20.19 is the first that loads every package. */
export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return say(`Node: ${process.versions.node}`);
  giveUp(
    `Node ${process.versions.node} is too old; Keyturn needs 20.19 or later.`,
    'install a newer Node from your package manager or nodejs.org.',
  );
}

/** `npm ci` when the packages are missing or older than the lock file. */
export function ensurePackages() {
  const marker = join(ROOT, 'node_modules', '.package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(ROOT, 'package-lock.json')).mtimeMs)
    return say('Packages: up to date');
  say('Packages: npm ci (about half a minute)');
  const ended = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT, stdio: 'inherit' });
  if (ended.status !== 0)
    giveUp('The npm packages could not be installed.', 'read what npm says above; it needs to reach the npm registry.');
}

/** Compiles into dist/ when a source is newer than the last build. A build with errors writes nothing, or the next start would take it for done. */
export function ensureBuild() {
  if (existsSync(BUILT) && newest(['src', 'infra', 'bench'].map((folder) => join(ROOT, folder))) <= statSync(BUILT).mtimeMs) {
    return say('Build: up to date');
  }
  say('Build: tsc');
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const ended = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError'], { cwd: ROOT, stdio: 'inherit' });
  if (ended.status !== 0) giveUp('The build failed.', 'read what the compiler says above.');
}

/** Time of the newest file below these folders, in milliseconds. */
function newest(folders) {
  let latest = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs);
    }
  }
  return latest;
}
