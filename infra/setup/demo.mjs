/** `npm run demo`: everything that the demo needs, then the demo. */
import { ensureBuild, ensureNode, ensurePackages } from './packages.mjs';
import { ensureProgram } from './programs.mjs';
import { say } from './say.mjs';

say('Keyturn demo: a sandbox Slack in the browser, sandbox hosts behind SSH, a Redis of its own, and the real bot. All on this machine.');
ensureNode();
ensurePackages();
ensureProgram('redis');
ensureBuild();
// In this very process: one process less between the terminal and the demo, so each signal arrives once.
await import('../../dist/infra/sandbox/demo.js');
