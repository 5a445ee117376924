/** What expressions may see, built in one place. */
import type { Context } from './expression.ts';
import type { Input, Procedure, Reader } from './model.ts';
import { type NamedHost, visibleHost as visible } from './names.ts';
import { secretMark } from './secret-mark.ts';

export type World = {
  readonly cluster: { readonly name: string; readonly product: string; readonly title: string; readonly hosts: readonly NamedHost[] };
  readonly procedure: Procedure;
  readonly params: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Role to host name, as bound. */
  readonly roles: Readonly<Record<string, string>>;
  /** What earlier steps captured, by name; of a step on several hosts by host name below that. */
  readonly captured?: Readonly<Record<string, unknown>>;
  readonly host?: NamedHost;
  /** What the step's reader made of the output. */
  readonly reading?: Readonly<Record<string, unknown>>;
};

export function contextOf(world: World): Context {
  const { name, product, title, hosts } = world.cluster;
  return {
    ...world.reading,
    cluster: { name, product, title },
    hosts: hosts.map(visible),
    params: typed(world.procedure.params, world.params),
    vars: typed(world.procedure.variables, { ...world.variables, ...ownVariables(world) }),
    roles: { ...soleHolders(hosts), ...world.roles },
    captured: world.captured ?? {},
    secrets: Object.fromEntries(Object.keys(world.procedure.secrets).map((name) => [name, secretMark(name)])),
    ...(world.host === undefined ? {} : { host: visible(world.host) }),
  };
}

/** Roots that every expression may use. */
export const worldRoots: readonly string[] = ['cluster', 'hosts', 'params', 'vars', 'roles', 'captured'];

/** Members of roots that are the same everywhere. */
export const members: Readonly<Record<string, readonly string[]>> = {
  cluster: ['name', 'product', 'title'],
  host: ['name', 'address', 'roles', 'aliases'],
};

/** What each reader gives beside `status`, `stdout` and `stderr`. */
export const readerRoots: Readonly<Record<Reader, readonly string[]>> = {
  text: [],
  lines: ['lines'],
  table: ['rows', 'table'],
  services: ['services', 'supervisor'],
  json: ['json'],
  keys: ['keys'],
  regex: ['match', 'matches'],
};

/** A host's own variables go before the cluster's, for what is declared. */
function ownVariables({ host, procedure }: World): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(host?.variables ?? {}).filter(([name]) => Object.hasOwn(procedure.variables, name)));
}

/** Inventory roles that exactly one host has. */
function soleHolders(hosts: readonly NamedHost[]): Record<string, string> {
  const roles = new Set(hosts.flatMap((host) => host.roles));
  return Object.fromEntries(
    [...roles].flatMap((role) => {
      const [first, second] = hosts.filter((host) => host.roles.includes(role));
      return first !== undefined && second === undefined ? [[role, first.name]] : [];
    }),
  );
}

function typed(inputs: Readonly<Record<string, Input>>, values: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, inputs[name]?.value.type === 'integer' && value !== '' ? Number(value) : value]),
  );
}
