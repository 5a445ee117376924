/** What is written for Slack as it is read on a terminal. Pure. */

/** Mentions become ids, dates their text, bold words plain ones, and the three entities characters. */
export function plainWords(text: string): string {
  return text
    .replace(/<!date\^[^<>|]*\|([^<>]*)> \([^()]*UTC\)/g, '$1 UTC')
    .replace(/<!date\^[^<>|]*\|([^<>]*)>/g, '$1')
    .replace(/<!subteam\^([A-Z0-9_]+)(?:\|[^<>]*)?>/g, 'group $1')
    .replace(/<[@#]([A-Z0-9_]+)(?:\|[^<>]*)?>/g, '$1')
    .replace(/(^|[\s(])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?=$|[\s:;,.)])/g, '$1$2')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
