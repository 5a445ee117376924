/**
 * How a server joins the plane: which folder its store is in, and what the configured mode makes of it.
 *
 * @import { HaNode } from './node.mjs'
 * @import { Sandbox } from './sandbox.mjs'
 * @import { Settings } from './settings.mjs'
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { memoryStore, openStore } from './store.mjs';

/**
 * Throws where the persisted state cannot be read and written: then the server does not start.
 * @param {Settings} settings @param {Sandbox} sandbox
 */
export function openStoreOf(settings, sandbox) {
  const { persistMode, mode } = settings;
  if (persistMode === 'DISABLED' || mode === 'DISABLED') return memoryStore();
  const folder = folderOf(settings, sandbox);
  return openStore(folder, {
    persistMode,
    isReadOnly: () => folder === settings.sharedDir && sandbox.fault('read-only', 'cluster') !== undefined,
  });
}

/** @param {Settings} settings @param {Sandbox} sandbox */
function folderOf({ persistenceDir, sandboxDir, sharedDir, home, onViolation, modeGiven }, sandbox) {
  if (!isInside(home, persistenceDir) && !existsSync(persistenceDir)) throw new Error(`persistenceDir ${persistenceDir} does not exist`);
  mkdirSync(persistenceDir, { recursive: true });
  const folder = realpathSync(persistenceDir);
  if (!isInside(realpathSync(sandboxDir), folder)) throw new Error(`persistenceDir ${persistenceDir} is outside of the sandbox`);
  if (folder !== realpathSync(sharedDir)) {
    if (modeGiven) sandbox.note(`persistenceDir ${persistenceDir} is not the shared folder`);
    return folder;
  }
  if (sandbox.fault('not-mounted') === undefined) return sharedDir;
  sandbox.violation(`started while persistenceDir ${persistenceDir} is not mounted`);
  if (onViolation === 'refuse') throw new Error(`persistenceDir ${persistenceDir} is not mounted`);
  // What a mount point without its mount is: an empty folder of the host's own.
  const own = join(home, 'data', 'unmounted');
  mkdirSync(own, { recursive: true });
  return own;
}

/** @param {string} folder @param {string} path */
function isInside(folder, path) {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** @param {HaNode} node @param {Settings} settings @param {Sandbox} sandbox */
export function joinPlane(node, { mode, persistMode }, sandbox) {
  if (mode === 'DISABLED' || persistMode === 'DISABLED') return node.promote();
  const { plane, master } = node.look();
  noteUnusual(mode, plane.nodes.length, master !== undefined, sandbox);
  switch (mode) {
    case 'AUTO':
      return node.joinAsAuto();
    case 'MASTER':
      if (master === undefined) return node.promote();
      sandbox.violation(`a second MASTER is started while ${master.nodeId} is MASTER`);
      break;
    case 'HOT_BACKUP':
      return node.become(mode);
    default:
      if (master !== undefined) return node.become(mode);
      sandbox.note(`started as ${mode} where there is no master`);
  }
  node.become('FAILED');
}

/** @param {string} mode @param {number} known How many nodes the store knows, ourselves included. @param {boolean} hasMaster @param {Sandbox} sandbox */
function noteUnusual(mode, known, hasMaster, sandbox) {
  const usual = known === 1 ? 'MASTER' : 'AUTO';
  const who = known === 1 ? 'first' : 'next';
  if (mode !== usual && (known === 1 || hasMaster))
    sandbox.note(`the ${who} server starts with highAvailabilityMode ${mode}; the document sets ${usual}`);
}
