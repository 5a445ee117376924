/** Procedures, clusters, the data folder and the installation's key. */
import type { Config, Env } from '../config.ts';
import { ensureFolder, type OwnFolder } from '../data-folder.ts';
import { codeOf } from '../errors.ts';
import { findCluster } from '../files/library.ts';
import { loadLibrary } from '../files/load.ts';
import { readInstallationKey } from '../installation-key.ts';
import type { Cluster } from '../inventory/model.ts';
import { groupsIn } from '../run/policy.ts';
import { createSecrets } from '../worker/secrets.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';

export type Files = {
  readonly findings: readonly Finding[];
  /** Those whose hosts are to be asked. */
  readonly clusters: readonly Cluster[];
  /** User groups that any cluster names: with one, Slack's scope usergroups:read is needed. */
  readonly groups: readonly string[];
  /** Channels that any cluster names: Keyturn must be in each. */
  readonly channels: readonly string[];
};

export function checkFiles(config: Pick<Config, 'procedures' | 'clusters'>, only: string | undefined, env: Env): Files {
  const library = loadLibrary(config);
  const groups = library.clusters.flatMap((cluster) =>
    [undefined, ...library.procedures.filter(({ product }) => product === cluster.product)].flatMap((procedure) =>
      groupsIn({ cluster, procedure }, procedure?.steps),
    ),
  );
  const channels = library.clusters.flatMap(({ channels, announce, breakGlass }) => [
    ...channels,
    ...announce,
    ...(breakGlass === undefined ? [] : [breakGlass.channel]),
  ]);
  const found = only === undefined ? undefined : findCluster(library, only);
  const findings: Finding[] = [judgeFiles(library.findings.length, library.procedures.length, library.clusters.length)];
  if (found?.kind === 'missing')
    findings.push({ kind: 'failed', what: only ?? '', note: found.why, check: 'the name, and KEYTURN_CLUSTERS' });
  const clusters = found === undefined ? library.clusters : found.kind === 'found' ? [found.cluster] : [];
  findings.push(...clusters.flatMap((cluster) => checkSecrets(cluster, env)));
  return { findings, clusters, groups: [...new Set(groups)], channels: [...new Set(channels)] };
}

/** Whether each secret is where the cluster file says; what it is, nobody is told. */
function checkSecrets(cluster: Cluster, env: Env): readonly Finding[] {
  const secretOf = createSecrets(env);
  return Object.keys(cluster.secrets).map((name) => {
    const secret = secretOf(cluster, name);
    const what = `${cluster.name} secret ${name}`;
    if (secret.kind === 'value') return ok(what, 'it is there');
    return { kind: 'failed', what, note: secret.why, check: `secrets in the file of ${cluster.name}, and the environment of the worker` };
  });
}

function judgeFiles(wrong: number, procedures: number, clusters: number): Finding {
  if (wrong > 0)
    return {
      kind: 'failed',
      what: 'files',
      note: `${count(wrong, 'mistake')} in procedure and cluster files`,
      check: '`keyturn lint` shows each',
    };
  if (procedures === 0 || clusters === 0) {
    const check = 'KEYTURN_PROCEDURES and KEYTURN_CLUSTERS';
    return {
      kind: 'failed',
      what: 'files',
      note: `${count(procedures, 'procedure')} and ${count(clusters, 'cluster')}; both are needed`,
      check,
    };
  }
  return ok('files', `${count(procedures, 'procedure')}, ${count(clusters, 'cluster')}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

export async function checkFolder(folder: OwnFolder): Promise<Finding> {
  const what = folder.variable === 'KEYTURN_DATA' ? 'data folder' : 'record folder';
  try {
    await ensureFolder(folder);
    return ok(what, `${folder.path} can be written`);
  } catch (error) {
    return failed(what, error);
  }
}

/** Looks only: a key is made by the start, not by whoever asks whether all is well. */
export async function checkKey(path: string): Promise<Finding> {
  try {
    await readInstallationKey(path);
    return ok('installation key', `${path} can be used`);
  } catch (error) {
    if (codeOf(error) === 'KEY_MISSING') return warning('installation key', `${path} is not there: the first start makes it. ${SAME_KEY}`);
    return failed('installation key', error);
  }
}

const SAME_KEY = 'If other machines of this installation run already, copy theirs there first';
