/**
 * An export as a document: what it says, in which order, and nothing of how it looks. Every text in it is as the run, a person or a host wrote it;
 * the renderers (`html.ts`, `markdown.ts`) escape, each at one place. Pure.
 */

export type Inline =
  | string
  /** What a machine takes literally: an id, a digest, a name of a host. */
  | { readonly code: string }
  /** Milliseconds since 1970. */
  | { readonly time: number }
  | { readonly strong: string }
  | readonly Inline[];

export type Block =
  | { readonly kind: 'text'; readonly text: Inline }
  /** Something is wrong with the record or the run. */
  | { readonly kind: 'alarm'; readonly text: Inline }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [label: string, value: Inline])[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Inline[])[] }
  /** Carried out exactly so: nothing is left out, terminal codes included. */
  | { readonly kind: 'script'; readonly title: Inline; readonly text: string }
  /** What somebody or something printed: cleaned of terminal codes, folded where a page can fold. */
  | { readonly kind: 'output'; readonly title: Inline; readonly text: string }
  | { readonly kind: 'timeline'; readonly rows: readonly Row[]; readonly from: number; readonly to: number }
  | { readonly kind: 'part'; readonly title: Inline; readonly blocks: readonly Block[] };

export type Section = { readonly id: string; readonly title: string; readonly folded?: boolean; readonly blocks: readonly Block[] };

export type Page = { readonly title: string; readonly lead: Inline; readonly sections: readonly Section[] };

/** Waits for people are of their own kinds: what a change took, and what it waited for, are two things. */
export type BarKind = 'work' | 'check' | 'approval' | 'question' | 'trouble' | 'hold' | 'pause';

/** `open`: it was not over when the record was made. Milliseconds since 1970. */
export type Bar = { readonly kind: BarKind; readonly from: number; readonly to: number; readonly open: boolean };

export type Row = { readonly step: string; readonly host: string | undefined; readonly bars: readonly Bar[] };

export const BAR_WORDS: Readonly<Record<BarKind, string>> = {
  work: 'ran',
  check: 'checked',
  approval: 'waited for approval',
  question: 'waited for an answer',
  trouble: 'waited for a decision on trouble',
  hold: 'held by a freeze window',
  pause: 'paused',
};
