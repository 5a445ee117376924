/** `.env` in the current folder, where there is one. What the environment says already, wins. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KeyturnError } from './errors.ts';

/** Throws KeyturnError `DOTENV_UNREADABLE`. */
export function readDotEnv(): void {
  if (!existsSync('.env')) return;
  try {
    process.loadEnvFile('.env');
  } catch (error) {
    const file = resolve('.env');
    throw new KeyturnError('DOTENV_UNREADABLE', `${file} cannot be read`, 'that it is a file, and that this user may read it', {
      cause: error,
    });
  }
}
