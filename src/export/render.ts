/** A record in one of the forms of an export. Pure. */
import type { RunRecord } from '../record/model.ts';
import { htmlOf } from './html.ts';
import { markdownOf } from './markdown.ts';
import { pageOf } from './page.ts';

export const FORMATS = ['json', 'md', 'html'] as const;
export type Format = (typeof FORMATS)[number];

export function formatNamed(name: string): Format | undefined {
  return FORMATS.find((format) => format === name);
}

/** Ends with a line end. The same record gives the same text. */
export function render(record: RunRecord, format: Format): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(record, null, 1)}\n`;
    case 'md':
      return markdownOf(pageOf(record));
    case 'html':
      return htmlOf(pageOf(record));
  }
}
