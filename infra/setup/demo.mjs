/** `npm run demo`: everything that the demo needs, then the demo. */
import { ensureBuild, ensureNode, ensurePackages } from './packages.mjs';
import { ensureProgram } from './programs.mjs';
import { runNode } from './run.mjs';

ensureNode();
ensurePackages();
ensureProgram('redis');
ensureBuild();
runNode(['dist/infra/sandbox/demo.js', ...process.argv.slice(2)]);
