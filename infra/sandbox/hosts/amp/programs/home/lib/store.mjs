/**
 * The persisted state that the nodes of a plane share: a file with the last heartbeat of each node, and one with the master's id.
 *
 * Invariants
 *   P1  files are replaced by rename, so a reader sees the old or the new text and nothing between.
 *   P2  folders are made when a store is opened and never after: a folder that was deleted stays deleted.
 *
 * @import { Heartbeat, Node, Plane } from './plane.mjs'
 * @typedef {{ read(): Plane, write(heartbeat: Heartbeat): void, setMaster(id: string | null): void, remove(id: string): void }} Store
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Opens the store of that folder, and makes one where there is none. Throws where it cannot be read and written.
 * @param {string} folder
 * @param {{ persistMode: string, isReadOnly: () => boolean }} options
 * @returns {Store}
 */
export function openStore(folder, { persistMode, isReadOnly }) {
  const nodesFolder = join(folder, 'nodes');
  const masterFile = join(folder, 'master');
  const put = (/** @type {string} */ path, /** @type {string} */ text) => {
    if (isReadOnly()) throw new Error(`EROFS: read-only file system, open '${path}'`);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  if (persistMode === 'REBIND' && !existsSync(nodesFolder)) throw new Error(`persistMode is REBIND and there is no state in ${folder}`);
  if (persistMode === 'CLEAN') for (const path of [nodesFolder, masterFile]) rmSync(path, { recursive: true, force: true });
  mkdirSync(nodesFolder, { recursive: true });
  put(join(folder, '.write-test'), '');
  rmSync(join(folder, '.write-test'));
  return {
    read: () => ({ masterId: readMaster(masterFile), nodes: readNodes(nodesFolder) }),
    write: (heartbeat) => put(join(nodesFolder, heartbeat.nodeId), `${JSON.stringify(heartbeat)}\n`),
    setMaster: (id) => put(masterFile, id === null ? '' : `${id}\n`),
    remove: (id) => rmSync(join(nodesFolder, id), { force: true }),
  };
}

/**
 * For a node that works alone and keeps nothing.
 * @returns {Store}
 */
export function memoryStore() {
  /** @type {Map<string, Node>} */
  const nodes = new Map();
  /** @type {string | null} */
  let masterId = null;
  return {
    read: () => ({ masterId, nodes: [...nodes.values()] }),
    write: (heartbeat) => nodes.set(heartbeat.nodeId, { ...heartbeat, remoteTimestamp: Date.now() }),
    setMaster: (id) => {
      masterId = id;
    },
    remove: (id) => nodes.delete(id),
  };
}

/** @param {string} path */
function readMaster(path) {
  const id = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return id === '' ? null : id;
}

/** @param {string} folder @returns {Node[]} */
function readNodes(folder) {
  const names = readdirSync(folder).filter((name) => /^[A-Za-z0-9]+$/.test(name));
  return names.flatMap((name) => readNode(join(folder, name)) ?? []);
}

/** Undefined where another node has removed it meanwhile. @param {string} path @returns {Node | undefined} */
function readNode(path) {
  try {
    const remoteTimestamp = Math.floor(statSync(path).mtimeMs);
    return { ...JSON.parse(readFileSync(path, 'utf8')), nodeId: basename(path), remoteTimestamp };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
