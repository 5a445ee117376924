/**
 * The rules of the management plane, as Apache Brooklyn has them: which nodes live, which of them is the next master, how a node is seen by
 * the others. Pure.
 *
 * @typedef {'INITIALIZING' | 'STANDBY' | 'HOT_STANDBY' | 'HOT_BACKUP' | 'MASTER' | 'FAILED' | 'TERMINATED'} State
 * @typedef {'DISABLED' | 'AUTO' | 'STANDBY' | 'HOT_STANDBY' | 'HOT_BACKUP' | 'MASTER'} Mode
 * @typedef {{ nodeId: string, nodeUri: string, status: State, priority: number, yields: boolean, localTimestamp: number }} Heartbeat
 * @typedef {Heartbeat & { remoteTimestamp: number }} Node A heartbeat and when it reached the store, by the store's clock.
 * @typedef {{ masterId: string | null, nodes: Node[] }} Plane
 */

/** @type {readonly Mode[]} */
export const MODES = ['DISABLED', 'AUTO', 'STANDBY', 'HOT_STANDBY', 'HOT_BACKUP', 'MASTER'];
/** @type {readonly State[]} */
const CANDIDATES = ['STANDBY', 'HOT_STANDBY', 'MASTER'];
/** @type {readonly State[]} */
const ACTIVE = [...CANDIDATES, 'HOT_BACKUP'];

/**
 * Measured against our own last heartbeat and not against a clock: whoever cannot write at present takes nobody for dead.
 * @param {Node} node @param {Node} own @param {number} timeoutMs
 */
function isFresh(node, own, timeoutMs) {
  return own.remoteTimestamp - node.remoteTimestamp <= timeoutMs;
}

/**
 * The recognised master, if it says so itself and its heart beats.
 * @param {Plane} plane @param {Node} own @param {number} timeoutMs
 */
export function livingMaster({ masterId, nodes }, own, timeoutMs) {
  const master = nodes.find((node) => node.nodeId === masterId);
  return master?.status === 'MASTER' && isFresh(master, own, timeoutMs) ? master : undefined;
}

/**
 * The node that has to be the next master; every node comes to the same answer and only the chosen one acts.
 * @param {readonly Node[]} nodes @param {Node} own @param {number} timeoutMs
 */
export function chooseMaster(nodes, own, timeoutMs) {
  const candidates = nodes.filter((node) => CANDIDATES.includes(node.status) && isFresh(node, own, timeoutMs));
  return candidates.sort(byRank)[0];
}

/** @param {Node} a @param {Node} b */
function byRank(a, b) {
  const hot = (/** @type {Node} */ node) => Number(node.status !== 'STANDBY');
  return b.priority - a.priority || Number(a.yields) - Number(b.yields) || hot(b) - hot(a) || (a.nodeId < b.nodeId ? -1 : 1);
}

/**
 * The plane as `own` sees it, in the form of `GET …/ha/states`: a node that was active and has not been heard of is gone.
 * @param {Plane} plane @param {Node} own @param {{ timeoutMs: number, timedOut: State }} settings
 */
export function summaryFor({ masterId, nodes }, own, { timeoutMs, timedOut }) {
  const seen = nodes.map(({ nodeId, nodeUri, status, localTimestamp, remoteTimestamp }) => {
    const isGone = ACTIVE.includes(status) && own.remoteTimestamp - remoteTimestamp > timeoutMs;
    return [nodeId, { nodeId, nodeUri, status: isGone ? timedOut : status, localTimestamp, remoteTimestamp }];
  });
  return { ownId: own.nodeId, masterId, nodes: Object.fromEntries(seen), links: {} };
}

/** What a server that disagrees takes for the master: any node but the true one. @param {Plane} plane */
export function wrongMaster({ masterId, nodes }) {
  return nodes.find((node) => node.nodeId !== masterId)?.nodeId ?? 'Zz00Zz00';
}
