/**
 * Stand-in for a Cloudsoft AMP server: one process, HTTPS, the part of Apache Brooklyn's REST interface that is about high availability.
 *
 * Invariants
 *   S1  it ends within a second when its sandbox is deleted, whatever it is doing.
 *   S2  it ends gracefully within a second of its owner, where it has one: a demo that is killed leaves no server behind.
 *   S3  SIGTERM is the graceful end: TERMINATED is in the persisted state before the process is gone.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createApi } from './api.mjs';
import { describeKeys } from './keys.mjs';
import { createNode } from './node.mjs';
import { joinSandbox } from './sandbox.mjs';
import { readSettings } from './settings.mjs';
import { joinPlane, openStoreOf } from './start.mjs';

const sandbox = joinSandbox();

/** @type {(() => void) | undefined} */
let terminate;
const end = (/** @type {number} */ code) => {
  sandbox.end(code);
  process.exit(code);
};
for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT'])) {
  process.on(signal, () => {
    terminate?.();
    end(0);
  });
}
process.on('SIGHUP', () => undefined);
const owner = Number(process.env.OWNER ?? '');
setInterval(() => {
  if (!sandbox.exists()) process.exit(0);
  if (owner > 0 && !sandbox.isAlive(owner)) {
    terminate?.();
    end(0);
  }
}, 500);

try {
  await run();
} catch (error) {
  sandbox.note(`does not start: ${error instanceof Error ? error.message : error}`);
  end(1);
}

async function run() {
  sandbox.begin();
  const settings = readSettings();
  sandbox.note(describeKeys(sandbox.hosts()));
  const startMs = Number(sandbox.fault('slow-start') ?? settings.startMs);
  await pause(startMs / 2);
  if (sandbox.fault('start-fails') !== undefined) throw new Error('the container could not be initialised');
  const store = openStoreOf(settings, sandbox);
  const node = createNode({ settings, store, sandbox });
  await listen(settings, createApi({ node, settings, sandbox }));
  node.begin();
  terminate = node.terminate;
  await pause(startMs / 2);
  node.publish();
  joinPlane(node, settings, sandbox);
  setInterval(node.tick, settings.pollMs);
}

/** Refuses a port that is taken. @param {import('./settings.mjs').Settings} settings @param {import('node:http').RequestListener} handle */
function listen({ port, tlsDir }, handle) {
  const server = createServer({ key: readFileSync(join(tlsDir, 'key.pem')), cert: readFileSync(join(tlsDir, 'cert.pem')) }, handle);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
}
