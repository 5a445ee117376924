/** What somebody may see and do, for lists and help: decided by the one authorisation function, asked for every cluster and procedure that fits. */
import type { Reader } from '../history/index.ts';
import type { Cluster } from '../inventory/model.ts';
import type { Procedure } from '../procedure/model.ts';
import { type Action, aboutCluster, aboutRun, authorise, type Standing } from '../run/authorise.ts';
import { groupsIn } from '../run/policy.ts';
import type { RunState } from '../run/state.ts';
import type { Desk } from './ports.ts';

/** Every user group that any cluster's policy names, its entries for single procedures and the procedures' own included. */
export function allGroups(desk: Desk): readonly string[] {
  const groups = desk.clusters().flatMap((cluster) => fitting(desk, cluster).flatMap((procedure) => groupsIn({ cluster, procedure })));
  return [...new Set([...groups, ...desk.clusters().flatMap((cluster) => groupsIn({ cluster, procedure: undefined }))])];
}

/** The groups that decide who may see what: none where everybody may, so that Slack is not asked for nothing. */
export function readingGroups(desk: Desk): readonly string[] {
  return isRestricted(desk) ? allGroups(desk) : [];
}

/** Whether anything is kept from anybody. */
export function isRestricted(desk: Desk): boolean {
  return (
    desk.clusters().some(({ may, procedures }) => may.read !== undefined || procedures !== undefined) ||
    desk.procedures().some(({ may }) => may?.read !== undefined)
  );
}

function fitting(desk: Desk, cluster: Cluster): readonly Procedure[] {
  return desk.procedures().filter(({ product }) => product === cluster.product);
}

/** What a person sees of all that there is. */
export type Visible = {
  readonly clusters: readonly Cluster[];
  /** Those that the person may start or plan on some cluster. */
  readonly procedures: readonly Procedure[];
  /** What a command may name: of every cluster and procedure that are not here the person learns nothing, not even that they exist. */
  readonly known: { readonly procedures: readonly Procedure[]; readonly clusters: readonly Cluster[] };
  /** Whether any cluster lets the person do this, at least with one procedure. */
  may(action: Action): boolean;
  /** Whether this cluster does. */
  mayOn(action: Action, cluster: Cluster): boolean;
};

export function visibleTo(desk: Desk, standing: Standing): Visible {
  const allows = (action: Action, cluster: Cluster, procedure?: Procedure): boolean =>
    authorise(action, standing, aboutCluster(cluster, procedure)).kind === 'allowed';
  const clusters = desk.clusters().filter((cluster) => allows('read', cluster));
  const mayOn = (action: Action, cluster: Cluster): boolean => {
    const all = fitting(desk, cluster);
    return all.length === 0 ? allows(action, cluster) : all.some((procedure) => allows(action, cluster, procedure));
  };
  const isOpen = (procedure: Procedure): boolean =>
    clusters.some(
      (cluster) => procedure.product === cluster.product && (allows('start', cluster, procedure) || allows('plan', cluster, procedure)),
    );
  const isKnown = (procedure: Procedure): boolean => {
    const all = desk.clusters().filter(({ product }) => product === procedure.product);
    return all.length === 0 ? clusters.length === desk.clusters().length : all.some((cluster) => allows('read', cluster, procedure));
  };
  return {
    clusters,
    known: { procedures: desk.procedures().filter(isKnown), clusters },
    procedures: desk.procedures().filter(isOpen),
    may: (action) => clusters.some((cluster) => mayOn(action, cluster)),
    mayOn,
  };
}

/** The runs that a person may see; of the others not even the names are told. */
export function readable(states: readonly RunState[], standing: Standing): readonly RunState[] {
  return states.filter((state) => authorise('read', standing, aboutRun(state)).kind === 'allowed');
}

/** Every account that is known to be this person's. */
export function accountsOf({ person, identity }: Standing): readonly string[] {
  return [...new Set([person.user, ...(identity?.accounts ?? [])])];
}

/** By the files as they are now. A run whose cluster or procedure is gone is for everybody only where nothing is kept from anybody. */
export function readerOf(desk: Desk, standing: Standing): Reader {
  const restricted = isRestricted(desk);
  const [clusters, procedures] = [desk.clusters(), desk.procedures()];
  return {
    accounts: accountsOf(standing),
    mayRead: (subject) => {
      const cluster = clusters.find(({ name }) => name === subject.cluster);
      const procedure = procedures.find(({ name, product }) => name === subject.procedure && product === cluster?.product);
      if (cluster === undefined || procedure === undefined) return !restricted;
      return authorise('read', standing, aboutCluster(cluster, procedure)).kind === 'allowed';
    },
  };
}

/** A run that goes on by the files that it began with, as in `/ha status`; one that is over by those of now, so that the history finds what is shown. */
export function mayLookAt(desk: Desk, state: RunState, standing: Standing): boolean {
  if (state.ended === undefined) return readable([state], standing).length > 0;
  const { accounts, mayRead } = readerOf(desk, standing);
  return accounts.includes(state.requester.user) || mayRead({ cluster: state.cluster.name, procedure: state.procedure.name });
}
