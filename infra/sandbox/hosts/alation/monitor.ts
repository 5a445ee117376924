/** The page /monitor/replication of the primary, served on loopback: the byte lag of Postgres as JSON, behind the redirect that -L follows. */
import { existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { readState, recall } from './state.ts';

const PATH = '/monitor/replication';
/** What a pair that keeps up shows: it falls at each reading, and never to nothing. */
const FIRST_LAG = 65_536;

export type Monitor = { readonly port: number; close(): Promise<void> };

export type MonitorOptions = {
  /** 0 for any free one. */
  readonly port: number;
  /** Folder of the state that the stand-ins share. */
  readonly shared: string;
  readonly primary: string;
  /** Host names by their addresses. */
  readonly names: ReadonlyMap<string, string>;
  /** Hears of each answer that was given. */
  readonly onReading: (text: string) => void;
};

/** Listens on 127.0.0.1. Rejects where the port is taken. */
export async function startMonitor(options: MonitorOptions): Promise<Monitor> {
  let readings = 0;
  const page = (path: string): Page => {
    if (readState(options.shared, options.primary).services !== 'running') return { status: 502, text: '502 Bad Gateway\n' };
    if (path === PATH) return { status: 301, text: '', location: `${PATH}/` };
    if (path !== `${PATH}/`) return { status: 404, text: '404 Not Found\n' };
    readings += 1;
    const text = JSON.stringify(replication(options, readings));
    options.onReading(text);
    return { status: 200, text: `${text}\n`, type: 'application/json' };
  };
  const server = createServer((request, response) => answer(response, pageOrError(page, request.url ?? '/')));
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(`The sandbox monitor cannot listen on 127.0.0.1:${options.port}.`, { cause })));
    server.listen(options.port, '127.0.0.1', () => {
      const address = server.address();
      resolve(address === null || typeof address === 'string' ? options.port : address.port);
    });
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, close };
}

type Page = { readonly status: number; readonly text: string; readonly type?: string; readonly location?: string };

/** A state that cannot be read must not end the process that serves. */
function pageOrError(page: (path: string) => Page, url: string): Page {
  try {
    return page(new URL(url, 'http://localhost').pathname);
  } catch (error) {
    return { status: 500, text: `${String(error)}\n` };
  }
}

function answer(to: ServerResponse, { status, text, type = 'text/html', location }: Page): void {
  to.writeHead(status, { 'content-type': type, connection: 'close', ...(location === undefined ? {} : { location }) });
  to.end(text);
}

type Lag = { readonly host: string; readonly byte_lag: number | 'unknown' };

/** One entry for each address in alation.cluster.hosts of the primary. */
function replication({ shared, primary, names }: MonitorOptions, readings: number): { readonly postgres: readonly Lag[] } {
  const own = readState(shared, primary);
  const addresses = (own.conf['alation.cluster.hosts'] ?? '').split(/[, ]+/).filter((address) => address !== '');
  const fault = (kind: string): string | undefined => recall(join(shared, 'faults', primary), kind);
  return {
    postgres: addresses.map((host) => {
      const name = names.get(host);
      const runs = own.mode === 'master' && name !== undefined && replicates(shared, name) && fault('lag-unknown') === undefined;
      const step = fault('lag-grows');
      const lag = step === undefined ? Math.max(128, FIRST_LAG >> readings) : FIRST_LAG + Number(step) * readings;
      return { host, byte_lag: runs ? lag : 'unknown' };
    }),
  };
}

function replicates(shared: string, name: string): boolean {
  if (!existsSync(join(shared, 'state', name))) return false;
  const state = readState(shared, name);
  return state.mode === 'slave' && state.services === 'running' && state.postgres === 'replicating';
}
