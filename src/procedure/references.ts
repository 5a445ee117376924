/** Which names an expression takes from outside: found in its syntax tree, with the variables of its own macros left out. */
import type { ASTNode } from '@marcbachmann/cel-js';

/** `params.from` → root `params`, member `from`. No member where the root is used as a whole or its member is computed. */
export type Reference = { readonly root: string; readonly member: string | undefined };

type Bound = ReadonlySet<string>;

export function referencesOf(node: ASTNode, bound: Bound = new Set()): readonly Reference[] {
  switch (node.op) {
    case 'value':
      return [];
    case 'id':
      return bound.has(node.args) ? [] : [{ root: node.args, member: undefined }];
    case '.':
    case '.?':
      return ofMember(node.args[0], node.args[1], bound);
    case '[]':
    case '[?]':
      return ofIndex(node.args[0], node.args[1], bound);
    case 'call':
      return all(node.args[1], bound);
    case 'rcall':
      return ofMethod(node.args[0], node.args[1], node.args[2], bound);
    case 'list':
      return all(node.args, bound);
    case 'map':
      return all(node.args.flat(), bound);
    case '!_':
    case '-_':
      return referencesOf(node.args, bound);
    default:
      return all(node.args, bound);
  }
}

function all(nodes: readonly ASTNode[], bound: Bound): readonly Reference[] {
  return nodes.flatMap((node) => referencesOf(node, bound));
}

function ofMember(object: ASTNode, member: string, bound: Bound): readonly Reference[] {
  const isRoot = object.op === 'id' && !bound.has(object.args);
  return isRoot ? [{ root: object.args, member }] : referencesOf(object, bound);
}

function ofIndex(object: ASTNode, index: ASTNode, bound: Bound): readonly Reference[] {
  if (index.op === 'value' && typeof index.args === 'string') return ofMember(object, index.args, bound);
  return all([object, index], bound);
}

const macros = ['all', 'exists', 'exists_one', 'map', 'filter'];

/** `rows.all(r, …)` and `cel.bind(t, …, …)` bring a variable of their own. */
function ofMethod(name: string, receiver: ASTNode, args: readonly ASTNode[], bound: Bound): readonly Reference[] {
  const [variable, ...rest] = args;
  if (variable?.op !== 'id' || rest.length === 0) return all([receiver, ...args], bound);
  const inside = new Set([...bound, variable.args]);
  if (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel')
    return [...all(rest.slice(0, 1), bound), ...all(rest.slice(1), inside)];
  return macros.includes(name) ? [...referencesOf(receiver, bound), ...all(rest, inside)] : all([receiver, ...args], bound);
}
