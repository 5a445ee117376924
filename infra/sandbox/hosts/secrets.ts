/** The secrets of a sandbox product, as a cluster file names them: by where the value is, never by the value. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxProduct } from './product.ts';

export type SecretSource = { readonly env: string } | { readonly file: string };
export type SecretSources = Readonly<Record<string, SecretSource>>;

/** Writes each secret to a file of its own that only its owner can read, below `<dir>/secrets`. */
export function writeSecrets({ dir, secrets }: SandboxProduct): SecretSources {
  const folder = join(dir, 'secrets');
  const entries = Object.entries(secrets);
  if (entries.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const file = join(folder, name);
      writeFileSync(file, value, { mode: 0o600 });
      return [name, { file }];
    }),
  );
}
