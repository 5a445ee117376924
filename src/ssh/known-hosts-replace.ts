/** Puts the new keys of an exchanged machine in the place of its old ones. The rest of the file stays as it is, to the byte. */
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { hostName, isNamed, type PresentedKey, parseLine, readText } from './known-hosts.ts';

/**
 * The text of a known_hosts file without what it says of one host: its address and port only, hashed or not. Other names on a shared line
 * stay, and a pattern that also fits others gets an exception. Comments, `@revoked` and `@cert-authority` lines, and what cannot be read stay.
 */
export function withoutHost(text: string, address: string, port: number): string {
  const name = hostName(address, port);
  return text
    .split(/(?<=\n)/)
    .map((line) => withoutName(line, name))
    .join('');
}

function withoutName(line: string, name: string): string {
  const words = line.trim();
  if (words === '' || words.startsWith('#') || words.startsWith('@')) return line;
  const entry = parseLine(words);
  if (typeof entry === 'string' || !isNamed(entry.patterns, name)) return line;
  const others = entry.patterns.filter((pattern) => !isOnly(pattern, name));
  const kept = isNamed(others, name) ? [...others, `!${name}`] : others;
  if (!kept.some((pattern) => !pattern.startsWith('!'))) return '';
  return line.replace(entry.patterns.join(','), () => kept.join(','));
}

/** Whether a pattern stands for this name and no other. */
function isOnly(pattern: string, name: string): boolean {
  return isNamed([pattern], name) && !/[*?]/.test(pattern);
}

/** Removes the old lines of a host and adds these keys, in one step: whoever reads the file sees the old or the new. */
export async function replaceKnownHost(path: string, address: string, port: number, keys: readonly PresentedKey[]): Promise<void> {
  const rest = withoutHost(await readText(path), address, port);
  const lines = keys.map((key) => `${hostName(address, port)} ${key.type} ${key.key.toString('base64')}\n`);
  const end = rest === '' || rest.endsWith('\n') ? '' : '\n';
  await writeWhole(path, `${rest}${end}${lines.join('')}`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  // A link stays a link: what it leads to is replaced.
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (facts) => facts.mode & 0o777,
    () => 0o600,
  );
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
