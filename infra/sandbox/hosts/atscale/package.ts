/** Package files that the stand-ins for rpm and dpkg take. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

export type PackageOptions = {
  /** Such as 2024.1.2.4207. */
  readonly version: string;
  readonly type: 'rpm' | 'deb';
  /** The size of the file; 4096 unless told. What is between its first and its last line is a hole that takes no room on the disk. */
  readonly bytes?: number;
};

const SMALLEST = 256;

/** Writes a package of AtScale. Its first line says what it is, its last how long it is, so that a copy that was cut off is seen. */
export function makePackage(path: string, { version, type, bytes = 4096 }: PackageOptions): void {
  if (bytes < SMALLEST) throw new Error(`A sandbox package has at least ${SMALLEST} bytes, not ${bytes}.`);
  const last = `\nKEYTURN SANDBOX PACKAGE END ${bytes}\n`;
  const file = openSync(path, 'w');
  try {
    writeSync(file, `KEYTURN SANDBOX PACKAGE atscale ${version} ${type}\n`);
    ftruncateSync(file, bytes);
    writeSync(file, last, bytes - last.length);
  } finally {
    closeSync(file);
  }
}
