/** `node --import ./run-ts.mjs file.ts`: a child process of a test runs the TypeScript as it stands, on Node 20 too. */
import { register } from 'node:module';

register('./run-ts-hooks.mjs', import.meta.url);
