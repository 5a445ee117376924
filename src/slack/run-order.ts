/** Starting and planning, for whoever asks by command or by form: who is let in, what the desk says, and how it is told. */
import type { Cluster } from '../inventory/model.ts';
import { whyNotIn } from '../run/authorise.ts';
import { groupsIn } from '../run/policy.ts';
import type { Answer } from './answer.ts';
import { note } from './note.ts';
import { type Admitted, type Asker, admit, type Office, quickLink } from './office.ts';
import type { Started, StartRequest } from './ports.ts';
import { readable, readingGroups } from './rights.ts';
import { type Content, lockedView, planViews, refusedView } from './views/index.ts';
import { windowNow } from './window-now.ts';

export type RunOrder = StartRequest & { readonly what: 'start' | 'plan' };

/** The place and the person for work on this cluster. A cluster that is not known is left to the desk, which says so. */
export async function admitTo(office: Office, asker: Asker, wanted: Pick<RunOrder, 'cluster' | 'procedure'>): Promise<Admitted> {
  const cluster = clusterOf(office, wanted.cluster);
  const procedure = office.desk.procedures().find(({ name, product }) => name === wanted.procedure && product === cluster?.product);
  const groups = cluster === undefined ? [] : [...groupsIn({ cluster, procedure }), ...readingGroups(office.desk)];
  const admitted = await admit(office, asker, groups);
  if (admitted.kind === 'refused') return admitted;
  const elsewhere = cluster === undefined ? undefined : whyNotIn(cluster, asker.channel);
  return elsewhere === undefined ? admitted : { kind: 'refused', content: note(elsewhere) };
}

function clusterOf(office: Office, name: string): Cluster | undefined {
  return office.desk.clusters().find((cluster) => cluster.name === name);
}

/** A start is durable before it is answered; a plan asks the hosts, which takes what it takes: acknowledged first, answered after. */
export async function carryOut(office: Office, { what, ...request }: RunOrder): Promise<Answer> {
  if (what === 'start') return { kind: 'now', content: await tellStarted(office, request, await office.desk.start(request)) };
  const { procedure, cluster, params, standing } = request;
  const work = office.desk.plan({ procedure, cluster, params, standing });
  return {
    kind: 'later',
    meanwhile: note(`Reading the cluster ${cluster}… The plan follows here; nothing is changed on any host.`),
    work: work.then((planned) =>
      planned.kind === 'planned'
        ? [...planViews(planned.plan), ...onNow(office, request).map((each) => note(each))]
        : [refusedView(planned.why)],
    ),
  };
}

/** The window that would hold the run now: one sentence, or none. */
function onNow(office: Office, request: Pick<StartRequest, 'procedure' | 'cluster'>): readonly string[] {
  const cluster = clusterOf(office, request.cluster);
  const procedure = office.desk.procedures().find(({ name, product }) => name === request.procedure && product === cluster?.product);
  const window = cluster === undefined ? undefined : windowNow(cluster, procedure, Date.now());
  return window === undefined ? [] : [window];
}

async function tellStarted(office: Office, request: StartRequest, started: Started): Promise<Content> {
  const { procedure, cluster } = request;
  switch (started.kind) {
    case 'started':
    case 'repeated': {
      const link = await quickLink(office, started.run);
      const thread = link === undefined ? 'Its thread is being made in this channel.' : 'It has a thread in this channel.';
      return note([`\`${started.run}\` has begun: ${procedure} on ${cluster}.`, ...onNow(office, request), thread], link);
    }
    case 'locked':
      if (started.state !== undefined && readable([started.state], request.standing).length > 0)
        return lockedView(started.state, await quickLink(office, started.holder));
      return note(`${cluster} is held by the run \`${started.holder}\`; one run at a time. See \`/ha status ${cluster}\`.`);
    case 'refused':
      return refusedView(started.why);
  }
}
