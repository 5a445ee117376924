import { type Finding, type Path, pathText } from './finding.ts';
import type { Located } from './yaml.ts';

/** A place in the procedure's file, or in that of the library named. */
export type Spot = { readonly path: Path; readonly library?: string };

/** What a check of meaning found, before its place in the file is looked up. */
export type Mistake = Spot & { readonly message: string; readonly check: string };

export function mistakeAt(spot: Spot, message: string, check: string): Mistake {
  return { ...spot, message, check };
}

export function findingOf(mistake: Pick<Mistake, 'path' | 'message' | 'check'>, located: Located, file: string): Finding {
  return { file, ...located.positionOf(mistake.path), path: pathText(mistake.path), message: mistake.message, check: mistake.check };
}
