/**
 * An HTTP request as a script: `http` in a procedure becomes a constant script for curl and the values that it gets. All of the request goes to
 * curl through its standard input (`--config -`), so that neither address nor password stands in a process list, and curl itself inherits none
 * of the values. Quoting inside a configuration: https://curl.se/docs/manpage.html#-K
 */
import type { HttpSource } from './pieces-schema.ts';

/** Where the request stands: a step may hold one in each place, and their values must not mix. */
export type HttpPlace = 'REQUEST' | 'UNTIL' | 'UNLESS' | `REQUIRES_${number}`;

export type Request = { readonly run: string; readonly env: Readonly<Record<string, string>> };

/** Seconds that a look may take; a step's own request ends with the step's time limit. */
const PATIENCE = 25;

export function methodOf({ method, form }: HttpSource): NonNullable<HttpSource['method']> {
  return method ?? (form === undefined ? 'GET' : 'POST');
}

export function requestOf(http: HttpSource, place: HttpPlace): Request {
  const env = valuesOf(http, place);
  const run = [
    // A quotation mark or a line end in a value must not end the option that holds it.
    `escaped() { printf '%s' "$1" | sed -e 's/[\\\\"]/\\\\&/g' -e '$!s/$/\\\\n/' | tr -d '\\n'; }`,
    '{',
    ...optionsOf(http, place).map((line) => `  ${line}`),
    `} | ( unset ${Object.keys(env).join(' ')}; exec curl ${flagsOf(http, place).join(' ')} --config - )`,
    '',
  ].join('\n');
  return { run, env };
}

function valuesOf({ url, user, password, form = {}, headers = {} }: HttpSource, place: HttpPlace): Readonly<Record<string, string>> {
  const numbered = (what: string, values: Readonly<Record<string, string>>) =>
    Object.values(values).map((value, index) => [`${place}_${what}_${index + 1}`, value] as const);
  return Object.fromEntries([
    [`${place}_URL`, url],
    ...(user === undefined ? [] : [[`${place}_USER`, user] as const]),
    ...(password === undefined ? [] : [[`${place}_PASSWORD`, password] as const]),
    ...numbered('FORM', form),
    ...numbered('HEADER', headers),
  ]);
}

function optionsOf({ user, password, form = {}, headers = {} }: HttpSource, place: HttpPlace): readonly string[] {
  const credentials = `${user === undefined ? '' : `$${place}_USER`}:${password === undefined ? '' : `$${place}_PASSWORD`}`;
  return [
    option('url', `$${place}_URL`),
    ...(user === undefined && password === undefined ? [] : [option('user', credentials)]),
    ...Object.keys(form).map((name, index) => option('data-urlencode', `$${place}_FORM_${index + 1}`, `${name}=`)),
    ...Object.keys(headers).map((name, index) => option('header', `$${place}_HEADER_${index + 1}`, `${name}: `)),
  ];
}

/** A line of curl's configuration, its value between quotation marks. */
function option(name: string, value: string, before = ''): string {
  return `printf '${name} = "${before}%s"\\n' "$(escaped "${value}")"`;
}

/** No file and no other protocol is ever asked, also not by a redirect; brackets in an address are no pattern. */
function flagsOf(http: HttpSource, place: HttpPlace): readonly string[] {
  return [
    ...['--silent', '--show-error', '--fail', '--globoff', "--proto '=http,https'", "--proto-redir '=http,https'"],
    ...(http.follow === true ? ['--location'] : []),
    ...(http.insecure === true ? ['--insecure'] : []),
    ...methodFlags(http),
    place === 'REQUEST' ? `--connect-timeout ${PATIENCE}` : `--max-time ${PATIENCE}`,
  ];
}

/** curl's own choice is left to it, since `--request` would also be the method after a redirect. */
function methodFlags(http: HttpSource): readonly string[] {
  const method = methodOf(http);
  if (method === 'GET') return http.form === undefined ? [] : ['--get'];
  return method === 'POST' && http.form !== undefined ? [] : [`--request ${method}`];
}
