/** Which fixed values an expression compares something with: found in its syntax tree. */
import type { ASTNode } from '@marcbachmann/cel-js';
import type { Reference } from './references.ts';

/** `params.mode == "hard"`, `params.mode in ["soft", "hard"]`, in either order and also as `!=`. */
export type Comparison = Reference & { readonly member: string; readonly values: readonly string[] };

export function comparisonsOf(node: ASTNode): readonly Comparison[] {
  const own = node.op === '==' || node.op === '!=' || node.op === 'in' ? comparison(node.args[0], node.args[1]) : [];
  return [...own, ...childrenOf(node).flatMap(comparisonsOf)];
}

function comparison(left: ASTNode, right: ASTNode): readonly Comparison[] {
  const [what, values] = memberOf(left) === undefined ? [memberOf(right), textsOf(left)] : [memberOf(left), textsOf(right)];
  return what === undefined || values.length === 0 ? [] : [{ ...what, values }];
}

function memberOf(node: ASTNode): { readonly root: string; readonly member: string } | undefined {
  if (node.op === '.' && node.args[0].op === 'id') return { root: node.args[0].args, member: node.args[1] };
  if (node.op !== '[]') return undefined;
  const [object, index] = node.args;
  return object.op === 'id' && index.op === 'value' && typeof index.args === 'string'
    ? { root: object.args, member: index.args }
    : undefined;
}

function textsOf(node: ASTNode): readonly string[] {
  if (node.op === 'value') return typeof node.args === 'string' ? [node.args] : [];
  return node.op === 'list' ? node.args.flatMap(textsOf) : [];
}

/** The operands that must all be true for the whole to be. */
export function conjunctsOf(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjunctsOf) : [node];
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'list':
      return node.args;
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}
