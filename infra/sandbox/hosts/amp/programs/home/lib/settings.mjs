/** What the server is told: by the configuration files in its launch directory, as Brooklyn lays them, and by bin/start where it runs. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MODES } from './plane.mjs';

const PERSIST_MODES = ['AUTO', 'REBIND', 'CLEAN', 'DISABLED'];
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** @typedef {ReturnType<typeof readSettings>} Settings */

/** Throws where a file is missing or a value is none of those allowed. */
export function readSettings() {
  const home = given('AMP_HOME');
  const file = (/** @type {string} */ name) => readProperties(resolve(home, 'etc', name));
  const launcher = file('org.apache.brooklyn.osgilauncher.cfg');
  const brooklyn = file('brooklyn.cfg');
  const port = Number(file('org.ops4j.pax.web.cfg')['org.osgi.service.http.port.secure']);
  const user = brooklyn['brooklyn.webconsole.security.users'] ?? '';
  const password = brooklyn[`brooklyn.webconsole.security.user.${user}.password`] ?? '';
  if (user === '' || password === '') throw new Error('brooklyn.cfg names no user with a password.');
  return {
    home,
    port,
    uri: `https://localhost:${port}/`,
    user,
    password,
    pollMs: duration(brooklyn['brooklyn.ha.pollPeriod'] ?? '1s'),
    timeoutMs: duration(brooklyn['brooklyn.ha.heartbeatTimeout'] ?? '30s'),
    mode: oneOf('highAvailabilityMode', MODES, launcher.highAvailabilityMode ?? 'AUTO'),
    modeGiven: launcher.highAvailabilityMode !== undefined,
    persistMode: oneOf('persistMode', PERSIST_MODES, launcher.persistMode ?? 'AUTO'),
    /** Absolute. */
    persistenceDir: resolve(home, launcher.persistenceDir || 'data/brooklyn-persisted-state'),
    startMs: Number(given('START_MS')),
    timedOut: oneOf('TIMED_OUT', /** @type {const} */ (['TERMINATED', 'FAILED']), given('TIMED_OUT')),
    onViolation: oneOf('ON_VIOLATION', /** @type {const} */ (['refuse', 'obey']), given('ON_VIOLATION')),
    /** Folder of everything that is the sandbox's. */
    sandboxDir: given('SANDBOX_DIR'),
    /** The folder that stands for the mounted one. */
    sharedDir: given('PERSISTENCE_DIR'),
    tlsDir: given('TLS_DIR'),
  };
}

/** @param {string} name */
function given(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: the server is started by bin/start.`);
  return value;
}

/**
 * Java properties as far as Karaf's files use them: `key=value`, `key = value`, `key: value`; the last of a key counts.
 * @param {string} path @returns {Record<string, string | undefined>}
 */
function readProperties(path) {
  const pairs = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .map((line) => /^\s*([^\s#!=:][^\s=:]*)\s*[=:]\s*(.*?)\s*$/.exec(line))
    .flatMap((match) => (match === null ? [] : [[match[1], match[2]]]));
  return Object.fromEntries(pairs);
}

/** @template {string} T @param {string} key @param {readonly T[]} allowed @param {string} value @returns {T} */
function oneOf(key, allowed, value) {
  const found = allowed.find((word) => word.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw new Error(`${key} is ${JSON.stringify(value)}; allowed are ${allowed.join(', ')}.`);
  return found;
}

/** In milliseconds. @param {string} text */
function duration(text) {
  const match = /^(\d+)\s*(ms|s|m|h)$/.exec(text);
  if (match === null) throw new Error(`${JSON.stringify(text)} is no duration such as 30s or 200ms.`);
  const [, amount, unit] = match;
  return Number(amount) * UNITS[/** @type {keyof typeof UNITS} */ (unit)];
}
