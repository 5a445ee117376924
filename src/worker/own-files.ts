/** Files of the worker's own machine that procedures may copy: those under KEYTURN_FILES and no others, links that lead out of it included. */
import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Hands } from './hands.ts';

export function createOwnFiles(folder: string): Hands['ownFile'] {
  return (path) => {
    const refused = (why: string) => ({ kind: 'refused', why: `${path} cannot be copied from the worker: ${why}` }) as const;
    if (path.includes('\0') || path.split('/').includes('..')) return refused('its path may not hold .. or NUL');
    const wanted = join(folder, path);
    try {
      const [real, root] = [realpathSync(wanted), realpathSync(folder)];
      return real.startsWith(root + sep) ? { kind: 'file', path: real } : refused(`it is not in ${folder}`);
    } catch {
      return refused(`there is no file ${wanted}; KEYTURN_FILES names the folder`);
    }
  };
}
