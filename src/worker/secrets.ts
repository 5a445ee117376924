/** Secrets, read from where the cluster file says at the moment of use: a rotated one counts at once, and none is kept. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../inventory/model.ts';
import type { Secret } from '../run/send.ts';

/** A secret of a cluster by its name. */
export type Secrets = (cluster: Cluster, name: string) => Secret;

/** Longer ones are files that were named by mistake. */
const LONGEST = 64 * 1024;

export function createSecrets(env: Readonly<Record<string, string | undefined>>): Secrets {
  return (cluster, name) => {
    const place = Object.hasOwn(cluster.secrets, name) ? cluster.secrets[name] : undefined;
    if (place === undefined) return missing(name, `the file of ${cluster.name} does not say where it is`);
    return place.kind === 'env' ? fromEnvironment(name, place.name, env[place.name]) : fromFile(name, place.path);
  };
}

function fromEnvironment(name: string, variable: string, value: string | undefined): Secret {
  return value === undefined || value === ''
    ? missing(name, `the environment variable ${variable} of the worker is not set`)
    : usable(name, value);
}

function fromFile(name: string, path: string): Secret {
  try {
    return usable(name, readFileSync(path.startsWith('~/') ? join(homedir(), path.slice(2)) : path, 'utf8').replace(/\r?\n$/, ''));
  } catch {
    return missing(name, `the file ${path} cannot be read by the worker`);
  }
}

function usable(name: string, value: string): Secret {
  if (value === '') return missing(name, 'it is empty');
  if (value.includes('\0') || value.length > LONGEST) return missing(name, 'it is no text that a command could be given');
  return { kind: 'value', value };
}

function missing(name: string, why: string): Secret {
  return { kind: 'missing', why: `the secret ${name} is not there: ${why}` };
}
