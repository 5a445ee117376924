/** Serves the page's own files, with a policy that lets nothing else run or load. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** No inline script or style, nothing from elsewhere, and no HTML made from strings (trusted types). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Next to this module, or, once compiled into dist/, in the sources. */
const FOLDER = ['./page/', '../../../../infra/sandbox/slack/page/']
  .map((each) => new URL(each, import.meta.url))
  .find((each) => existsSync(fileURLToPath(each)));

/** False when there is no such file. A permalink (/archives/…) is the page itself. */
export async function servePage(path: string, response: ServerResponse): Promise<boolean> {
  const name = path === '/' || path.startsWith('/archives/') ? 'index.html' : path.slice(1);
  const type = TYPES[extname(name)];
  if (FOLDER === undefined || type === undefined || !/^[a-z-]+(\/[a-z-]+)?\.[a-z]+$/.test(name)) return false;
  const file = fileURLToPath(new URL(name, FOLDER));
  if (!existsSync(file)) return false;
  const headers = {
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
  response.writeHead(200, { 'content-type': type, ...headers });
  response.end(await readFile(file));
  return true;
}
