/** `npm run bench -- <name>`: figures as ratios within one run, on a real Redis and a real sshd. */
import { ensureBuild, ensureNode, ensurePackages } from './packages.mjs';
import { ensureProgram } from './programs.mjs';
import { runNode } from './run.mjs';

ensureNode();
ensurePackages();
ensureProgram('redis');
ensureProgram('sshd');
ensureBuild();
runNode(['dist/bench/main.js', ...process.argv.slice(2)]);
