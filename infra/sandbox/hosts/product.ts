/** What every sandbox product offers, whatever it imitates: the demo and the tests start, read and break all of them in the same way. */
import type { Entry } from './log.ts';

export type SandboxHost = {
  readonly name: string;
  /** Under which the product reports the host; the alias in the cluster file. */
  readonly fqdn: string;
  readonly roles: readonly string[];
  /** The HOME that a login must have: `<dir>/<name>/home`. The stand-ins find out by it which host they are on. */
  readonly home: string;
  /** This host's own `variables` in the cluster file: what differs from host to host, such as its address on the product's network. */
  readonly variables?: Readonly<Record<string, string>>;
};

export type SandboxProduct = {
  /** Folder with everything: hosts, what they share, the log. */
  readonly dir: string;
  /** As in `product:` of the cluster file. */
  readonly product: string;
  readonly hosts: readonly SandboxHost[];
  /** `variables` of the cluster file: where the product lies in this sandbox. */
  readonly variables: Readonly<Record<string, string>>;
  /** The values of its secrets, by name. Its cluster file says only in which file each is (secrets.ts). */
  readonly secrets: Readonly<Record<string, string>>;
  /** Further environment of every login; PATH begins with the folder of the stand-ins for system programs (sudo, rpm, dpkg …). */
  readonly env: Readonly<Record<string, string>>;
  /** Everything that the stand-ins did, oldest first. */
  log(): Entry[];
  /** Each wrong order or missing precondition that a stand-in objected to. */
  violations(): Entry[];
  /** The first entry, old or new, that the predicate accepts; rejects with the log's end when the time is over. */
  waitForLog(predicate: (entry: Entry) => boolean, options?: { readonly timeoutMs?: number }): Promise<Entry>;
  /** Ends what runs for it (servers, processes that its programs left behind). */
  close(): Promise<void>;
};
