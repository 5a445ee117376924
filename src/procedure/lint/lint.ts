/** `keyturn lint` of one file: its mistakes; where there are none, what its author should think about. */
import { type Finding, inFileOrder, pathText } from '../finding.ts';
import type { Shelf } from '../library.ts';
import type { Spot } from '../mistake.ts';
import { readProcedure } from '../parse.ts';
import type { Placed } from '../place.ts';
import { usesAt, usesIn, usesOfRoles } from '../uses.ts';
import type { Whole } from '../whole.ts';
import { type Alarm, alarm, type StepRule } from './alarm.ts';
import { unknownValues } from './enums.ts';
import { unexcused } from './excuses.ts';
import { unreachable } from './reachable.ts';
import { secretsShown } from './secrets.ts';
import { spokenRoles } from './spoken-roles.ts';
import { unsafeVerbs } from './unsafe-verbs.ts';
import { type Used, unused, usedIn } from './used.ts';
import { unverified } from './verified.ts';
import { waits } from './waits.ts';

const stepRules: readonly StepRule[] = [unsafeVerbs, unverified, waits, secretsShown, unreachable];

export type Linted =
  | { readonly kind: 'bad'; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'read';
      readonly product: string;
      readonly findings: readonly Finding[];
      readonly used: Used;
      /** Roles that some cluster of the product must have, and the finding if none has. */
      readonly roles: readonly { readonly role: string; readonly finding: Finding }[];
    };

export function lintProcedure(text: string, file: string, shelf: Shelf): Linted {
  const read = readProcedure(text, file, shelf);
  if (read.kind === 'bad') return read;
  const { whole, steps } = read;
  const used = usedIn(whole, steps, usesIn(whole, steps));
  const ofRoles = usesOfRoles(whole).flatMap((use) => unknownValues(whole, use));
  const ofFile = whole.own.accept?.unused === undefined ? unused(whole, steps, used) : [];
  const alarms = [...alarmsOf(whole, steps), ...ofRoles, ...ofFile];
  const toFinding = (each: Alarm): Finding => ({ ...read.findingOf(each), rule: each.rule });
  const roles = spokenRoles(whole, steps).map(({ role, spot }) => ({ role, finding: toFinding(noCluster(role, spot, whole)) }));
  return { kind: 'read', product: whole.own.product, findings: inFileOrder(alarms.map(toFinding), file), used, roles };
}

/** What the rules say of the steps, without what their authors answer. */
export function alarmsOf(whole: Whole, steps: readonly Placed[]): readonly Alarm[] {
  return unexcused(
    steps.map((step, index) => {
      const misspelt = usesAt(whole, steps, index).flatMap((use) => unknownValues(whole, use));
      const others = stepRules.flatMap((rule) => rule(whole, step)).filter((each) => !isEcho(each, misspelt));
      return { step, alarms: [...others, ...misspelt] };
    }),
  );
}

/** A condition with a value that there is not never holds either; that is told once. */
function isEcho({ rule, path }: Alarm, misspelt: readonly Alarm[]): boolean {
  return rule === 'unreachable' && misspelt.some((other) => pathText(other.path) === pathText(path));
}

function noCluster(role: string, spot: Spot, { own }: Whole): Alarm {
  const message = `no cluster of ${own.product} has a host in the role ${role}`;
  const check = 'roles in the cluster files; a role that is found at run time needs a `bind` or an entry under `roles`';
  return alarm('unknown-role', spot, message, check);
}
