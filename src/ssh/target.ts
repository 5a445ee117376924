/** How to prove who we are: a private key file, or an agent's socket. */
export type Identity =
  | { readonly kind: 'key'; readonly path: string; readonly passphrase?: string }
  | { readonly kind: 'agent'; readonly socket: string };

/** Where and as whom a command runs. */
export type Target = {
  /** The name in the inventory, for messages. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identity: Identity;
  /** Whose inventory it is in, so that a message can name the very command that helps. */
  readonly cluster?: string;
  /** Commands run as this user, through `sudo -n -H`; so attempts have the store in this user's home, with an anchor of its own. */
  readonly become?: string;
  /** The connection goes through this host. */
  readonly jump?: Target;
};

/** The place in words: inventory name, then address and port. */
export function placeOf(target: Target): string {
  return `${target.host} (${target.address}:${target.port})`;
}

/** Two targets with the same key share a connection; `become` is chosen for each channel, so it is no part of it. */
export function connectionKey(target: Target): string {
  const { identity } = target;
  const who = identity.kind === 'key' ? `key:${identity.path}` : `agent:${identity.socket}`;
  return JSON.stringify([target.address, target.port, target.user, who, target.jump ? connectionKey(target.jump) : null]);
}
