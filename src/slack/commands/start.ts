/** `/ha <procedure> <cluster> …` and `/ha plan <procedure> <cluster> …`. */
import type { Cluster } from '../../inventory/model.ts';
import { whyNotIn } from '../../run/authorise.ts';
import type { Answer } from '../answer.ts';
import type { Command } from '../command.ts';
import { note } from '../note.ts';
import { admit, groupsOf, type Office, quickLink } from '../office.ts';
import type { Asked } from '../payloads.ts';
import type { Started } from '../ports.ts';
import { type Content, lockedView, planView, refusedView } from '../views/index.ts';

type Run = Extract<Command, { kind: 'start' | 'plan' }>;

/** Durable before it is answered: the acknowledgement follows the journal. */
export async function start(office: Office, asked: Asked, command: Run): Promise<Answer> {
  const cluster = clusterOf(office, command);
  const admitted = await admit(office, asked, cluster === undefined ? [] : groupsOf(cluster.may));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const elsewhere = cluster === undefined ? undefined : whyNotIn(cluster, asked.channel);
  if (elsewhere !== undefined) return { kind: 'now', content: note(elsewhere) };
  const started = await office.desk.start({
    procedure: command.procedure,
    cluster: command.cluster,
    params: command.params,
    standing: admitted.standing,
    // The team of the channel is the team that the command came from; the person's own may be another one of the organisation.
    channel: { team: asked.team, id: asked.channel },
    requestId: asked.triggerId,
  });
  return { kind: 'now', content: await tellStarted(office, command, started) };
}

async function tellStarted(office: Office, command: Run, started: Started): Promise<Content> {
  switch (started.kind) {
    case 'started':
    case 'repeated': {
      const link = await quickLink(office, started.run);
      const thread = link === undefined ? 'Its thread is being made in this channel.' : 'It has a thread in this channel.';
      return note(`\`${started.run}\` has begun: ${command.procedure} on ${command.cluster}. ${thread}`, link);
    }
    case 'locked':
      if (started.state !== undefined) return lockedView(started.state, await quickLink(office, started.holder));
      return note(`${command.cluster} is held by the run \`${started.holder}\`; one run at a time. See \`/ha status ${command.cluster}\`.`);
    case 'refused':
      return refusedView(started.why);
  }
}

/** The hosts are asked, which takes what it takes: acknowledged first, answered after. */
export async function plan(office: Office, asked: Asked, command: Run): Promise<Answer> {
  const cluster = clusterOf(office, command);
  const admitted = await admit(office, asked, cluster === undefined ? [] : groupsOf(cluster.may));
  if (admitted.kind === 'refused') return { kind: 'now', content: admitted.content };
  const elsewhere = cluster === undefined ? undefined : whyNotIn(cluster, asked.channel);
  if (elsewhere !== undefined) return { kind: 'now', content: note(elsewhere) };
  const { procedure, params } = command;
  const work = office.desk.plan({ procedure, cluster: command.cluster, params, standing: admitted.standing });
  return {
    kind: 'later',
    meanwhile: note(`Reading the cluster ${command.cluster}… The plan follows here; nothing is changed on any host.`),
    work: work.then((planned) => (planned.kind === 'planned' ? planView(planned.plan) : refusedView(planned.why))),
  };
}

function clusterOf(office: Office, command: Run): Cluster | undefined {
  return office.desk.clusters().find((cluster) => cluster.name === command.cluster);
}
