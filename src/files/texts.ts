/** The files of a folder, as text. A file that cannot be read is a finding and never hides the others; nothing here throws for what it finds. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Finding } from '../procedure/finding.ts';

export type Text = { readonly file: string; readonly text: string | Finding };

/** Above what the parsers accept, so that a huge file is refused without being read. */
const maxBytes = 2 * 1024 * 1024;

/** The YAML files of a folder, sorted by name; files that end in `.test.yaml` are for `keyturn test`. */
export function yamlFiles(folder: string): readonly Text[] {
  const entries = entriesOf(folder);
  if (!Array.isArray(entries)) return [{ file: folder, text: entries }];
  return entries
    .filter((entry) => !entry.isDirectory && /\.ya?ml$/.test(entry.path) && !/\.test\.ya?ml$/.test(entry.path))
    .map(({ path }) => ({ file: path, text: textOf(path) }));
}

/** The folders in a folder. */
export function foldersIn(folder: string): readonly string[] | Finding {
  const entries = entriesOf(folder);
  return Array.isArray(entries) ? entries.filter(({ isDirectory }) => isDirectory).map(({ path }) => path) : entries;
}

export function textOf(path: string): string | Finding {
  try {
    if (statSync(path).size > maxBytes) return finding(path, 'the file is larger than 1 MiB', 'whether this is the file that you meant');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    return finding(path, `the file cannot be read: ${reasonOf(error)}`, 'that it is a UTF-8 text file and may be read');
  }
}

/** About a file as a whole. */
export function finding(file: string, message: string, check: string, path = ''): Finding {
  return { file, line: 1, column: 1, path, message, check };
}

export function nameOf(file: string): string {
  return basename(file).replace(/\.ya?ml$/, '');
}

type Entry = { readonly path: string; readonly isDirectory: boolean };

/** Hidden ones are left out; links are followed, since a mounted ConfigMap consists of them. */
function entriesOf(folder: string): Entry[] | Finding {
  try {
    const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
    return names.sort().map((name) => ({ path: join(folder, name), isDirectory: isFolder(join(folder, name)) }));
  } catch (error) {
    const check = 'that it exists and may be read; KEYTURN_PROCEDURES and KEYTURN_CLUSTERS name it';
    return finding(folder, `the folder cannot be read: ${reasonOf(error)}`, check);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The system's reason in words; an unforeseen one by its code. */
function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown reason';
  return reasons[code] ?? code;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  ENOTDIR: 'it is not a folder',
  ELOOP: 'its links go in a circle',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};
