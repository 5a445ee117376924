/** How a sandbox AtScale cluster can be made. */

export type AtscaleRole = 'coordinator' | 'engine' | 'query_engine' | 'replacement';

export type AtscaleOptions = {
  /** The two that run Postgres; the first leads at the beginning. Default: engine-01, engine-02. */
  readonly engines?: readonly [string, string];
  /** Default: coord-01. */
  readonly coordinator?: string;
  /** How many (query-01, query-02, …) or their names. Default: 1. */
  readonly queryEngines?: number | readonly string[];
  /** Machines on which there is no AtScale yet, that can take the place of a host. Default: none. */
  readonly replacements?: readonly string[];
  /** Hosts that may be stopped by themselves, because they are to be replaced: the order of a restart does not bind them. Default: none. */
  readonly toBeReplaced?: readonly string[];
  /**
   * What the variable `atscale_home` is: `any`, one path that leads to the programs of whichever host it is used on; or `own`, each host's own
   * folder as a variable of that host. Only the second leads to a host's own files, such as conf/atscale.yaml. Default `any`.
   */
  readonly homes?: 'any' | 'own';
  /** What is installed on the members. Default: 2024.1.2.4207. */
  readonly version?: string;
  /** The account of AtScale. If it is not `atscale`, every login has it as ATSCALE_USER, and a package wants to be told. Default `atscale`. */
  readonly account?: string;
  /** How long a stop, a start, a configuration (before it starts the services), and from then until all services are RUNNING take. Default 0.2 each. */
  readonly seconds?: { readonly stop?: number; readonly start?: number; readonly configure?: number; readonly services?: number };
  /** How postgres_nodes prints: as today, or word for word as in the vendor's document, with single blanks. Default `current`. */
  readonly table?: 'current' | 'seed';
  /** Where the warning before the table goes. Default stdout. */
  readonly logLine?: 'stdout' | 'stderr';
  /** What the supervisor of a stopped host says: STOPPED for each service, or nothing but a connection error. Default `services`. */
  readonly afterStop?: 'services' | 'supervisor-down';
  /** The status program's exit code: as a supervisor has it (3 if not all run), or always 0. Default `supervisor`. */
  readonly statusExit?: 'supervisor' | 'zero';
  /**
   * What a stop or a start in a wrong order meets: an exit 3 that changes nothing, or an exit 3 after it was done all the same. Installation and
   * configuration always refuse. Default `refuse`.
   */
  readonly onViolation?: 'refuse' | 'obey';
};

export const DEFAULT_VERSION = '2024.1.2.4207';
export const DEFAULT_ACCOUNT = 'atscale';
