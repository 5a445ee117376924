/**
 * One node of the management plane: its state, its heartbeat, its part in elections, and what it may be asked to do.
 *
 * Owns the node's state and everything that it writes into the store. Leaves the rules to plane.mjs and HTTP to api.mjs.
 *
 * Invariants
 *   N1  a new state is told to the sandbox before the store hears of it, so two masters at once are never one that has just stepped back;
 *       the log has it when the store has it.
 *   N2  only the node itself changes its own state.
 *
 * @import { Mode, State } from './plane.mjs'
 * @typedef {{ kind: 'done', before: State } | { kind: 'refused', message: string }} Change
 * @typedef {ReturnType<typeof createNode>} HaNode
 */
import { randomInt } from 'node:crypto';
import { chooseMaster, livingMaster, summaryFor, wrongMaster } from './plane.mjs';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** @param {{ settings: import('./settings.mjs').Settings, store: import('./store.mjs').Store, sandbox: import('./sandbox.mjs').Sandbox }} parts */
export function createNode({ settings, store, sandbox }) {
  const id = randomId();
  /** @type {State} */
  let state = 'INITIALIZING';
  let priority = 0;
  /** Was asked to step back: of nodes with the same priority another one goes first. */
  let yields = false;
  let troubled = false;
  let stuck = false;

  const say = () => sandbox.say({ pid: process.pid, nodeId: id, state, persistenceDir: settings.persistenceDir });
  const heartbeat = () => ({ nodeId: id, nodeUri: settings.uri, status: state, priority, yields, localTimestamp: Date.now() });
  const publish = () => store.write(heartbeat());

  /** Takes the state and writes it into the store: the heartbeat alone, unless there is more to write (N1). */
  const become = (/** @type {State} */ next, write = publish) => {
    const isNew = next !== state;
    state = next;
    if (isNew) say();
    try {
      write();
    } finally {
      if (isNew) sandbox.note(next);
    }
  };

  /** The plane, and in it our own last heartbeat; one that was removed meanwhile is written anew. */
  const look = () => {
    let plane = store.read();
    let own = plane.nodes.find((node) => node.nodeId === id);
    if (own === undefined) {
      publish();
      plane = store.read();
      own = plane.nodes.find((node) => node.nodeId === id);
    }
    if (own === undefined) throw new Error('the own heartbeat is not in the store');
    return { plane, own, master: livingMaster(plane, own, settings.timeoutMs) };
  };

  const promote = () => {
    if (sandbox.fault('never-promotes') !== undefined) {
      if (!stuck) sandbox.note('should be MASTER and is not promoted');
      stuck = true;
      return;
    }
    const others = sandbox.mastersElsewhere(settings.persistenceDir);
    if (others.length > 0) sandbox.violation(`two masters at once: ${sandbox.host} becomes MASTER while ${others.join(', ')} is MASTER`);
    yields = false;
    become('MASTER', () => {
      // In this order: a name in the master's file whose node does not say MASTER is no living master, and another would take over.
      publish();
      store.setMaster(id);
    });
  };

  /** Steps back for a master that was recognised meanwhile; promotes itself where there is none and it is the next. */
  const check = () => {
    if (state !== 'MASTER' && state !== 'STANDBY' && state !== 'HOT_STANDBY') return;
    const { plane, own, master } = look();
    if (master !== undefined) {
      if (master.nodeId === id) return;
      yields = false;
      if (state !== 'MASTER') return;
      sandbox.note(`${master.nodeId} has taken over; this node steps back`);
      become('STANDBY');
    } else if (chooseMaster(plane.nodes, own, settings.timeoutMs)?.nodeId === id) {
      if (state === 'MASTER') store.setMaster(id);
      else promote();
    }
  };

  const stepBack = (/** @type {State} */ to) => {
    const wasMaster = state === 'MASTER';
    yields = wasMaster;
    become(to, () => {
      if (wasMaster) store.setMaster(null);
      publish();
    });
    check();
  };

  const tick = () => {
    try {
      publish();
      check();
      troubled = false;
    } catch (error) {
      if (!troubled) sandbox.note(`trouble with the persisted state: ${error instanceof Error ? error.message : error}`);
      troubled = true;
    }
  };

  /** Why this node must not be made the master by hand, or undefined. */
  const objectionToPromotion = () => {
    if (state === 'FAILED' || state === 'TERMINATED') return `a node that is ${state} is promoted`;
    const { master } = look();
    return master === undefined || master.nodeId === id ? undefined : `promoted while ${master.nodeId} is MASTER and was not demoted`;
  };

  return {
    id,
    /** The API answers from now on. */
    begin: () => {
      say();
      sandbox.note(state);
    },
    tick,
    become,
    promote,
    publish,
    look,
    /** STANDBY, unless it is the next master and there is none: then it never was anything else for those who look. */
    joinAsAuto: () => {
      state = 'STANDBY';
      publish();
      check();
      if (state !== 'STANDBY') return;
      say();
      sandbox.note(state);
    },
    state: () => state,
    priority: () => priority,
    /** Answers the priority that it had. */
    setPriority: (/** @type {number} */ next) => {
      const before = priority;
      priority = next;
      publish();
      return before;
    },
    /** @param {Mode} mode @returns {Change} */
    changeMode: (mode) => {
      const before = state;
      if (mode === 'MASTER' && state !== 'MASTER') {
        const objection = objectionToPromotion();
        if (objection !== undefined) {
          sandbox.violation(objection, 400);
          if (settings.onViolation === 'refuse') return { kind: 'refused', message: objection };
        }
        promote();
      } else if (mode === 'DISABLED') stepBack('FAILED');
      else if (mode === 'AUTO') {
        if (state === 'FAILED') stepBack('STANDBY');
      } else if (mode !== 'MASTER') stepBack(mode);
      return { kind: 'done', before };
    },
    /** Removes what the store holds of one node, or of all, but never the recognised master; a node that lives comes back with its next heartbeat. */
    clear: (/** @type {string | undefined} */ only) => {
      const { masterId, nodes } = store.read();
      const goes = nodes.filter((node) => node.nodeId !== masterId || node.status !== 'MASTER');
      const removed = goes.map((node) => node.nodeId).filter((nodeId) => only === undefined || nodeId === only);
      for (const nodeId of removed) store.remove(nodeId);
      return removed;
    },
    /** As `GET …/ha/states` answers. */
    summary: () => {
      const { plane, own } = look();
      const known = { ...plane, masterId: state === 'MASTER' ? id : plane.masterId };
      const masterId = sandbox.fault('disagree') === undefined ? known.masterId : wrongMaster(known);
      return summaryFor({ ...known, masterId }, own, settings);
    },
    /** The graceful end: the others hear of it and need not wait for a timeout. */
    terminate: () => {
      try {
        become('TERMINATED');
      } catch (error) {
        sandbox.note(`the end could not be written: ${error instanceof Error ? error.message : error}`);
      }
    },
  };
}

/** Eight characters, the first a letter, as Brooklyn makes them: a server that starts anew is another node. */
function randomId() {
  const any = `${LETTERS}0123456789`;
  const pick = (/** @type {string} */ from) => from[randomInt(from.length)];
  return pick(LETTERS) + Array.from({ length: 7 }, () => pick(any)).join('');
}
