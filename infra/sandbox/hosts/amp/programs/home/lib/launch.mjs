/** Starts the server in a session of its own, its output in a file, and writes its process id to pid.txt; ends when that is done. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const home = process.env.AMP_HOME ?? '';
const logs = join(home, 'data', 'log');
mkdirSync(logs, { recursive: true });
const output = openSync(join(logs, 'brooklyn.info.log'), 'a');
const server = spawn(process.execPath, [join(home, 'lib', 'amp-server.mjs')], {
  cwd: home,
  detached: true,
  stdio: ['ignore', output, output],
});
server.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.once('spawn', () => {
  const path = join(home, 'pid.txt');
  writeFileSync(`${path}.new`, `${server.pid}\n`);
  renameSync(`${path}.new`, path);
  server.unref();
});
