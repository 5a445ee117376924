/** What an expression may speak of, by where it stands. */
import { members, readerRoots, worldRoots } from './context.ts';
import type { Reader } from './model.ts';
import { groupsOf } from './pattern.ts';
import { type Placed, variablesOf } from './place.ts';
import { namesIn, type Whole } from './whole.ts';

/** A captured value: whether it has a type, so that it may be sent to a host, and whether there is one of each host. */
export type Kept = { readonly isTyped: boolean; readonly isPerHost: boolean };

export type Scope = {
  readonly roots: readonly string[];
  /** What a root has, where that is known. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** Roles that only a later step finds. */
  readonly laterRoles: readonly string[];
  readonly captured: ReadonlyMap<string, Kept>;
  readonly laterCaptured: readonly string[];
  /** The value goes to a host. */
  readonly isSent: boolean;
  /** Of a library by itself: what is declared elsewhere is not known. */
  readonly isOpen: boolean;
};

export const alwaysRead: readonly string[] = ['status', 'stdout', 'stderr'];

/** What the step at this place may speak of. */
export function scopeAt(whole: Whole, steps: readonly Placed[], index: number): Scope {
  const captured = capturesIn(steps.slice(0, index));
  const isOpen = whole.isOpen === true;
  const declared = {
    params: Object.keys(whole.own.params ?? {}),
    vars: Object.keys(variablesOf(whole)),
    secrets: namesIn(whole, 'secrets'),
  };
  return {
    roots: worldRoots,
    members: isOpen ? members : { ...members, ...declared },
    laterRoles: isOpen ? [] : rolesBoundLater(steps, index),
    captured,
    laterCaptured: isOpen ? [] : [...capturesIn(steps.slice(index)).keys()].filter((name) => !captured.has(name)),
    isSent: false,
    isOpen,
  };
}

/** The roles of a procedure are found from what was given, before anything is read from a host. */
export function scopeOfRoles(whole: Whole): Scope {
  const scope = scopeAt(whole, [], 0);
  return { ...scope, roots: scope.roots.filter((root) => root !== 'captured') };
}

export function withRoots(scope: Scope, ...roots: readonly string[]): Scope {
  return { ...scope, roots: [...scope.roots, ...roots] };
}

export function withMembers(scope: Scope, root: string, names: readonly string[]): Scope {
  return { ...withRoots(scope, root), members: { ...scope.members, [root]: names } };
}

type Look = { readonly read?: Reader | undefined; readonly pattern?: string | undefined; readonly run?: unknown; readonly http?: unknown };

/** What is known once a command was read. A piece of a library may leave the reader to the step that uses it. */
export function reading(scope: Scope, look: Look): Scope {
  const { read, pattern = '', run, http } = look;
  const isElsewhere = scope.isOpen && read === undefined && run === undefined && http === undefined;
  const roots = isElsewhere ? Object.values(readerRoots).flat() : readerRoots[read ?? 'text'];
  const after = withRoots(scope, ...alwaysRead, ...roots);
  return read === 'regex' && pattern !== '' ? { ...after, members: { ...after.members, match: groupsOf(pattern) } } : after;
}

/** One name may be captured in several places (one of which is skipped): it has a type only if it has one everywhere. */
function capturesIn(steps: readonly Placed[]): ReadonlyMap<string, Kept> {
  const kept = new Map<string, Kept>();
  for (const step of steps) {
    if (step.kind !== 'command') continue;
    const isPerHost = /^(each|all) /.test(step.source.on);
    for (const [name, capture] of Object.entries(step.source.capture ?? {})) {
      const before = kept.get(name);
      kept.set(name, {
        isTyped: typeof capture !== 'string' && (before?.isTyped ?? true),
        isPerHost: isPerHost && (before?.isPerHost ?? true),
      });
    }
  }
  return kept;
}

/** Roles that a step from here on binds and none before. */
function rolesBoundLater(steps: readonly Placed[], index: number): readonly string[] {
  const bound = (some: readonly Placed[]) => some.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : []));
  const earlier = bound(steps.slice(0, index));
  return bound(steps.slice(index)).filter((role) => !earlier.includes(role));
}
