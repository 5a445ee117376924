/** Whether a procedure can run on a cluster: seen before a run begins, so that nobody is surprised half-way. */
import { compile, placeholders, roots } from '../procedure/expression.ts';
import type { Problem } from '../procedure/finding.ts';
import type { CommandStep, Procedure, Selector, Step } from '../procedure/model.ts';
import { type CheckedInputs, checkInputs } from '../procedure/params.ts';
import { expressionsOf, textsOf } from '../procedure/step-texts.ts';
import { didYouMean, listed, nearest } from '../procedure/suggest.ts';
import { hostsIn } from './hosts.ts';
import type { Cluster, Host } from './model.ts';

/** Nothing if it fits. */
export function checkFit(procedure: Procedure, cluster: Cluster): readonly Problem[] {
  if (procedure.product !== cluster.product) return [otherProduct(procedure, cluster)];
  const variables = variablesFor(procedure, cluster);
  return [
    ...(variables.kind === 'bad' ? variables.problems : []),
    ...cluster.hosts.flatMap((host) => ownProblems(procedure, cluster, host)),
    ...secretProblems(procedure, cluster),
    ...unique(roleProblems(procedure, cluster)),
  ];
}

/** A host's own values must be as good as the cluster's. */
function ownProblems(procedure: Procedure, cluster: Cluster, host: Host): readonly Problem[] {
  const own = Object.entries(host.variables ?? {}).flatMap(([name, value]) => {
    const input = Object.hasOwn(procedure.variables, name) ? procedure.variables[name] : undefined;
    return input === undefined ? [] : [{ name, value, input }];
  });
  const inputs = Object.fromEntries(own.map(({ name, input }) => [name, input]));
  const checked = checkInputs(inputs, Object.fromEntries(own.map(({ name, value }) => [name, value])), { hosts: cluster.hosts });
  if (checked.kind === 'ok') return [];
  return checked.problems.map(({ path, message }) => ({
    path: `hosts.${host.name}.variables.${path}`,
    message: `${host.name}'s own variable ${message}`,
    check: `variables of ${host.name} in the file of ${cluster.name}`,
  }));
}

function secretProblems(procedure: Procedure, cluster: Cluster): readonly Problem[] {
  const given = Object.keys(cluster.secrets);
  return Object.entries(procedure.secrets).flatMap(([name, title]) =>
    given.includes(name)
      ? []
      : [
          {
            path: `secrets.${name}`,
            message: `the cluster does not say where the secret ${name} is (${title})${didYouMean(name, given)}`,
            check: `secrets in the file of ${cluster.name}: ${name}: { env: NAME } or { file: /path }`,
          },
        ],
  );
}

/** The procedure's variables with the cluster's values and the defaults filled in. */
export function variablesFor(procedure: Procedure, cluster: Cluster): CheckedInputs {
  const given = Object.fromEntries(Object.entries(cluster.variables).filter(([name]) => Object.hasOwn(procedure.variables, name)));
  const checked = checkInputs(procedure.variables, given, { hosts: cluster.hosts });
  if (checked.kind === 'ok') return checked;
  return { kind: 'bad', problems: checked.problems.map((problem) => inCluster(problem, cluster)) };
}

function inCluster(problem: Problem, cluster: Cluster): Problem {
  const unused = Object.keys(cluster.variables).filter((name) => name !== problem.path);
  return {
    path: `variables.${problem.path}`,
    message: `the cluster's variable ${problem.message}${Object.hasOwn(cluster.variables, problem.path) ? '' : didYouMean(problem.path, unused)}`,
    check: `variables in the file of ${cluster.name}${ownNote(problem.path, cluster)}`,
  };
}

/** Texts for the run as a whole have no host. */
function ownNote(name: string, { hosts }: Cluster): string {
  const own = hosts.some(({ variables }) => Object.hasOwn(variables ?? {}, name));
  return own ? ': the cluster itself needs a value too, since what hosts have of their own counts on them only' : '';
}

function otherProduct(procedure: Procedure, cluster: Cluster): Problem {
  const message = `${procedure.name} is a procedure for ${procedure.product}, but ${cluster.name} is ${cluster.product}`;
  return { path: 'product', message, check: 'the name of the cluster, and `product` in its file' };
}

function roleProblems(procedure: Procedure, cluster: Cluster): readonly Problem[] {
  const fixed = Object.keys(procedure.roles);
  const ofRoles = Object.entries(procedure.roles).flatMap(([role, expression], index) =>
    referenceProblems(`roles.${role}`, [expression], new Set(fixed.slice(0, index)), cluster),
  );
  const ofSteps = procedure.steps.flatMap((step, index) => {
    const bound = new Set([...fixed, ...boundBefore(procedure.steps.slice(0, index))]);
    const own = step.kind === 'command' ? Object.keys(step.bind) : [];
    const expressions = [...expressionsOf(step), ...textsOf(step).flatMap((text) => placeholders(text).expressions)];
    return [...hostProblems(step, bound, cluster), ...referenceProblems(step.id, expressions, new Set([...bound, ...own]), cluster)];
  });
  return [...ofRoles, ...ofSteps];
}

function boundBefore(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(steps.flatMap((step) => (step.kind === 'command' ? Object.keys(step.bind) : [])));
}

/** The hosts on which a step runs, from which it copies, or which it exchanges: the latter two are one host. */
function hostProblems(step: Step, bound: ReadonlySet<string>, cluster: Cluster): readonly Problem[] {
  const problem = (selector: Selector, key: string) => (bound.has(selector.role) ? [] : selectorProblem(step.id, key, selector, cluster));
  if (step.kind === 'person') {
    return step.exchanges === undefined ? [] : problem({ kind: 'one', role: step.exchanges }, 'exchanges');
  }
  if (step.kind !== 'command') return [];
  const from = step.copy?.from;
  return [
    ...problem(step.on, 'on'),
    ...(step.requires ?? []).flatMap(({ on }) => (on === undefined ? [] : problem(on, 'requires.on'))),
    ...(from?.kind === 'role' ? problem({ kind: 'one', role: from.role }, 'copy.from') : []),
    ...(bound.has(step.on.role) ? [] : peerProblem(step, cluster)),
  ];
}

/** `each` may find nobody (no query engines is fine), unless the cluster has a role of nearly that name. */
function selectorProblem(id: string, key: string, { kind, role }: Selector, cluster: Cluster): readonly Problem[] {
  const roles = [...new Set(cluster.hosts.flatMap((host) => host.roles))];
  const holders = hostsIn(cluster, role);
  const path = `${id}.${key}`;
  const check = `roles in the file of ${cluster.name}: ${listed(roles)}`;
  if (holders.length === 0 && (kind !== 'each' || nearest(role, roles) !== undefined)) {
    return [{ path, message: `${id}: ${cluster.name} has no host in the role ${role}${didYouMean(role, roles)}`, check }];
  }
  if (kind !== 'one' || holders.length === 1) return [];
  const names = holders.map(({ name }) => name);
  return [{ path, message: `${id}: ${role} must be one host, but ${cluster.name} has ${holders.length} (${listed(names)})`, check }];
}

/** What the tool said on the other host: there is one other. */
function peerProblem(step: CommandStep, cluster: Cluster): readonly Problem[] {
  const holders = hostsIn(cluster, step.on.role).length;
  const speaks = (step.answers ?? []).some(({ answer }) => roots(answer).includes('peer'));
  if (!speaks || holders === 2) return [];
  const message = `${step.id}: its answers speak of the other host of the role ${step.on.role}, but ${cluster.name} has ${holders}`;
  return [{ path: `${step.id}.answers`, message, check: `roles in the file of ${cluster.name}` }];
}

function referenceProblems(what: string, expressions: readonly string[], bound: ReadonlySet<string>, cluster: Cluster): readonly Problem[] {
  return expressions.flatMap(rolesIn).flatMap((role) => {
    if (bound.has(role) || hostsIn(cluster, role).length === 1) return [];
    const message = `${what} speaks of roles.${role}, which no earlier step finds and which is not one host of ${cluster.name}`;
    return [{ path: what, message, check: `roles in the file of ${cluster.name}` }];
  });
}

function rolesIn(expression: string): readonly string[] {
  const compiled = compile(expression);
  if (compiled.kind === 'bad') return [];
  return compiled.references.flatMap(({ root, member }) => (root === 'roles' && member !== undefined ? [member] : []));
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
