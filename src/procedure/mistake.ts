import { type Finding, type Path, pathText } from './finding.ts';
import type { Located } from './yaml.ts';

/** What a check of meaning found, before its place in the file is looked up. */
export type Mistake = { readonly path: Path; readonly message: string; readonly check: string };

export function findingOf(mistake: Mistake, located: Located, file: string): Finding {
  return { file, ...located.positionOf(mistake.path), path: pathText(mistake.path), message: mistake.message, check: mistake.check };
}
