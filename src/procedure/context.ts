/** What expressions may see, built in one place. */
import type { Context } from './expression.ts';
import type { Input, Procedure, Reader } from './model.ts';
import type { NamedHost } from './names.ts';

export type World = {
  readonly cluster: { readonly name: string; readonly product: string; readonly title: string; readonly hosts: readonly NamedHost[] };
  readonly procedure: Procedure;
  readonly params: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Role to host name, as bound. */
  readonly roles: Readonly<Record<string, string>>;
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
    vars: typed(world.procedure.variables, world.variables),
    roles: { ...soleHolders(hosts), ...world.roles },
    ...(world.host === undefined ? {} : { host: visible(world.host) }),
  };
}

/** Roots that every expression may use. */
export const worldRoots: readonly string[] = ['cluster', 'hosts', 'params', 'vars', 'roles'];

/** Members of roots that are the same everywhere. */
export const members: Readonly<Record<string, readonly string[]>> = {
  cluster: ['name', 'product', 'title'],
  host: ['name', 'address', 'roles', 'aliases'],
};

/** What each reader gives beside `status`, `stdout` and `stderr`. */
export const readerRoots: Readonly<Record<Reader, readonly string[]>> = {
  text: [],
  table: ['rows', 'table'],
  services: ['services', 'supervisor'],
  json: ['json'],
  keys: ['keys'],
};

function visible(host: NamedHost): NamedHost {
  return { name: host.name, address: host.address, roles: host.roles, aliases: host.aliases };
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
