/**
 * An HTTP request as a script: `http` in a procedure becomes a constant script for curl and the values that it gets. All of the request goes to
 * curl through its standard input (`--config -`), so that neither address nor password stands in a process list.
 */
import type { HttpSource } from './pieces-schema.ts';

/** Where the request stands: a step may hold one in each place, and their values must not mix. */
export type HttpPlace = 'REQUEST' | 'UNTIL' | 'UNLESS';

export type Request = { readonly run: string; readonly env: Readonly<Record<string, string>> };

/** Seconds that one request may take; a step's own time limit ends it earlier. */
const PATIENCE = 25;

export function requestOf(http: HttpSource, place: HttpPlace): Request {
  const form = Object.entries(http.form ?? {});
  const headers = Object.entries(http.headers ?? {});
  const method = http.method ?? (form.length > 0 ? 'POST' : 'GET');
  const env: Record<string, string> = { [`${place}_URL`]: http.url };
  if (http.user !== undefined) env[`${place}_USER`] = http.user;
  if (http.password !== undefined) env[`${place}_PASSWORD`] = http.password;
  for (const [index, [, value]] of form.entries()) env[`${place}_FORM_${index + 1}`] = value;
  for (const [index, [, value]] of headers.entries()) env[`${place}_HEADER_${index + 1}`] = value;
  const lines = [
    option('url', `"$${place}_URL"`),
    ...(http.user === undefined && http.password === undefined ? [] : [option('user', credentials(http, place))]),
    ...form.map(([name], index) => option('data-urlencode', `"$${place}_FORM_${index + 1}"`, `${name}=`)),
    ...headers.map(([name], index) => option('header', `"$${place}_HEADER_${index + 1}"`, `${name}: `)),
  ];
  const flags = [
    '--silent',
    '--show-error',
    '--fail',
    ...(http.follow === true ? ['--location'] : []),
    ...(http.insecure === true ? ['--insecure'] : []),
  ];
  const secret = Object.keys(env).filter((name) => /_(USER|PASSWORD)$/.test(name));
  const forget = secret.length === 0 ? '' : `unset ${secret.join(' ')}; `;
  const run = [
    `escaped() { printf '%s' "$1" | sed 's/[\\\\"]/\\\\&/g'; }`,
    '{',
    ...lines.map((line) => `  ${line}`),
    `} | ( ${forget}exec curl ${flags.join(' ')} --request ${method} --max-time ${PATIENCE} --config - )`,
    '',
  ].join('\n');
  return { run, env };
}

function credentials({ user, password }: HttpSource, place: HttpPlace): string {
  return `"${user === undefined ? '' : `$${place}_USER`}:${password === undefined ? '' : `$${place}_PASSWORD`}"`;
}

/** A line of curl's configuration, its value between quotation marks. */
function option(name: string, value: string, before = ''): string {
  return `printf '${name} = "${before}%s"\\n' "$(escaped ${value})"`;
}
