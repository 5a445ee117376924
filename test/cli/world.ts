/** A CLI with folders of its own, an answer prepared for every question, and what it said. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCli } from '../../src/cli/main.ts';
import type { CliWorld } from '../../src/cli/world.ts';

export type Cli = {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** What a person at the keyboard says. */
  answer: boolean;
  /** What they type, line by line; a function is given everything that was said until then. */
  typed: (string | ((out: string) => string))[];
  write(path: string, text: string): string;
  run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string; readonly asked: number }>;
  close(): void;
};

export function createCli(extra: Partial<CliWorld> = {}): Cli {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-cli-'));
  const env = {
    KEYTURN_PROCEDURES: join(folder, 'procedures'),
    KEYTURN_CLUSTERS: join(folder, 'clusters'),
    KEYTURN_DATA: join(folder, 'data'),
  };
  const cli: Cli = {
    folder,
    env,
    answer: false,
    typed: [],
    write(path, text) {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
      return full;
    },
    async run(...args) {
      const said: Record<'out' | 'err', string[]> = { out: [], err: [] };
      let asked = 0;
      const ask = async (): Promise<boolean> => {
        asked += 1;
        return cli.answer;
      };
      const type = async (question: string): Promise<string | undefined> => {
        said.out.push(question);
        const line = cli.typed.shift();
        return typeof line === 'function' ? line(said.out.join('\n')) : line;
      };
      const say = (line: string) => void said.out.push(line);
      const complain = (line: string) => void said.err.push(line);
      const print = async (piece: string) => say(piece);
      const world: CliWorld = { env: cli.env, say, complain, print, ask, type, ...extra };
      const code = await runCli(args, world);
      return { code, out: said.out.join('\n'), err: said.err.join('\n'), asked };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
  cli.write('procedures/shop/look.yaml', PROCEDURE);
  mkdirSync(join(folder, 'clusters'));
  return cli;
}

const PROCEDURE = `procedure: look
product: shop
title: Look at every host
params: {}
steps:
  - id: S1
    title: Say the name of the host
    on: each web
    run: hostname
    timeout: 10s
`;

/** A cluster file for one host on loopback. */
export function clusterFile(name: string, port: number, more = ''): string {
  return `cluster: ${name}
product: shop
title: A shop
hosts:
  - { name: web-1, address: 127.0.0.1, port: ${port}, roles: [web], user: ${process.env.USER ?? 'root'}${more} }
may:
  start: [U0DANA0001]
  approve: [U0SAM00001]
channels: []
announce: []
`;
}
