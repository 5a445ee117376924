/** What an answer of the history says beside the runs, the same in Slack and on the command line. Pure. */
import type { Page } from './index.ts';
import { olderWords, type Query } from './query.ts';

/** How to see what follows; undefined where nothing does. `how`: what else does it than typing. */
export function moreSentence({ older }: Page, query: Query, how = ''): string | undefined {
  if (older === undefined) return undefined;
  return `There are more: ${how}the same with \`${olderWords(older)}\`${query.page > 1 && query.older === undefined ? ` in place of \`page:${query.page}\`` : ''}.`;
}

/** Why runs may be missing. Of unreadable ones nothing more is said than that there are some: nobody knows who may read them. */
export function lackingSentences({ complete, unreadable }: Pick<Page, 'complete' | 'unreadable'>): readonly string[] {
  return [
    ...(complete ? [] : ['The history is still being built from the journals, so runs may be missing here. Ask again in a moment.']),
    ...(unreadable.length === 0
      ? []
      : ['Some runs could not be read, so they may be missing here, or be shown as they were. `keyturn verify` says what is wrong.']),
  ];
}
