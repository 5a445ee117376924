/** The file of people: which accounts of the workspace belong to one person. Pure: text in, identities or findings out. */
import { z } from 'zod';
import { type Finding, inFileOrder } from '../procedure/finding.ts';
import { findingsOf, strict } from '../procedure/issues.ts';
import { findingOf, type Mistake } from '../procedure/mistake.ts';
import { parseYaml } from '../procedure/yaml.ts';

/** One person; `name` as the file has it, `accounts` ids of Slack users. */
export type Identity = { readonly name: string; readonly accounts: readonly string[] };

/** By account. */
export type Identities = ReadonlyMap<string, Identity>;

export type PeopleResult =
  | { readonly kind: 'ok'; readonly identities: Identities }
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] };

const account = z.string().regex(/^[UW][A-Z0-9_]{1,40}$/, 'must be the id of a Slack user (U… or W…), not a name and not a group');
const peopleFileSchema = strict({
  people: z
    .record(z.string().min(1).max(200), z.array(account).min(1))
    .describe('Any name of the person, as your directory has it, to the ids of their accounts'),
});

const page = 'docs/clusters.md';

/** Every finding at once; an account that stands for two people is one. */
export function parsePeople(text: string, file: string): PeopleResult {
  const yaml = parseYaml(text, file);
  if (yaml.kind === 'bad') return yaml;
  const shape = peopleFileSchema.safeParse(yaml.value.value);
  if (!shape.success) return { kind: 'bad', findings: inFileOrder(findingsOf(shape.error, yaml.value, file, page)) };
  const { people } = shape.data;
  const findings = shared(people).map((mistake) => findingOf(mistake, yaml.value, file));
  if (findings.length > 0) return { kind: 'bad', findings: inFileOrder(findings) };
  const all = Object.entries(people).map(([name, accounts]): Identity => ({ name, accounts }));
  return { kind: 'ok', identities: new Map(all.flatMap((identity) => identity.accounts.map((id) => [id, identity] as const))) };
}

function shared(people: Readonly<Record<string, readonly string[]>>): readonly Mistake[] {
  const owners = new Map<string, string>();
  return Object.entries(people).flatMap(([name, accounts]) =>
    accounts.flatMap((id, index) => {
      const owner = owners.get(id);
      owners.set(id, owner ?? name);
      if (owner === undefined) return [];
      return [{ path: ['people', name, index], message: `the account ${id} belongs to ${owner} already`, check: 'whose account it is' }];
    }),
  );
}
