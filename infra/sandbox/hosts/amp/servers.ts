/** The servers of a sandbox pair as the tests handle them: look, start, break, end. */
import { join } from 'node:path';
import { waitForLog } from '../log.ts';
import { clearFaults, type FaultKind, type FaultOptions, setFault } from './faults.ts';
import { type HostKeys, readKeys } from './keys.ts';
import type { Shared } from './layout.ts';
import { configure, type LauncherSettings, runProgram } from './operate.ts';
import type { Place } from './place.ts';
import { endAll, processesOf, type ServerProcess, waitForEnd } from './processes.ts';
import { type AmpState, readSaid, type Said } from './state.ts';

export type AmpServers = {
  /** What the server of that host says of itself; `down` where none runs or none has come so far. */
  state(host: string): AmpState | 'down';
  /** Of the servers that run, by host name. */
  nodeIds(): Readonly<Record<string, string>>;
  /** The server processes that live. */
  processes(): readonly ServerProcess[];
  /** Resolves when the server says that it is in that state; rejects with the log's end when the time is over. */
  waitForState(host: string, state: AmpState, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Resolves when no server of that host lives; rejects when the time is over. */
  waitUntilDown(host: string, options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Ends the server at once, as `kill -9` does, and resolves when it is gone. */
  killHard(host: string): Promise<void>;
  /** Edits that host's org.apache.brooklyn.osgilauncher.cfg. */
  configure(host: string, settings: LauncherSettings): void;
  /** Runs that host's own bin/start or bin/stop. */
  run(host: string, program: 'start' | 'stop'): Promise<void>;
  /** Configures and starts all servers as the document says and resolves when the first is MASTER and the others are STANDBY. */
  setUp(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** As machines that are switched on: the first time as `setUp`, later every server that does not run is started with what it is configured as. */
  comeUp(): Promise<void>;
  keysOf(host: string): HostKeys;
  /** On one host, or on all where none is named. */
  fault(kind: FaultKind, host?: string, options?: FaultOptions): void;
  clearFaults(): void;
  /** Ends every server of this folder, gracefully where it listens to that; rejects where one lives on. */
  close(): Promise<void>;
};

const GRACE_MS = 1_500;
const HARD_MS = 5_000;

/** `path` is the PATH of a login. */
export function serversOf(root: string, shared: Shared, places: readonly Place[], path: string): AmpServers {
  const names = places.map(({ name }) => name);
  const placeOf = (host: string): Place => {
    const found = places.find(({ name }) => name === host);
    if (found === undefined) throw new Error(`There is no sandbox host ${JSON.stringify(host)}; there are ${names.join(', ')}.`);
    return found;
  };
  const processes = (): ServerProcess[] => processesOf(root, names);
  const processesOn = (host: string) => (): ServerProcess[] => processesOf(root, [placeOf(host).name]);
  const saidBy = (host: string): Said | undefined => {
    const said = readSaid(shared.folder, placeOf(host).name);
    return processes().some(({ pid }) => pid === said?.pid) ? said : undefined;
  };
  const state = (host: string): AmpState | 'down' => saidBy(host)?.state ?? 'down';
  const waitForState: AmpServers['waitForState'] = async (host, wanted, { timeoutMs = 10_000 } = {}) => {
    await waitForLog(shared.folder, () => state(host) === wanted, { timeoutMs });
  };
  const run: AmpServers['run'] = async (host, program) => {
    const { launchDir, host: login } = placeOf(host);
    await runProgram(launchDir, program, { HOME: login.home, PATH: path });
  };
  const setUp: AmpServers['setUp'] = async (options) => {
    for (const [index, { name, launchDir }] of places.entries()) {
      const highAvailabilityMode = index === 0 ? 'MASTER' : 'AUTO';
      configure(launchDir, { highAvailabilityMode, persistMode: 'AUTO', persistenceDir: shared.persistence });
      await run(name, 'start');
      await waitForState(name, index === 0 ? 'MASTER' : 'STANDBY', options);
    }
  };
  return {
    state,
    processes,
    waitForState,
    run,
    nodeIds: () => Object.fromEntries(names.flatMap((name) => (saidBy(name) === undefined ? [] : [[name, saidBy(name)?.nodeId ?? '']]))),
    waitUntilDown: async (host, { timeoutMs = 10_000 } = {}) => {
      if (!(await waitForEnd(processesOn(host), timeoutMs))) throw new Error(`The server of ${host} still lives after ${timeoutMs} ms.`);
    },
    killHard: async (host) => {
      if (!(await endAll(processesOn(host), 'SIGKILL', HARD_MS))) throw new Error(`The server of ${host} survives SIGKILL.`);
    },
    configure: (host, settings) => configure(placeOf(host).launchDir, settings),
    setUp,
    comeUp: async () => {
      if (names.every((name) => readSaid(shared.folder, name) === undefined)) return setUp();
      for (const name of names.filter((each) => state(each) === 'down')) {
        await run(name, 'start');
        await waitForLog(shared.folder, () => state(name) !== 'down' && state(name) !== 'INITIALIZING', { timeoutMs: 10_000 });
      }
    },
    keysOf: (host) => readKeys(placeOf(host).ampHome, join(shared.folder, 'owners', host)),
    fault: (kind, host, options) => setFault(shared, kind, host === undefined ? names : [placeOf(host).name], options),
    clearFaults: () => clearFaults(shared),
    close: async () => {
      const all = (): ServerProcess[] => processesOf(root, names, ['launch.mjs', 'amp-server.mjs']);
      const ended = (await endAll(all, 'SIGTERM', GRACE_MS)) || (await endAll(all, 'SIGKILL', HARD_MS));
      if (!ended) throw new Error(`These server processes of ${root} live on: ${JSON.stringify(all())}.`);
    },
  };
}
