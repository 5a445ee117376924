/** Links to threads. What is no plain address becomes no link: it comes from Slack, by way of Redis. Pure. */
import { escapeLine } from './escape.ts';
import { name } from './words.ts';

/** ` Open the thread` as a link, or nothing. */
export function threadLink(permalink: string | undefined): string {
  return isLink(permalink) ? ` <${escapeLine(permalink)}|Open the thread>` : '';
}

/** The id of a run, which leads to its thread where that is known. */
export function linkedRun(run: string, permalink: string | undefined): string {
  return isLink(permalink) ? `<${escapeLine(permalink)}|${escapeLine(run)}>` : name(run);
}

function isLink(permalink: string | undefined): permalink is string {
  return permalink !== undefined && /^https?:\/\/[^\s<>|]+$/.test(permalink);
}
