/**
 * The port on which this process tells how it is: /metrics, /healthz, /readyz; anything else is 404.
 *
 * Invariants
 * V1 It only reads, and only by GET and HEAD: no body is looked at.
 * V2 Whoever is slow or hostile is cut off: few connections, seconds for a request, one request a connection, and never a wait for a client.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { explain, KeyturnError } from '../errors.ts';
import type { Report } from './report.ts';

export type Pages = {
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  readonly health: () => Report;
  readonly ready: () => Promise<Report>;
};

export type Place = { readonly host: string; readonly port: number };
export type StatusServer = { readonly close: () => Promise<void> };

const MOST_CONNECTIONS = 32;
/** Milliseconds for a request to be there; and of silence, also of a client that does not read its answer. */
const LIMITS = { request: 5_000, silence: 10_000 };

/** Throws KeyturnError STATUS_PORT. */
export async function openStatusServer({ host, port }: Place, pages: Pages, log: Logger, limits = LIMITS): Promise<StatusServer> {
  const server = createServer(
    {
      requestTimeout: limits.request,
      headersTimeout: limits.request,
      connectionsCheckingInterval: limits.request / 5,
      maxHeaderSize: 8_192,
      keepAlive: false,
    },
    (request, response) => void answer(request, response, pages, log),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.maxRequestsPerSocket = 1;
  server.setTimeout(limits.silence);
  await listening(server, host, port);
  server.on('error', (error) => log.warn({ reason: error.message }, 'the port for metrics and health has a fault'));
  log.info({ address: host, port }, 'metrics and health are told');
  return {
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listening(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw new KeyturnError(
      'STATUS_PORT',
      `Keyturn cannot listen on ${host}:${port} for metrics and health (KEYTURN_STATUS): ${error instanceof Error ? error.message : String(error)}.`,
      'that nothing else uses this port (the bot and a worker on one machine need two), that the address is one of this machine, or set KEYTURN_STATUS to another one.',
      { cause: error },
    );
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages, log: Logger): Promise<void> {
  response.setHeader('Connection', 'close');
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    const { status, type, text } = await pageOf(request, pages);
    if (status === 405) response.setHeader('Allow', 'GET, HEAD');
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  } catch (error) {
    log.error({ reason: explain(error) }, 'metrics or health could not be told');
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

type Page = { readonly status: number; readonly type: string; readonly text: string };

async function pageOf(request: IncomingMessage, pages: Pages): Promise<Page> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'only GET and HEAD\n');
  switch ((request.url ?? '').split('?')[0]) {
    case '/metrics':
      return { status: 200, ...(await pages.metrics()) };
    case '/healthz':
      return reportPage(pages.health());
    case '/readyz':
      return reportPage(await pages.ready());
    default:
      return plain(404, 'there are /metrics, /healthz and /readyz\n');
  }
}

function plain(status: number, text: string): Page {
  return { status, type: 'text/plain; charset=utf-8', text };
}

function reportPage(report: Report): Page {
  return { status: report.ok ? 200 : 503, type: 'application/json', text: `${JSON.stringify(report, undefined, 2)}\n` };
}
