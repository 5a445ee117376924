/** The SSH keys in an amp account, as `share-ssh-keys` leaves them. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export type KeyFile = {
  /** The permission bits, such as `600`. */
  readonly mode: string;
  /** `user:group` by the last chown or install; undefined where none has given the file away. */
  readonly owner?: string;
  /** Of the content, in hexadecimal; absent for the folder. */
  readonly sha256?: string;
};

/** `.ssh` itself, and what is in it of the two. */
export type HostKeys = { readonly '.ssh'?: KeyFile; readonly id_rsa?: KeyFile; readonly 'id_rsa.pub'?: KeyFile };

/** `owners` is the file in which the stand-ins for chown and install write down who has got what. */
export function readKeys(ampHome: string, owners: string): HostKeys {
  const names = ['.ssh', 'id_rsa', 'id_rsa.pub'] as const;
  const found = names.map(
    (name) => [name, readKeyFile(name === '.ssh' ? join(ampHome, name) : join(ampHome, '.ssh', name), owners)] as const,
  );
  return Object.fromEntries(found.filter(([, file]) => file !== undefined));
}

function readKeyFile(path: string, owners: string): KeyFile | undefined {
  if (!existsSync(path)) return undefined;
  const { mode, ino } = statSync(path);
  const owner = ownerOf(ino, owners);
  return {
    mode: (mode & 0o7777).toString(8),
    ...(owner === undefined ? {} : { owner }),
    ...(statSync(path).isDirectory() ? {} : { sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }),
  };
}

function ownerOf(inode: number, owners: string): string | undefined {
  if (!existsSync(owners)) return undefined;
  const lines = readFileSync(owners, 'utf8').trim().split('\n');
  const [, user, group] = lines.findLast((line) => line.startsWith(`${inode} `))?.split(' ') ?? [];
  return user === undefined ? undefined : `${user}:${group}`;
}
