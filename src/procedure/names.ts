/** What the language needs to know of a host; the inventory's hosts have it all. */
export type NamedHost = {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly address: string;
  readonly roles: readonly string[];
  /** The host's own values for the variables that procedures declare. */
  readonly variables?: Readonly<Record<string, string>>;
};

/** What expressions see of a host. */
export function visibleHost({ name, address, roles, aliases }: NamedHost): NamedHost {
  return { name, address, roles, aliases };
}

/**
 * The host of that name, alias or address, whatever the case, with a product's `:port` left off. Names come before aliases and those before
 * addresses; an address that several hosts share (ports told apart by SSH only) names none of them.
 */
export function findNamed<H extends NamedHost>(hosts: readonly H[], nameOrAlias: string): H | undefined {
  const wanted = withoutPort(nameOrAlias.trim().toLowerCase());
  if (wanted === '') return undefined;
  const byName = hosts.find((host) => host.name.toLowerCase() === wanted);
  const byAlias = byName ?? hosts.find((host) => host.aliases.some((alias) => alias.toLowerCase() === wanted));
  if (byAlias !== undefined) return byAlias;
  const [first, second] = hosts.filter((host) => host.address.toLowerCase() === wanted);
  return second === undefined ? first : undefined;
}

/** `host:10520` → `host`; `[::1]:22` → `::1`; a bare IPv6 address stays as it is. */
function withoutPort(name: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(name);
  if (bracketed?.[1] !== undefined) return bracketed[1];
  return /^[^:]*:\d{1,5}$/.test(name) ? name.slice(0, name.indexOf(':')) : name;
}
