/** What an answer of the history says beside the runs, the same in Slack and on the command line. Pure. */
import type { Page } from './index.ts';
import { olderWords, type Query } from './query.ts';

/** How to see what follows; undefined where nothing does. */
export function moreSentence({ older }: Page, { page }: Query): string | undefined {
  if (older === undefined) return undefined;
  return `There are more: the same with \`${olderWords(older)}\`${page > 1 ? ` in place of \`page:${page}\`` : ''}.`;
}

/** Why runs may be missing. Of unreadable ones nothing more is said than that there are some: nobody knows who may read them. */
export function lackingSentences({ complete, unreadable }: Page): readonly string[] {
  return [
    ...(complete ? [] : ['The history is still being built from the journals, so runs may be missing here. Ask again in a moment.']),
    ...(unreadable.length === 0
      ? []
      : ['Some runs could not be read, so they may be missing here, or be shown as they were. `keyturn verify` says what is wrong.']),
  ];
}
