/** Names of files on hosts, checked before anything is sent. Pure. */
import { KeyturnError } from '../errors.ts';

/** Refuses a path that no host could take as it is. */
export function checkPath(path: string): void {
  const wrong = path.includes('\0')
    ? 'holds a NUL character'
    : path.includes('\n')
      ? 'holds a line end'
      : path.startsWith('/')
        ? undefined
        : 'does not begin with a slash';
  if (wrong === undefined) return;
  const shown = JSON.stringify(path.slice(0, 200));
  const allowed = 'a path begins with a slash and may hold every character but NUL and the line end';
  throw new KeyturnError('FILE_PATH', `The path ${shown} on a host cannot be used: it ${wrong}. Allowed: ${allowed}.`, 'the path');
}

/** Whether a path has the name of a part of a copy of ours, which a later try may write over: `.<name>.keyturn-<run>-<attempt>.part`. */
export function isPart(path: string): boolean {
  return /^\..+\.keyturn-.+\.part$/.test(path.slice(path.lastIndexOf('/') + 1));
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
