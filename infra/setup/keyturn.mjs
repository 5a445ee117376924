/** `npm run keyturn -- <command>`: the command line. */
import { ensureBuild, ensureNode, ensurePackages } from './packages.mjs';
import { runNode } from './run.mjs';

ensureNode();
ensurePackages();
ensureBuild();
runNode(['dist/src/cli/main.js', ...process.argv.slice(2)]);
