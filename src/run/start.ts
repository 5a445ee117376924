import type { CommandStep } from '../procedure/model.ts';

/** A start that is due: this attempt of this step on this host. */
export type Start = { readonly host: string; readonly attempt: number };

/** A step of a request, with every start of it that is asked for. */
export type Part = { readonly step: CommandStep; readonly starts: readonly Start[] };
