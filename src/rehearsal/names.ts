/** Checks of names in a test file: hosts, steps and places such as `S4 engine-02`. */
import type { Path } from '../procedure/finding.ts';
import { type Mistake, mistakeAt } from '../procedure/mistake.ts';
import { didYouMean, listed } from '../procedure/suggest.ts';
import type { Place } from './model.ts';

export type Known = { readonly hosts: readonly string[]; readonly steps: readonly string[] };

/** `S4 engine-02`, or `S4`. */
export function placeOf(text: string): Place {
  const [step = '', host] = text.trim().split(/\s+/);
  return { step, host };
}

export function checkPlace(known: Known, path: Path, text: string): readonly Mistake[] {
  const parts = text.trim().split(/\s+/);
  const { step, host } = placeOf(text);
  if (parts.length > 2) return [mistakeAt({ path }, `"${text}" is no place`, 'a step, or a step and a host, such as `S4 engine-02`')];
  return [...checkStep(known, path, step), ...(host === undefined ? [] : checkHost(known, path, host))];
}

export function checkStep({ steps }: Known, path: Path, name: string): readonly Mistake[] {
  if (steps.includes(name)) return [];
  return [mistakeAt({ path }, `the procedure has no step "${name}"${didYouMean(name, steps)}`, `the ids of its steps: ${listed(steps)}`)];
}

export function checkHost({ hosts }: Known, path: Path, name: string): readonly Mistake[] {
  if (hosts.includes(name)) return [];
  return [mistakeAt({ path }, `the cluster has no host "${name}"${didYouMean(name, hosts)}`, `its hosts: ${listed(hosts)}`)];
}

/** A text or a list of texts as a list, each with its path. */
export function each(value: string | readonly string[] | undefined, path: Path): readonly { readonly text: string; readonly path: Path }[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [{ text: value, path }] : value.map((text, index) => ({ text, path: [...path, index] }));
}
