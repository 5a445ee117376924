import { type Finding, type Path, pathText } from './finding.ts';
import type { Located } from './yaml.ts';

/** A place in the procedure's file, or in that of the library named: the value there, or its key. */
export type Spot = { readonly path: Path; readonly library?: string; readonly isKey?: boolean };

/** What a check of meaning found, before its place in the file is looked up. */
export type Mistake = Spot & { readonly message: string; readonly check: string };

export function mistakeAt(spot: Spot, message: string, check: string): Mistake {
  return { ...spot, message, check };
}

export function findingOf(mistake: Mistake, located: Located, file: string): Finding {
  const { path, message, check, isKey } = mistake;
  const position = isKey === true ? located.keyPositionOf(path) : located.positionOf(path);
  return { file, ...position, path: pathText(path), message, check };
}
