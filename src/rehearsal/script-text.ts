/** What a host is sent, as the author wrote it: the script, and the values that it gets. */

export type SentText = { readonly script: string; readonly values: Readonly<Record<string, string>> };

/** In a shell of the product's own both come as one text (run/send.ts): taken apart here, so that a test reads the same with and without one. */
export function sentText(script: string, env: Readonly<Record<string, string>>): SentText {
  const feed = env.KEYTURN_FEED;
  if (feed === undefined) return { script, values: env };
  const assignments = [...feed.matchAll(/^export ([A-Z_][A-Z0-9_]*)=('(?:[^']|'\\'')*')$/gm)];
  const command = /^\/bin\/sh -c ('(?:[^']|'\\'')*'); exit \$\?$/m.exec(feed)?.[1] ?? '';
  const values = assignments.map(([, name = '', value = '']) => [name, unquoted(value)] as const);
  return { script: unquoted(command), values: Object.fromEntries(values) };
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll("'\\''", "'");
}

/** Address and method of the request that a script makes (procedure/http.ts), as curl understands it; undefined for any other script. */
export function requestIn({ script, values }: SentText): { readonly url: string; readonly method: string } | undefined {
  const place = /"\$(REQUEST|UNTIL|UNLESS|REQUIRES_[0-9]+)_URL"/.exec(script)?.[1];
  const flags = /exec curl (.*) --config -/.exec(script)?.[1];
  const url = values[`${place}_URL`];
  if (place === undefined || flags === undefined || url === undefined) return undefined;
  const isForm = script.includes('data-urlencode') && !/--get\b/.test(flags);
  return { url, method: /--request ([A-Z]+)/.exec(flags)?.[1] ?? (isForm ? 'POST' : 'GET') };
}
