/** `npm start`, `npm run bot`, `npm run worker`: Keyturn itself. Redis is brought only where REDIS_URL names none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild, ensureNode, ensurePackages, ROOT } from './packages.mjs';
import { ensureProgram } from './programs.mjs';
import { runNode } from './run.mjs';

ensureNode();
const file = join(ROOT, '.env');
if (existsSync(file)) process.loadEnvFile(file);
ensurePackages();
if (!process.env.REDIS_URL) ensureProgram('redis');
ensureBuild();
runNode(['dist/src/main.js', ...process.argv.slice(2)]);
