/** What expressions of this run may see: the pinned procedure and cluster, the parameters, the roles bound so far. */

import { variablesFor } from '../inventory/fit.ts';
import type { Cluster, Host } from '../inventory/model.ts';
import { contextOf } from '../procedure/context.ts';
import { type Context, fill, type Surroundings } from '../procedure/expression.ts';
import type { Procedure } from '../procedure/model.ts';
import type { Roles } from './events.ts';

/** The part of a run, or of a plan before there is a run, that expressions and scripts depend on. */
export type Setting = {
  readonly procedure: Procedure;
  readonly cluster: Cluster;
  readonly params: Readonly<Record<string, string>>;
  readonly roles: Roles;
  /** What steps captured so far. */
  readonly captured: Readonly<Record<string, unknown>>;
};

/** The context for a host, or for the run as a whole; `reading` adds what a command printed. */
export function contextFor(setting: Setting, host: Host | undefined, reading?: Readonly<Record<string, unknown>>): Context {
  const variables = variablesFor(setting.procedure, setting.cluster);
  return contextOf({
    cluster: setting.cluster,
    procedure: setting.procedure,
    params: setting.params,
    variables: variables.kind === 'ok' ? variables.values : {},
    roles: setting.roles,
    captured: setting.captured,
    ...(host === undefined ? {} : { host }),
    ...(reading === undefined ? {} : { reading }),
  });
}

export function surroundings(setting: Setting): Surroundings {
  return { hosts: setting.cluster.hosts };
}

/** Stands in for a host that is not known yet, in text for people; never for a script. */
export function anyHost(cluster: Cluster): Host | undefined {
  const [model] = cluster.hosts;
  return model === undefined ? undefined : { ...model, name: 'the host', address: 'its address', aliases: [] };
}

/** Text for people with its `{{ }}` filled in. */
export function fillFor(setting: Setting, text: string, host?: Host, reading?: Readonly<Record<string, unknown>>): string {
  // Most texts speak of nothing, and a thread has hundreds of them: the context is made for those that do.
  if (!text.includes('{{')) return text;
  return fill(text, contextFor(setting, host, reading), surroundings(setting));
}
