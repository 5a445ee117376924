/** Update packages that the stand-in for rpm can read. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a package of that release and of exactly that many bytes, without taking the space on the disk. The first line says both, so
 * that the stand-in notices a copy that was cut short. Throws where the line alone is longer.
 */
export function makeAlationPackage(path: string, options: { readonly version: string; readonly bytes?: number }): void {
  const { version, bytes = 4096 } = options;
  const line = Buffer.from(`alation-sandbox-package ${version} ${bytes}\n`);
  if (bytes < line.length) throw new Error(`A package of ${bytes} bytes cannot hold its first line of ${line.length}.`);
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w');
  try {
    writeSync(file, line);
    ftruncateSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
