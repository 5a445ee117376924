/** A sandbox AMP pair of a test's own, and what a login on its hosts does: scripts, and requests by the real curl over real HTTPS. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AmpPair, createAmpPair } from '../../infra/sandbox/hosts/amp/amp.ts';
import type { AmpOptions } from '../../infra/sandbox/hosts/amp/place.ts';
import type { Entry } from '../../infra/sandbox/hosts/log.ts';
import type { SandboxHost } from '../../infra/sandbox/hosts/product.ts';
import { endOf, type Ssh } from './ssh-command.ts';

export const QUICK = { heartbeatMs: 100, timeoutMs: 2_000, startMs: 50 } as const;
/** What a loaded machine may need on top of what the sandbox is told to take. */
export const MARGIN_MS = 4_000;
export const INSIST = ['Brooklyn-Allow-Non-Master-Access: true'];

export type Answer = { readonly status: number; readonly text: string };

export type States = {
  readonly ownId: string;
  readonly masterId: string | null;
  readonly nodes: Readonly<Record<string, { readonly status: string; readonly nodeUri: string; readonly remoteTimestamp: number }>>;
};

export type AmpHelp = {
  /** Lays out a pair without starting it. */
  layOut(options?: AmpOptions): AmpPair;
  /** Lays out a pair and sets it up: amp-01 is MASTER, the others are STANDBY. */
  begin(options?: AmpOptions): Promise<AmpPair>;
  host(name: string): SandboxHost;
  /** Runs a script as a login on that host has it. */
  on(name: string, script: string, extra?: Readonly<Record<string, string>>): Promise<Ssh>;
  /** A GET, or a POST where there is a form. */
  ask(name: string, path: string, form?: string, headers?: readonly string[]): Promise<Answer>;
  states(name: string): Promise<States>;
  /** The answer of `GET …/ha/state`, with its quotation marks. */
  stateBy(name: string): Promise<string>;
  verdicts(): string[];
  noted(name: string, words: RegExp): Promise<Entry>;
  /** The id of that host's node; empty where no server runs. */
  idOf(name: string): string;
  /** Asks again and again, for what a server shows in an answer and nowhere else. */
  until<T>(read: () => Promise<T>, wanted: T): Promise<void>;
  timed(work: () => Promise<unknown>): Promise<number>;
};

/** Ends the pair after each test, and proves that no server is left. */
export function useAmpPair(): AmpHelp {
  let pair: AmpPair | undefined;
  const own = (): AmpPair => {
    if (pair === undefined) throw new Error('The test has no pair yet.');
    return pair;
  };
  afterEach(async () => {
    if (pair === undefined) return;
    await pair.close();
    expect(pair.processes()).toEqual([]);
    rmSync(pair.dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const layOut = (options: AmpOptions = {}): AmpPair => {
    pair = createAmpPair(mkdtempSync(join(tmpdir(), 'keyturn-amp-')), { ...QUICK, ...options });
    return pair;
  };
  const begin = async (options: AmpOptions = {}): Promise<AmpPair> => {
    const made = layOut(options);
    await made.setUp();
    return made;
  };
  const on: AmpHelp['on'] = (name, script, extra = {}) => runOn(own(), name, script, extra);
  const ask: AmpHelp['ask'] = (name, path, form, headers = []) => askServer(own(), name, path, { form, headers });
  return {
    layOut,
    begin,
    host: (name) => hostOf(own(), name),
    on,
    ask,
    states: async (name) => JSON.parse((await ask(name, '/v1/server/ha/states')).text),
    stateBy: async (name) => (await ask(name, '/v1/server/ha/state')).text,
    verdicts: () =>
      own()
        .violations()
        .map(({ verdict }) => verdict),
    noted: (name, words) => own().waitForLog((entry) => entry.host === name && words.test(entry.verdict)),
    idOf: (name) => own().nodeIds()[name] ?? '',
    until,
    timed,
  };
}

function hostOf(pair: AmpPair, name: string): SandboxHost {
  const found = pair.hosts.find((host) => host.name === name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

/** The cluster's variables first, the host's own over them, and the secrets: in capital letters, in the environment. */
function runOn(pair: AmpPair, name: string, script: string, extra: Readonly<Record<string, string>>): Promise<Ssh> {
  const { home, variables } = hostOf(pair, name);
  const named = Object.entries({ ...pair.variables, ...variables, ...pair.secrets }).map(([key, value]) => [key.toUpperCase(), value]);
  const env = { HOME: home, ...pair.env, ...Object.fromEntries(named), ...extra };
  return endOf(spawn('/bin/sh', ['-c', script], { cwd: home, env }));
}

export type Request = { readonly form: string | undefined; readonly headers: readonly string[] };

/** The password comes by curl's standard input, so that no process list shows it. */
export async function askServer(pair: AmpPair, name: string, path: string, { form, headers }: Request): Promise<Answer> {
  const words = [...headers.flatMap((header) => ['-H', header]), ...(form === undefined ? [] : ['--data', form])];
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const login = `printf 'user = "%s:%s"\\n' "$AMP_USER" "$AMP_PASSWORD"`;
  const script = `${login} | curl -k -sS --config - -w '\\n%{http_code}' ${quoted} "$AMP_URL${path}"`;
  const { code, stdout, stderr } = await runOn(pair, name, script, {});
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), text: stdout.slice(0, at) };
}

async function until<T>(read: () => Promise<T>, wanted: T): Promise<void> {
  const end = Date.now() + MARGIN_MS;
  for (let seen = await read(); seen !== wanted; seen = await read()) {
    if (Date.now() > end) throw new Error(`Still ${JSON.stringify(seen)} and not ${JSON.stringify(wanted)} after ${MARGIN_MS} ms.`);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = Date.now();
  await work();
  return Date.now() - before;
}
