/** `npm test`: everything that the tests need, then all of them (or those that the arguments name, as Jest takes them). */
import { ensureBuild, ensureNode, ensurePackages } from './packages.mjs';
import { ensureProgram } from './programs.mjs';
import { runNode } from './run.mjs';

ensureNode();
ensurePackages();
ensureProgram('redis');
ensureProgram('sshd');
const chromium = ensureProgram('chromium');
ensureBuild();
runNode(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...process.argv.slice(2)], {
  CHROMIUM_PATH: chromium,
});
