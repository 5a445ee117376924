/** A start that is due: this attempt of this step on this host. */
export type Start = { readonly host: string; readonly attempt: number };
