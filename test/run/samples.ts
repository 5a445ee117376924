/** A small procedure on a small cluster, and a journal to fold: the ground that the engine's tests stand on. */
import type { Cluster } from '../../src/inventory/model.ts';
import type { CommandStep, Procedure } from '../../src/procedure/model.ts';
import type { Standing } from '../../src/run/authorise.ts';
import type { Person, Recorded, RunEvent } from '../../src/run/events.ts';
import { fold } from '../../src/run/evolve.ts';
import type { RunState } from '../../src/run/state.ts';

export const dana: Person = { team: 'T1', user: 'U1', name: 'Dana' };
export const sam: Person = { team: 'T1', user: 'U2', name: 'Sam' };
export const alex: Person = { team: 'T1', user: 'U3', name: 'Alex' };

export function member(person: Person, memberOf: readonly string[] = []): Standing {
  return { person, kind: { kind: 'member' }, memberOf };
}

export function command(id: string, fields: Partial<CommandStep> = {}): CommandStep {
  return {
    kind: 'command',
    id,
    title: `do ${id}`,
    on: { kind: 'one', role: 'main' },
    safety: { kind: 'safe' },
    run: 'do_it',
    env: {},
    timeoutSeconds: 60,
    statuses: [0],
    read: 'text',
    expect: [],
    warn: [],
    capture: {},
    bind: {},
    recheck: [],
    readOnly: false,
    retry: { kind: 'allowed' },
    ...fields,
  };
}

export function procedure(steps: Procedure['steps'], fields: Partial<Procedure> = {}): Procedure {
  return {
    name: 'restart',
    product: 'sample',
    title: 'Restart it',
    params: {},
    variables: {},
    roles: {},
    secrets: {},
    readOnly: false,
    approvalSeconds: 600,
    steps,
    hash: 'p'.repeat(64),
    ...fields,
  };
}

function host(name: string, roles: string[]): Cluster['hosts'][number] {
  return { name, address: `${name}.example`, port: 22, aliases: [`${name}.alias.example`], roles, user: 'ops' };
}

export const cluster: Cluster = {
  name: 'sample-prod',
  product: 'sample',
  title: 'Sample',
  hosts: [host('main-1', ['main']), host('node-1', ['node']), host('node-2', ['node'])],
  jumps: {},
  variables: {},
  secrets: {},
  may: { start: { users: ['U1'], groups: [] }, approve: { users: ['U2'], groups: ['S1'] } },
  channels: [],
  announce: ['C9'],
  hash: 'c'.repeat(64),
};

/** Events one second apart, from second 1. */
export function journal(steps: Procedure['steps'], events: readonly RunEvent[], fields: Partial<Procedure> = {}): readonly Recorded[] {
  const first: RunEvent = {
    kind: 'runRequested',
    requester: dana,
    procedure: procedure(steps, fields),
    cluster,
    params: {},
    channel: { team: 'T1', id: 'C1' },
    requestId: 'r1',
  };
  return [first, ...events].map((event, index) => ({ seq: index + 1, at: (index + 1) * 1000, actor: { kind: 'keyturn' }, event }));
}

export function state(steps: Procedure['steps'], events: readonly RunEvent[], fields: Partial<Procedure> = {}): RunState {
  return fold('run2', journal(steps, events, fields));
}

/** A request for one start, open until second 1000. */
export function requested(step: string, host: string, attempt = 1, request = 'q1'): RunEvent {
  return {
    kind: 'approvalRequested',
    request,
    step,
    needs: 'second',
    why: 'it stops things',
    subject: { items: [{ step, host, address: `ops@${host}.example:22`, attempt, script: 'do_it', env: {} }], roles: {}, expectations: [] },
    digest: 'd1',
    evidence: [],
    expiresAt: 1_000_000,
  };
}
