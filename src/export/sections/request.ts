/** Who asked for what, when, and on which hosts. Pure. */
import type { Block, Inline, Section } from '../model.ts';
import type { Story } from '../story.ts';
import { person } from '../words.ts';

export function requestSection({ state, record, recorded }: Story): Section {
  const { procedure, cluster, params } = state;
  const first = recorded[0]?.event;
  const values = Object.entries(params).map(([name, value]): readonly Inline[] => [
    name,
    procedure.params[name]?.title ?? '',
    value === '' ? 'nothing' : { code: value },
  ]);
  const facts: readonly (readonly [string, Inline])[] = [
    ['Run', { code: state.run }],
    ['Asked for by', person(state.requester)],
    ['At', { time: state.startedAt }],
    ['In the channel', [{ code: state.channel.id }, ' of the workspace ', { code: state.channel.team }]],
    ...(record.permalink === undefined ? [] : [['Thread', { code: record.permalink }] as const]),
    ...(first?.kind === 'runRequested' ? [['Request', { code: first.requestId }] as const] : []),
    ['Procedure', [`${procedure.title} (`, { code: procedure.name }, `, ${procedure.product})`]],
    ['Source of the procedure', procedure.source ?? 'none is named'],
    ['Hash of the procedure', { code: procedure.hash }],
    ['Cluster', [`${cluster.title} (`, { code: cluster.name }, ')']],
    ['Hash of the cluster file', { code: cluster.hash }],
    ...(state.plan === undefined ? [] : [['Digest of the plan', { code: state.plan }] as const]),
  ];
  return {
    id: 'request',
    title: 'Request',
    blocks: [
      { kind: 'facts', facts },
      ...(values.length === 0
        ? [{ kind: 'text', text: 'It was given no values.' } as const]
        : [{ kind: 'table', head: ['Value', 'What it is', 'Given'], rows: values } as const]),
      ...hostsTable(state),
    ],
  };
}

function hostsTable({ cluster, roles }: Story['state']): readonly Block[] {
  const rows = cluster.hosts.map((host): readonly Inline[] => {
    const bound = Object.entries(roles).flatMap(([role, name]) => (name === host.name ? [role] : []));
    return [{ code: host.name }, { code: `${host.user}@${host.address}:${host.port}` }, host.roles.join(', '), bound.join(', ')];
  });
  return [{ kind: 'table', head: ['Host', 'Address', 'Roles in the cluster file', 'Roles found in the run'], rows }];
}
