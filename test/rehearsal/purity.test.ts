/** A rehearsal starts in milliseconds and touches nothing: none of what reaches Redis, SSH or Slack is ever loaded for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What stays of an import when its types are gone (`verbatimModuleSyntax`). */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^(?:import|export)(?! type\b)\s(?:[^;'"]*?\sfrom\s)?'([^']+)'/gm);
  return [...found].map((match) => match[1] ?? '');
}

function loadedFrom(files: readonly string[]): { readonly own: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const own = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (own.has(file)) return;
    own.add(file);
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) visit(resolve(file, '..', name));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  };
  for (const file of files) visit(file);
  return { own, packages };
}

const { own, packages } = loadedFrom(readdirSync('src/rehearsal').map((name) => resolve(join('src/rehearsal', name))));

test('no package that reaches Redis, SSH or Slack is loaded', () => {
  expect([...packages].sort()).toEqual(['@marcbachmann/cel-js', 'diff', 'fastest-levenshtein', 'js-yaml', 'pino', 'strip-ansi', 'zod']);
});

test('no room of ours that does is loaded', () => {
  const rooms = new Set([...own].map((file) => file.split('/src/')[1]?.split('/').slice(0, -1).join('/') ?? ''));
  for (const room of ['redis', 'queue', 'slack', 'slack/outbox', 'cli']) expect([...rooms]).not.toContain(room);
  expect([...own].filter((file) => /\/ssh\/(connection|dial|shell|session|probe)\w*\.ts$/.test(file))).toEqual([]);
});
